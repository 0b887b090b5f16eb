"""Days built one by one by dbt, with what has come by then, end in what one build makes."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest
from dbt_in_process import DbtProject, environment_of
from small_shop import DBT_VARS

from orchestration.publishing.content_digest import digest_in
from tests.properties.random_shop import random_world
from tests.properties.world_build import File, World, formula_scores, write_world

LAST_DAY = dt.date(2024, 6, 30)
SCHEMAS = ("staging", "intermediate", "marts")
# They tell of days that were built before: here one build knows of none.
FROM_HISTORY = frozenset({"segment_changes", "segment_migration"})
# It holds what has arrived since the build before.
OF_THE_LAST_BUILD = frozenset({"int_event_copies"})


def in_daily_files(world: World, days: int) -> list[World]:
    """The world as it stands on each of the last days: rows come in day by day, some late.

    The last of them is the whole world, so that what is late has come by then.
    """
    chance = random.Random(days)
    arriving: list[list[File]] = [[] for _ in range(days)]
    for file in world.files:
        parts: list[list] = [[] for _ in range(days)]
        for row in file.rows:
            moments = [value for value in row.values() if isinstance(value, dt.datetime)]
            day = max(moments).date() if moments else dt.date.min
            known = max(0, days - 1 - (world.as_of_date - day).days)
            late = chance.choice((0, 0, 0, 1, 5))
            parts[min(known + late, days - 1)].append(row)
        for place, rows in enumerate(parts):
            arriving[place].append(File(file.input_name, tuple(rows)))
    so_far: list[File] = []
    stages = []
    for place, files in enumerate(arriving):
        so_far = [*so_far, *files]
        day = world.as_of_date - dt.timedelta(days=days - 1 - place)
        stages.append(World(day, tuple(so_far), loaded_at=world.loaded_at))
    return stages


def build_day(dbt_project, world: World) -> None:
    """What a run does with dbt: raw and the day, the first call, predictions, the second call."""
    with dbt_project.connect() as connection:
        write_world(connection, world)
    dbt_project.build_upon("foundation")
    with dbt_project.connect() as connection:
        formula_scores(connection, world.fit_date)
    dbt_project.build_upon("segments")


def built_in_turn(
    dbt_project: DbtProject, folder: Path, stages: list[World]
) -> dict[str, dict[str, str]]:
    """Digests after a build of each stage on a new database."""
    folder.mkdir()
    with environment_of(folder):
        new = DbtProject(folder, dbt_project.project, DBT_VARS, dbt_project.manifests)
        for stage in stages:
            build_day(new, stage)
        with new.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            found = {schema: digest_in(connection, schema) for schema in SCHEMAS}
    assert found["marts"].keys() >= FROM_HISTORY
    return {
        schema: {
            table: digest
            for table, digest in tables.items()
            if table not in FROM_HISTORY | OF_THE_LAST_BUILD
        }
        for schema, tables in found.items()
    }


@pytest.mark.parametrize("days", [2, pytest.param(30, marks=pytest.mark.long)])
def test_daily_builds_end_in_what_one_build_of_the_last_day_makes(dbt_project, tmp_path, days):
    world = random_world(20, people=30, as_of_date=LAST_DAY, by_arrival=False, with_visits=True)
    stages = in_daily_files(world, days)
    daily = built_in_turn(dbt_project, tmp_path / "daily", stages)
    assert daily == built_in_turn(dbt_project, tmp_path / "at_once", stages[-1:])
