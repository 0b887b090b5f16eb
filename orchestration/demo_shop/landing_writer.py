"""Write the demo shop's tables as CSV files: a folder per table, a file per month where dated."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.demo_shop.demo_tables import MONTHLY_TABLES, TABLES
from orchestration.demo_shop.demo_truth import TRUTH_TABLES
from orchestration.demo_shop.shop_calendar import history_months


def write_landing(connection: duckdb.DuckDBPyConnection, landing: Path) -> list[Path]:
    """Write every contract table, a file per month even where the month is empty.

    The file names depend on nothing that is drawn, so a shop replaces any other in the folder.

    Returns:
        the files, in a fixed order.
    """
    files = []
    for table in TABLES:
        if table not in MONTHLY_TABLES:
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


def write_truth(connection: duckdb.DuckDBPyConnection, truth: Path) -> list[Path]:
    """Write the truth tables, one file each."""
    files = [truth / f"{table}.csv" for table in TRUTH_TABLES]
    for table, file in zip(TRUTH_TABLES, files, strict=True):
        _write(connection, f"select * from {table} order by all", file)
    return files


def _write(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """A reader of the folder sees the whole file or none: it gets its name when it is done."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.part")
    connection.execute(
        f"copy ({query}) to '{str(unfinished).replace(chr(39), chr(39) * 2)}' (format csv, header)"
    )
    unfinished.replace(file)
