"""Runs the history models on hand-made days: by dbt, or in memory as dbt's materialization does it.

In memory it is the SQL that dbt compiles once the tables are there; whole months are deleted and
inserted. What stands above the models is written by hand for each day.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from dbt.cli.main import dbtRunner

from orchestration.paths import Project
from orchestration.runs.observed_days import let_stand, standing_days
from tests.dbt.dbt_in_process import opened_between_calls
from tests.properties.history_world import SEGMENT_TYPES, Day

# In the order in which they are built.
HISTORY = ("segment_days", "profile_activity_log", "segment_change_log", "segment_month_ends")

_ABOVE = {
    "staging.as_of": "as_of_date date, intake_seq bigint, definition_hash varchar",
    "staging.stg_observed_days": (
        "as_of_date date, intake_seq bigint, definition_hash varchar, cut_points_date date,"
        " profile_count bigint"
    ),
    "intermediate.int_anchors": "anchor_role varchar, anchor_date date",
    "intermediate.int_profile_activity": (
        "profile_id varchar, as_of_date date, last_activity_date date, activity_count bigint,"
        " net_revenue decimal(18, 4), merged_into varchar"
    ),
    "marts.customer_360": "profile_id varchar",
    "marts.segment_memberships": (
        "profile_id varchar, as_of_date date, segment_type varchar, segment_code varchar"
    ),
    "config.segment_types": (
        "segment_type varchar, is_exclusive boolean, is_cut_at_quantiles boolean"
    ),
}


@dataclass
class InMemory:
    """As much of `Warehouse` as reading and writing the list of days takes."""

    connection: duckdb.DuckDBPyConnection

    def has_table(self, schema: str, table: str) -> bool:
        found = self.connection.execute(
            "select 1 from duckdb_tables() where schema_name = ? and table_name = ?",
            [schema, table],
        ).fetchone()
        return found is not None

    def read_arrow(self, sql: str) -> pa.Table:
        return self.connection.execute(sql).to_arrow_table()

    def write_arrow(self, schema: str, table: str, data: pa.Table) -> None:
        self.connection.register("arriving_rows", data)
        self.connection.execute(f"create schema if not exists {schema}")
        self.connection.execute(f"create or replace table {schema}.{table} as from arriving_rows")


@dataclass(frozen=True)
class HistorySql:
    """The models' incremental SQL, and their first tables' columns."""

    queries: Mapping[str, str]
    columns: Mapping[str, str]

    def with_bug(self, model: str, old: str, new: str) -> HistorySql:
        """The same with a text replaced. A text that isn't there is an error."""
        sql = " ".join(self.queries[model].split())
        if old not in sql:
            raise ValueError(f"{model} has no '{old}'")
        return replace(self, queries={**self.queries, model: sql.replace(old, new)})


@dataclass
class History:
    """The history of one world."""

    sql: HistorySql
    connection: duckdb.DuckDBPyConnection

    def observe(self, day: Day, *, models: int = len(HISTORY), stands: bool = True) -> None:
        """Run a day.

        Args:
            day: the day.
            models: how many of the models are built before the run is killed.
            stands: whether its tests pass.
        """
        warehouse = InMemory(self.connection)
        standing_days(warehouse)
        write_day(self.connection, day)
        for model in HISTORY[:models]:
            self._build(model)
        if stands and models == len(HISTORY):
            let_stand(warehouse, day.date)

    def rows(self, table: str, columns: str = "*", where: str = "true") -> Counter:
        """Rows of a history table, each with how often it is there."""
        return Counter(
            self.connection.execute(
                f"select {columns} from history.{table} where {where}"
            ).fetchall()
        )

    def standing(self) -> list:
        """The days that stand."""
        return [day.as_of_date for day in standing_days(InMemory(self.connection))]

    def _build(self, model: str) -> None:
        table = f"history.{model}"
        self.connection.execute(f"create or replace temp table built as {self.sql.queries[model]}")
        if model == "segment_days":
            self.connection.execute(f"create or replace table {table} as from temp.built")
            return
        self.connection.execute("begin")
        self.connection.execute(
            f"delete from {table} where change_month in (select change_month from temp.built)"
        )
        self.connection.execute(f"insert into {table} from temp.built")
        self.connection.execute("commit")


@contextmanager
def new_history(sql: HistorySql) -> Iterator[History]:
    """A world without a day."""
    with closing(duckdb.connect()) as connection:
        # The models name the database by its file's stem.
        connection.execute("attach ':memory:' as build")
        connection.execute("use build")
        _create_above(connection)
        connection.execute("create schema history")
        for model, columns in sql.columns.items():
            connection.execute(f"create table history.{model} ({columns})")
        yield History(sql, connection)


@dataclass
class DbtHistory:
    """The history models, run by dbt itself on a database in a folder."""

    folder: Path
    manifest: Any = None

    @property
    def database(self) -> Path:
        return self.folder / "build.duckdb"

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with opened_between_calls(self.database) as opened:
            yield opened

    def begin(self) -> None:
        """A world without a day."""
        with self.connect() as connection:
            for schema in ("history", "control"):
                connection.execute(f"drop schema if exists {schema} cascade")
            _create_above(connection)

    def observe(self, day: Day) -> None:
        """Run a day whose tests pass."""
        with self.connect() as connection:
            standing_days(InMemory(connection))
            write_day(connection, day)
        self.call("run")
        with self.connect() as connection:
            let_stand(InMemory(connection), day.date)

    def call(self, command: str) -> None:
        """A dbt command on the history models, without what the shell has set."""
        if self.manifest is None:
            self.manifest = self._invoke(["parse"])
        self._invoke([command, "--selector", "history"])

    def compiled(self) -> HistorySql:
        """What dbt would run the next time, once all tables are there."""
        self.begin()
        self.call("run")
        self.call("compile")
        models = self.folder / "target" / "compiled" / "strata" / "models" / "history"
        queries = {path.stem: path.read_text(encoding="utf-8") for path in models.rglob("*.sql")}
        with self.connect() as connection:
            columns = {model: _columns(connection, model) for model in HISTORY}
        return HistorySql(queries, columns)

    def _invoke(self, arguments: list[str]) -> Any:
        project = Project.here()
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("STRATA_", "DBT_"))]:
                patch.delenv(name)
            patch.setenv("STRATA_BUILD_DB", str(self.database))
            result = dbtRunner(manifest=self.manifest).invoke(
                [
                    *("--quiet", "--no-use-colors", *arguments),
                    *("--project-dir", str(project.dbt_project)),
                    *("--profiles-dir", str(project.profiles)),
                    *("--target", "duckdb", "--target-path", str(self.folder / "target")),
                    *("--log-path", str(self.folder / "logs")),
                ]
            )
        assert result.success, result.exception or [node.message for node in result.result]
        return result.result


def write_day(connection: duckdb.DuckDBPyConnection, day: Day) -> None:
    """What stands above history on a day, with the days that stand before it runs."""
    people = {name: each for name, each in day.profiles.items() if each.merged_into is None}
    rows: dict[str, list[tuple[Any, ...]]] = {
        "staging.as_of": [(day.date, day.intake_seq, day.definition_hash)],
        "intermediate.int_anchors": [("as_of", day.date), ("cut_points", day.cut_points_date)],
        "intermediate.int_profile_activity": [
            (name, day.date, *each.known) for name, each in day.profiles.items()
        ],
        "marts.customer_360": [(name,) for name in people],
        "marts.segment_memberships": [
            (name, day.date, segment_type, segment)
            for name, each in people.items()
            for segment_type, segment in each.segments.items()
        ],
    }
    for table, values in rows.items():
        connection.execute(f"delete from {table}")
        if values:
            marks = ", ".join("?" for _ in values[0])
            connection.executemany(f"insert into {table} values ({marks})", values)
    connection.execute(
        "create or replace table staging.stg_observed_days as from control.observed_days"
    )


def _create_above(connection: duckdb.DuckDBPyConnection) -> None:
    for name, columns in _ABOVE.items():
        connection.execute(f"create schema if not exists {name.split('.')[0]}")
        connection.execute(f"create or replace table {name} ({columns})")
    connection.executemany(
        "insert into config.segment_types values (?, true, ?)", list(SEGMENT_TYPES.items())
    )


def _columns(connection: duckdb.DuckDBPyConnection, model: str) -> str:
    described = connection.execute(f"describe history.{model}").fetchall()
    return ", ".join(f"{name} {data_type}" for name, data_type, *_ in described)
