"""Write the demo shop's tables: a folder per table, a file per month where dated.

CSV, but for events and messages, which are many: Parquet, of text as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import duckdb

from orchestration.demo_shop.shop_calendar import history_months


def write_landing(
    connection: duckdb.DuckDBPyConnection,
    landing: Path,
    tables: Iterable[str],
    monthly_tables: Collection[str],
) -> list[Path]:
    """Write tables as CSV, the monthly ones a file per month even where the month is empty.

    The file names depend on nothing that is drawn, so a shop replaces any other in the folder.

    Returns:
        the files, in a fixed order.
    """
    files = []
    for table in tables:
        if table not in monthly_tables:
            files.append(landing / table / f"{table}.csv")
            _write(connection, f"select * from {table} order by all", files[-1])
            continue
        for month in history_months():
            files.append(landing / table / f"{table}_{month}.csv")
            _write(
                connection,
                f"select * exclude (file_month) from {table} where file_month = '{month}' "
                "order by all",
                files[-1],
            )
    return files


def write_truth(
    connection: duckdb.DuckDBPyConnection, truth: Path, tables: Sequence[str]
) -> list[Path]:
    """Write the truth tables, one file each."""
    files = [truth / f"{table}.csv" for table in tables]
    for table, file in zip(tables, files, strict=True):
        _write(connection, f"select * from {table} order by all", file)
    return files


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write one file of a query's rows in their order."""
    _write(connection, query, file, "format parquet, compression snappy")


def _write(
    connection: duckdb.DuckDBPyConnection, query: str, file: Path, how: str = "format csv, header"
) -> None:
    """A reader of the folder sees the whole file or none: it gets its name when it is done."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.part")
    connection.execute(
        f"copy ({query}) to '{str(unfinished).replace(chr(39), chr(39) * 2)}' ({how})"
    )
    unfinished.replace(file)
