"""A random world as files in a landing folder, taken in by the real intake, built in memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.intake.raw_files.raw_views import register_raw
from orchestration.intake.take_in import IntakeReport, take_in
from orchestration.paths import Home, Project
from tests.dbt.contract_rows import CONTROL_TABLES
from tests.properties.compiled_project import Compiled
from tests.properties.world_build import Built, File, World, build_tables, memory_database

LAST_SEQ = 2**62


def write_files(world: World, landing: Path) -> list[Path]:
    """Each file of the world as CSV, its name in its place in the order of arrival."""
    return [
        _write_file(landing, f"{place:03}", file, world) for place, file in enumerate(world.files)
    ]


def take_files(home: Home, landing: Path) -> IntakeReport:
    """Take in what is new."""
    return take_in(
        home,
        landing,
        map_path=None,
        guest_ids=Project.here().config_tables / "guest_ids.csv",
        blocked_identifiers=Project.here().config_tables / "blocked_identifiers.csv",
        max_file_bytes=50_000_000,
        memory_limit="1GB",
    )


@contextmanager
def build_home(compiled: Compiled, home: Home, world: World) -> Iterator[Built]:
    """All tables from what the home's intake left, as of the world's day."""
    with memory_database() as connection:
        register_raw(connection, home, LAST_SEQ)
        connection.execute(
            "create table control.as_of as select ?::date as as_of_date, ?::bigint as intake_seq,"
            " ?::date as clv_fit_date, 'definition' as definition_hash",
            [world.as_of_date, LAST_SEQ, world.fit_date],
        )
        connection.execute(
            f"create table control.observed_days ({CONTROL_TABLES['observed_days']})"
        )
        yield build_tables(connection, compiled, world.fit_date)


@contextmanager
def build_landed(compiled: Compiled, world: World, folder: Path) -> Iterator[Built]:
    """Files, intake and tables in a folder that has none of them yet."""
    landing, home = folder / "landing", Home(folder / "home")
    write_files(world, landing)
    take_files(home, landing)
    with build_home(compiled, home, world) as built:
        yield built


def _write_file(landing: Path, name: str, file: File, world: World) -> Path:
    path = landing / file.input_name / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    # A file without rows has the columns of its sisters.
    named = {column for row in world.rows(file.input_name) for column in row}
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, sorted(named | {"source_system", "loaded_at"}), restval="")
        writer.writeheader()
        for row in file.rows:
            writer.writerow({"source_system": "shop", "loaded_at": world.loaded_at, **row})
    return path
