"""The least that any tool must do with a shop's files: read every column once and group by person.

    python -m benchmarks.bare_limit --landing shop/landing

One DuckDB connection, with the memory and threads that the product has. Nothing is checked, sorted,
joined or written. Each column goes into an aggregate and each aggregate into the one number that is
returned, so that no column may be left unread.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

from benchmarks.measured_process import tell_cost
from orchestration.paths import Project
from orchestration.settings.settings_loader import load_configuration
from orchestration.warehouse.duckdb_warehouse import literal, quoted

# Whose row it is: the first of these that has a value. A table without any goes by order, or else
# by its first column.
PERSON_COLUMNS = ("customer_id", "email", "email_hash", "anonymous_id")
_NEXT_BEST = ("order_id",)
_READERS = {
    ".parquet": "read_parquet({files}, union_by_name = true)",
    ".csv": "read_csv({files}, all_varchar = true, header = true, union_by_name = true)",
}


def landing_tables(landing: Path) -> dict[str, list[Path]]:
    """Files by table, as a landing folder has them: a subfolder per table.

    Raises:
        ValueError: a file that is neither CSV nor Parquet, or a table of both.
    """
    tables = {}
    for folder in sorted(path for path in landing.iterdir() if path.is_dir()):
        files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        suffixes = {path.suffix for path in files}
        if len(suffixes) > 1 or not suffixes <= set(_READERS):
            raise ValueError(f"{folder}: expected CSV or Parquet files, found {sorted(suffixes)}")
        if files:
            tables[folder.name] = files
    return tables


def read_all_sql(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> str:
    """The query that reads all columns of a table's files and returns rows, people, one number."""
    listed = "[" + ", ".join(literal(str(path)) for path in files) + "]"
    relation = _READERS[files[0].suffix].format(files=listed)
    columns = [row[0] for row in connection.execute(f"describe from {relation}").fetchall()]
    person = [name for name in PERSON_COLUMNS if name in columns] or [
        name for name in (*_NEXT_BEST, *columns) if name in columns
    ][:1]
    keys = ", ".join(f"nullif({quoted(name)}, '')" for name in person)
    # A hash of each value is the cheapest that takes in the whole of it.
    aggregates = ", ".join(
        f"bit_xor(hash({quoted(name)})) as digest_{place}" for place, name in enumerate(columns)
    )
    digests = ", ".join(f"digest_{place}" for place in range(len(columns)))
    return f"""
        with people as (
            select coalesce({keys}) as person, count(*) as row_count, {aggregates}
            from {relation}
            group by person
        )
        select sum(row_count), count(*), bit_xor(hash(person, row_count, {digests})) from people
    """


def read_all(
    landing: Path, *, memory_limit: str, threads: int, spill: Path
) -> dict[str, tuple[int, int, int]]:
    """Read a landing folder; by table its rows, its people, and the number that all values make."""
    config: dict[str, str | int] = {
        "memory_limit": memory_limit,
        "threads": threads,
        "temp_directory": str(spill),
    }
    found = {}
    with duckdb.connect(config=config) as connection:
        connection.execute("set enable_progress_bar = false")
        for table, files in landing_tables(landing).items():
            [(rows, people, digest)] = connection.execute(
                read_all_sql(connection, files)
            ).fetchall()
            found[table] = (int(rows or 0), people, digest)
    return found


def main() -> None:
    """Read, and print what it took as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--landing", type=Path, required=True)
    asked = parser.parse_args()
    settings = load_configuration(Project.here()).settings
    with tempfile.TemporaryDirectory() as spill:
        tell_cost(
            lambda: read_all(
                asked.landing,
                memory_limit=settings.memory_limit,
                threads=settings.threads,
                spill=Path(spill),
            )
        )


if __name__ == "__main__":
    main()
