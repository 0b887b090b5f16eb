"""A landing folder cut at a day: what had arrived by its end, and what came the day after.

Both halves together have the rows of the whole, each once. A file without later rows is copied as
it is; the others are written anew in a stream, so that size costs time and no memory.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from benchmarks.bare_limit import landing_tables
from orchestration.warehouse.duckdb_warehouse import literal, quoted

# The halves, in the folder that they are written to.
UNTIL_DAY, DAY_AFTER = "until_day", "day_after"
# When a row was delivered, by table: the first of these with a value. A table that is not here
# has no time and is there from the beginning.
ARRIVAL_COLUMNS = {
    "consents": ("recorded_at", "effective_at"),
    "customer_traits": ("recorded_at",),
    "customers": ("updated_at", "created_at"),
    "erasure_requests": ("requested_at",),
    "events": ("received_at", "occurred_at"),
    "experiment_assignments": ("assigned_at",),
    "feedback": ("submitted_at",),
    "fx_rates": ("rate_date",),
    "marketing_spend": ("spend_date",),
    "messages": ("occurred_at",),
    "orders": ("updated_at", "ordered_at"),
    "refunds": ("refunded_at",),
    "subscriptions": ("started_at",),
}
# Dirt is stamped with years to come; it is not what the next day brings.
_LONGEST_LATER = dt.timedelta(days=31)
_MEMORY_LIMIT = "4GB"
_FORMATS = {".csv": "format csv, header", ".parquet": "format parquet, compression snappy"}
# What is quoted and empty is a text of no letters, not a null: the halves keep the difference.
_READERS = {
    ".csv": (
        "read_csv({files}, all_varchar = true, header = true, union_by_name = true,"
        " allow_quoted_nulls = false)"
    ),
    ".parquet": "read_parquet({files}, union_by_name = true)",
}


@dataclass(slots=True)
class SplitLanding:
    """Where the halves are, and rows by table in each."""

    until_day: Path
    day_after: Path
    first_rows: Counter[str] = field(default_factory=Counter)
    later_rows: Counter[str] = field(default_factory=Counter)


def split_landing(landing: Path, target: Path, day: dt.date) -> SplitLanding:
    """Write both halves of a landing folder; the folder itself is only read.

    A time that is none, or years ahead, puts its row into the first half. Days are days of UTC, as
    the demo shop's are.

    Args:
        landing: a subfolder per table, of CSV or Parquet files.
        target: gets the folders `UNTIL_DAY` and `DAY_AFTER`, which are landing folders too.
        day: the last day of the first half.
    """
    split = SplitLanding(target / UNTIL_DAY, target / DAY_AFTER)
    config = {"memory_limit": _MEMORY_LIMIT, "temp_directory": str(target / "spill")}
    tables = landing_tables(landing)
    with duckdb.connect(config=config) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute("create table later_orders (order_id varchar)")
        if "orders" in tables:
            _find_later_orders(connection, tables["orders"], day)
        for table, files in tables.items():
            for file in files:
                _split_file(connection, table, file, split, day)
    shutil.rmtree(target / "spill", ignore_errors=True)
    return split


def _split_file(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    file: Path,
    split: SplitLanding,
    day: dt.date,
) -> None:
    """Write one file's halves, and count their rows."""
    relation = _relation([file])
    is_later = _is_later(table, _columns(connection, relation), day) or "false"
    [(rows, later)] = connection.execute(
        f"select count(*), count(*) filter ({is_later}) from {relation}"
    ).fetchall()
    split.first_rows[table] += rows - later
    split.later_rows[table] += later
    first_half = split.until_day / table / file.name
    first_half.parent.mkdir(parents=True, exist_ok=True)
    if not later:
        shutil.copyfile(file, first_half)
        return
    # A name of its own: the same name with other rows would be a second delivery of the file.
    second_half = split.day_after / table / f"{file.stem}_later{file.suffix}"
    second_half.parent.mkdir(parents=True, exist_ok=True)
    for half, condition in ((first_half, f"not ({is_later})"), (second_half, is_later)):
        connection.execute(
            f"copy (from {relation} where {condition}) to {literal(str(half))}"
            f" ({_FORMATS[file.suffix]})"
        )


def _is_later(table: str, columns: list[str], day: dt.date) -> str | None:
    """The condition for a row of the second half, never null; None where there can be none."""
    if table == "order_items" and "order_id" in columns:
        return "order_id is not null and order_id in (select order_id from later_orders)"
    arrival = [quoted(name) for name in ARRIVAL_COLUMNS.get(table, ()) if name in columns]
    if not arrival:
        return None
    arrived_on = ", ".join(f"try_cast(left({name}, 10) as date)" for name in arrival)
    last = day + _LONGEST_LATER
    return f"coalesce(coalesce({arrived_on}) between date '{day}' + 1 and date '{last}', false)"


def _find_later_orders(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], day: dt.date
) -> None:
    """Orders of which no version had arrived: their items come with them."""
    relation = _relation(files)
    is_later = _is_later("orders", _columns(connection, relation), day)
    if is_later:
        connection.execute(
            f"insert into later_orders select order_id from {relation}"
            f" where order_id is not null group by order_id having bool_and({is_later})"
        )


def _relation(files: Sequence[Path]) -> str:
    listed = ", ".join(literal(str(file)) for file in files)
    return _READERS[files[0].suffix].format(files=f"[{listed}]")


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    return [row[0] for row in connection.execute(f"describe from {relation}").fetchall()]
