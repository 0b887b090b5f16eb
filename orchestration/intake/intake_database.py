"""The DuckDB that intake reads and shapes files with: in memory, and shut in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.paths import Home
from orchestration.warehouse.duckdb_warehouse import CLOSED_TO_EXTENSIONS, literal
from orchestration.warehouse.durable_files import make_folder

_SMALL_FILE_BYTES = 16 << 20


@contextmanager
def intake_database(
    home: Home, landing: Path, scratch: Path, memory_limit: str, largest_file_bytes: int
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that can open the landing folder and the home's data, and nothing else.

    Args:
        home: whose raw and vault may be read.
        landing: what may be read.
        scratch: emptied before and after; spilled data and cleaned copies lie here.
        memory_limit: DuckDB's, as in "4GB".
        largest_file_bytes: of the files to come.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    make_folder(scratch, 0o700)
    # For small files threads cost more than they give.
    threads = {"threads": "1"} if largest_file_bytes < _SMALL_FILE_BYTES else {}
    connection = duckdb.connect(
        config={
            "memory_limit": memory_limit,
            "temp_directory": str(scratch),
            **CLOSED_TO_EXTENSIONS,
            **threads,
        }
    )
    try:
        connection.execute("set global TimeZone = 'UTC'")
        folders = (landing, home.raw, home.vault, scratch)
        listed = ", ".join(literal(f"{folder.absolute()}/") for folder in folders)
        # In this order: afterwards no folder can be added, then no setting can be changed.
        connection.execute(f"set allowed_directories = [{listed}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection
    finally:
        connection.close()
        shutil.rmtree(scratch, ignore_errors=True)
