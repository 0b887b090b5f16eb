"""A world of raw rows, built in memory: the compiled SQL runs on it as dbt would run it.

`World` holds rows as files deliver them, `build` makes all tables of them. What is in the rows is
a test's own or `random_shop`'s; what may be said of the tables is the properties'.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.paths import Project
from orchestration.predictions.clv_predictions import CountedTuples, predict_clv
from orchestration.publishing.content_digest import digest_in
from orchestration.settings.settings_loader import load_configuration
from orchestration.settings.settings_model import Settings
from orchestration.warehouse.duckdb_warehouse import literal
from tests.dbt.contract_rows import PREDICTION_TABLES, contract_columns, write_empty_world
from tests.properties.compiled_project import Compiled, Seed

Row = Mapping[str, object]

# Where a row came from, not what it says: other files with the same rows may change these.
PROVENANCE = frozenset({"arrival_seq", "file_name", "row_number"})


@dataclass(frozen=True, slots=True)
class File:
    """Rows of one input table that arrive together."""

    input_name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class World:
    """All files, in order of arrival, and the day that is built.

    Attributes:
        as_of_date: the day.
        files: the arrival sequence of a file is its place here, from 1.
        clv_fit_date: the Monday before the day where None.
        loaded_at: when a row that doesn't say it itself was loaded.
    """

    as_of_date: dt.date
    files: tuple[File, ...] = ()
    clv_fit_date: dt.date | None = None
    loaded_at: str = "2100-01-01T00:00:00Z"

    def with_file(self, input_name: str, rows: Iterable[Row]) -> World:
        """The world after one more file."""
        return replace(self, files=(*self.files, File(input_name, tuple(rows))))

    def on(self, as_of_date: dt.date) -> World:
        """The same files, seen from another day."""
        return replace(self, as_of_date=as_of_date)

    def rows(self, input_name: str) -> list[Row]:
        """All rows of an input table."""
        return [row for file in self.files if file.input_name == input_name for row in file.rows]

    def mapped(self, change: Callable[[str, Row], Row | None]) -> World:
        """The same files with each row changed; a row that becomes None is left out."""
        files = tuple(
            File(
                file.input_name,
                tuple(
                    changed
                    for row in file.rows
                    if (changed := change(file.input_name, row)) is not None
                ),
            )
            for file in self.files
        )
        return replace(self, files=files)

    @property
    def fit_date(self) -> dt.date:
        """The day that CLV models are fitted as of."""
        day = self.as_of_date
        return self.clv_fit_date or day - dt.timedelta(days=day.weekday())


def world_of(as_of_date: dt.date, **rows_by_input: Iterable[Row]) -> World:
    """A world with one file an input table: `world_of(day, orders=[...], refunds=[...])`."""
    files = (File(name, tuple(rows)) for name, rows in rows_by_input.items())
    return World(as_of_date, tuple(files))


@dataclass(frozen=True, slots=True)
class Built:
    """All tables of one world."""

    connection: duckdb.DuckDBPyConnection
    compiled: Compiled

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query; tables are named `schema.table`."""
        return self.connection.execute(sql).fetchall()

    def one(self, sql: str) -> Any:
        """The one value of a query."""
        [(value,)] = self.rows(sql)
        return value

    def tables(self, schema: str = "marts") -> list[str]:
        """Names of the tables of a schema."""
        return [model.name for model in self.compiled.models if model.schema == schema]

    def content(
        self, schema: str = "marts", without: frozenset[str] = frozenset()
    ) -> dict[str, list[tuple[Any, ...]]]:
        """Every table's rows, sorted, without some columns. For comparing: it shows differences."""
        return {table: self.table(f"{schema}.{table}", without) for table in self.tables(schema)}

    def table(
        self, name: str, without: frozenset[str] = frozenset(), where: str = "true"
    ) -> list[tuple[Any, ...]]:
        """A table's rows, sorted, without some columns."""
        found = self.connection.execute(f"select * from {name} where {where}")
        kept = [n for n, column in enumerate(found.description) if column[0] not in without]
        rows = (tuple(row[n] for n in kept) for row in found.fetchall())
        return sorted(rows, key=repr)

    def failing_data_tests(self) -> list[str]:
        """Names of the compiled data tests that would stop a run."""
        return [
            test.name
            for test in self.compiled.data_tests
            if not test.only_warns and self.one(f"select {test.fail_calc} from ({test.sql})")
        ]

    def digest(self, schema: str = "marts") -> dict[str, str]:
        """Every table's digest, as a published set has it."""
        self.connection.execute("set TimeZone = 'UTC'")
        return digest_in(self.connection, schema)


Scorer = Callable[[duckdb.DuckDBPyConnection, dt.date], None]


def no_scores(connection: duckdb.DuckDBPyConnection, fit_date: dt.date) -> None:
    """Nothing is predicted."""


def formula_scores(connection: duckdb.DuckDBPyConnection, fit_date: dt.date) -> None:
    """Each tuple's scores from its own numbers: cheap, and nobody's score depends on others."""
    connection.execute(
        """
        insert into predictions.clv_order_scores
        select
            repeat_count, first_to_last_days, age_days,
            alive, alive / 8, alive / 4, alive / 2, orders / 12, orders / 4, orders, orders * 0.9,
            'formula'
        from (
            select
                *,
                (1.0 + first_to_last_days) / (1 + abs(age_days)) as alive,
                (1.0 + repeat_count) * (30 + first_to_last_days) / (365 + abs(age_days)) as orders
            from intermediate.int_clv_scoring_order_tuples
        );
        insert into predictions.clv_spend_scores
        select order_count, mean_order_value, mean_order_value::double, 'formula'
        from intermediate.int_clv_scoring_spend_tuples;
        """
    )


def fitted_scores(connection: duckdb.DuckDBPyConnection, fit_date: dt.date) -> None:
    """What a run does: models fitted on the counted tuples."""
    counted = {
        "fit_orders": "int_clv_order_tuples",
        "fit_spend": "int_clv_spend_tuples",
        "score_orders": "int_clv_scoring_order_tuples",
        "score_spend": "int_clv_scoring_spend_tuples",
    }
    tuples = {
        name: connection.execute(f"from intermediate.{table} order by all").to_arrow_table()
        for name, table in counted.items()
    }
    predicted = predict_clv(CountedTuples(**tuples), _settings(), fit_date)
    for name, table in predicted.tables().items():
        connection.register("predicted_rows", table)
        connection.execute(f"insert into predictions.{name} by name from predicted_rows")
        connection.unregister("predicted_rows")


@contextmanager
def build(
    compiled: Compiled,
    world: World,
    *,
    scores: Scorer = formula_scores,
    threads: int = 1,
    time_zone: str | None = "UTC",
    config: Mapping[str, Sequence[Row]] | None = None,
) -> Iterator[Built]:
    """Build all tables in a database in memory that lives for one `with`.

    Args:
        compiled: the project.
        world: raw rows and the day.
        scores: what fills the tables of predictions.
        threads: DuckDB's; from two on it takes even small tables to pieces.
        time_zone: the session's; the process's where None.
        config: rows that take a config table's place.
    """
    with memory_database(threads, time_zone) as connection:
        write_world(connection, world)
        yield build_tables(connection, compiled, world.fit_date, scores, config)


@contextmanager
def memory_database(
    threads: int = 1, time_zone: str | None = "UTC"
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory."""
    with closing(duckdb.connect(config={"threads": threads})) as connection:
        if time_zone is not None:
            connection.execute(f"set TimeZone = {literal(time_zone)}")
        if threads > 1:
            connection.execute("pragma verify_parallelism")
        yield connection


def build_tables(
    connection: duckdb.DuckDBPyConnection,
    compiled: Compiled,
    fit_date: dt.date,
    scores: Scorer = formula_scores,
    config: Mapping[str, Sequence[Row]] | None = None,
) -> Built:
    """Everything that dbt and the predictions make, where raw and control are there already."""
    for schema in sorted({node.schema for node in (*compiled.seeds, *compiled.models)}):
        connection.execute(f"create schema if not exists {schema}")
    connection.execute("create schema if not exists predictions")
    for name, columns in PREDICTION_TABLES.items():
        connection.execute(f"create or replace table predictions.{name} ({columns})")
    for seed in compiled.seeds:
        _load_seed(connection, seed, (config or {}).get(seed.name))
    _run_models(connection, compiled, needs_predictions=False)
    if any(model.needs_predictions for model in compiled.models):
        scores(connection, fit_date)
    _run_models(connection, compiled, needs_predictions=True)
    return Built(connection, compiled)


def write_world(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """What intake and the run leave for dbt: raw, the deliveries, the day."""
    write_empty_world(connection, world.as_of_date, world.fit_date)
    arriving: dict[str, list[dict[str, object]]] = {}
    for arrival_seq, file in enumerate(world.files, start=1):
        arriving.setdefault(file.input_name, []).extend(_delivered(world, arrival_seq, file))
    for input_name, rows in arriving.items():
        _insert(connection, f"raw.{input_name}", raw_columns()[input_name], rows)
    _write_deliveries(connection, world)


def _run_models(
    connection: duckdb.DuckDBPyConnection, compiled: Compiled, *, needs_predictions: bool
) -> None:
    """One of the two calls: every table from its SQL, contracts enforced."""
    for model in compiled.models:
        if model.needs_predictions is not needs_predictions:
            continue
        kind = "view" if model.is_view else "table"
        if not model.contract:
            connection.execute(f"create {kind} {model.relation} as {model.sql}")
            continue
        columns = ", ".join(
            f"{name} {data_type}{' not null' if is_required else ''}"
            for name, data_type, is_required in model.contract
        )
        named = ", ".join(name for name, _, _ in model.contract)
        connection.execute(f"create table {model.relation} ({columns})")
        connection.execute(
            f"insert into {model.relation} ({named}) select {named} from ({model.sql})"
        )


def _load_seed(
    connection: duckdb.DuckDBPyConnection, seed: Seed, rows: Sequence[Row] | None = None
) -> None:
    """A config table from its CSV, or from other rows."""
    relation = f"{seed.schema}.{seed.name}"
    columns = ", ".join(f"{name} {kind}" for name, kind in seed.column_types.items())
    connection.execute(f"create table {relation} ({columns})")
    if rows is None:
        connection.execute(f"copy {relation} from {literal(str(seed.path))} (format csv, header)")
        return
    marks = ", ".join("?" for _ in seed.column_types)
    connection.executemany(
        f"insert into {relation} values ({marks})",
        [[row[name] for name in seed.column_types] for row in rows],
    )


@cache
def raw_columns() -> dict[str, list[str]]:
    """Columns of each raw table, read once."""
    return contract_columns()


@cache
def _settings() -> Settings:
    return load_configuration(Project.here()).settings


def _delivered(world: World, arrival_seq: int, file: File) -> Iterator[dict[str, object]]:
    for row_number, row in enumerate(file.rows, start=1):
        yield {
            "source_system": "shop",
            "loaded_at": world.loaded_at,
            **{name: None if value is None else str(value) for name, value in row.items()},
            "arrival_seq": arrival_seq,
            "file_name": f"{file.input_name}-{arrival_seq}.csv",
            "row_number": row_number,
        }


def _insert(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, object]],
) -> None:
    names = [*columns, *sorted(PROVENANCE)]
    unknown = {name for row in rows for name in row} - set(names)
    if unknown:
        raise ValueError(f"{relation} has no {unknown}")
    numbers = ("arrival_seq", "row_number")
    arriving = pa.table(
        {name: [row.get(name) for row in rows] for name in names},
        pa.schema([(name, pa.int64() if name in numbers else pa.string()) for name in names]),
    )
    connection.register("arriving_rows", arriving)
    connection.execute(f"insert into {relation} by name from arriving_rows")
    connection.unregister("arriving_rows")


def _write_deliveries(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    for arrival_seq, file in enumerate(world.files, start=1):
        count = len(file.rows)
        connection.execute(
            "insert into control.deliveries values (?, ?, ?, 'accepted', ?, ?, 0, 0, 0)",
            [arrival_seq, f"{file.input_name}-{arrival_seq}.csv", file.input_name, count, count],
        )
