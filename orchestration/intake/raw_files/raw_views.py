"""Raw as relations: what dbt reads in schemas `raw` and `control`, up to an arrival sequence."""

from __future__ import annotations

import datetime as dt
import hashlib
import zoneinfo
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.intake.contract import contract_tables
from orchestration.intake.identifiers.identifier_vault import parquet_relation
from orchestration.intake.intake_ledger import deliveries_until, intake_ledger, raw_files
from orchestration.intake.raw_files.raw_writer import (
    REJECTS_SCHEMA,
    REJECTS_TABLE,
    PrivateParquet,
    raw_schema,
)
from orchestration.paths import Home, Project
from orchestration.warehouse.duckdb_warehouse import literal, quoted

_DELIVERY_COLUMNS = (
    "arrival_seq",
    "file_name",
    "input_name",
    "status",
    "row_count",
    "accepted_row_count",
    "duplicate_row_count",
    "rejected_row_count",
    "erased_row_count",
)
_TEXTS = ("file_name", "input_name", "status")


def register_raw(connection: duckdb.DuckDBPyConnection, home: Home, intake_seq: int) -> None:
    """Make the relations of schemas `raw` and `control` that intake owns.

    `raw.<table>`, a view per table of the contract over exactly the files up to the sequence;
    `control.deliveries`, a row per delivery, and `control.intake_rejects`, a row per rejected row.
    Neither has a wall clock in it: the same sequence gives the same content.

    Args:
        connection: writes to the warehouse and may read the home's raw folder.
        home: whose raw.
        intake_seq: the largest arrival sequence that counts.

    Raises:
        StrataError: the ledger can't be read, or raw can't be written to.
    """
    files = files_by_table(home, intake_seq)
    connection.execute("create schema if not exists raw")
    connection.execute("create schema if not exists control")
    for table in contract_tables(Project.here().raw_sources).values():
        columns = ", ".join(quoted(name) for name in table.raw_columns)
        relation = raw_relation(home, table.name, raw_schema(table), files.get(table.name, ()))
        connection.execute(
            f"create or replace view raw.{quoted(table.name)} as select {columns} from {relation}"
        )
    rejects = raw_relation(home, REJECTS_TABLE, REJECTS_SCHEMA, files.get(REJECTS_TABLE, ()))
    connection.execute(
        f"create or replace table control.{REJECTS_TABLE} as select * from {rejects}"
        " order by arrival_seq, row_number, column_name"
    )
    _write_deliveries(connection, home, intake_seq)


def files_by_table(home: Home, intake_seq: int | None = None) -> dict[str, list[Path]]:
    """Raw files by table, and those of `intake_rejects`, in order of arrival.

    Args:
        home: whose raw.
        intake_seq: the largest arrival sequence that counts; None: all.
    """
    found: dict[str, list[Path]] = {}
    if home.ledger_db.exists():
        with intake_ledger(home) as ledger:
            for file in raw_files(ledger, intake_seq):
                found.setdefault(file.table_name, []).append(home.raw / file.path)
    return found


def raw_relation(home: Home, table_name: str, schema: pa.Schema, paths: Iterable[Path]) -> str:
    """SQL that reads raw files of one table; a column that a file lacks is null there.

    Args:
        home: whose raw.
        table_name: of the contract, or intake_rejects.
        schema: the columns that there are in any case.
        paths: the files.
    """
    listed = [_zero_rows(home, table_name, schema), *paths]
    texts = ", ".join(literal(str(path)) for path in listed)
    return f"read_parquet([{texts}], union_by_name = true)"


def last_order_day(home: Home, business_timezone: str) -> dt.date | None:
    """The shop-local day of the latest order in raw; None without orders that have a date.

    Args:
        home: whose raw.
        business_timezone: IANA name of the shop's zone.
    """
    return _order_day(home, business_timezone, "max(ordered_at)")


def first_order_day(
    home: Home, business_timezone: str, earliest_valid_date: dt.date
) -> dt.date | None:
    """The shop-local day of the earliest order in raw that isn't too old to be true, if any."""
    instant = f"timestamptz '{earliest_valid_date} 00:00:00+00'"
    return _order_day(
        home, business_timezone, f"min(ordered_at) filter (where ordered_at >= {instant})"
    )


def _order_day(home: Home, business_timezone: str, which: str) -> dt.date | None:
    paths = files_by_table(home).get("orders", [])
    if not paths:
        return None
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        # Text without an offset is UTC, which is the session's zone.
        found = connection.execute(
            f"select epoch_us({which}) from (select try_cast(ordered_at as timestamptz)"
            f" as ordered_at from {parquet_relation([str(path) for path in paths])}) as orders"
        ).fetchone()
    if found is None or found[0] is None:
        return None
    instant = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=found[0])
    return instant.astimezone(zoneinfo.ZoneInfo(business_timezone)).date()


def _zero_rows(home: Home, table_name: str, schema: pa.Schema) -> Path:
    """A file with the columns alone: it supplies a table, or a new column, that was not delivered.

    Its name has the columns' hash in it, so a changed contract makes a new one.
    """
    digest = hashlib.sha256(" ".join(schema.names).encode()).hexdigest()[:12]
    path = home.raw / table_name / f"_zero_rows-{digest}.parquet"
    if not path.exists():
        made = PrivateParquet(path.with_suffix(".new"), schema)
        made.finish()
        made.path.replace(path)
    return path


def _write_deliveries(connection: duckdb.DuckDBPyConnection, home: Home, intake_seq: int) -> None:
    rows = []
    if home.ledger_db.exists():
        with intake_ledger(home) as ledger:
            rows = deliveries_until(ledger, intake_seq)
    schema = pa.schema(
        [(name, pa.string() if name in _TEXTS else pa.int64()) for name in _DELIVERY_COLUMNS]
    )
    deliveries = pa.table(
        {name: [row[name] for row in rows] for name in _DELIVERY_COLUMNS}, schema=schema
    )
    connection.register("arriving_deliveries", deliveries)
    connection.execute("create or replace table control.deliveries as from arriving_deliveries")
    connection.unregister("arriving_deliveries")
