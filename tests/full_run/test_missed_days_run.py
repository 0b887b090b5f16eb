"""Days that were missed are made up for by themselves; a day that is done is not begun again."""

import datetime as dt
import json
import subprocess
import sys

import pytest

from orchestration.paths import Home, Project
from orchestration.publishing.content_digest import digest_of
from orchestration.runs.missing_days import last_due_day
from orchestration.settings.settings_loader import load_configuration
from tests.full_run.strata_command import environment, strata
from tests.properties.landed_world import write_files
from tests.properties.random_shop import random_world

# They tell of days that were built before: a home with one day knows of none.
FROM_HISTORY = frozenset({"segment_changes", "segment_migration", "published_set"})


def automation(home, *arguments, **more):
    """What the schedule or the sensor does in a home."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.full_run.automation_process", *arguments],
        cwd=Project.here().root,
        env=environment(STRATA_HOME=str(home.root), DAGSTER_HOME=str(home.dagster), **more),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    return json.loads(finished.stdout)


def test_a_schedule_whose_hour_is_edited_asks_for_the_same_run_of_the_day(demo):
    home, _ = demo
    # A run key is begun once, whatever instant of the day it is asked for at.
    hours = ["2026-06-30T05:00:00+00:00", "2026-06-30T05:01:00+00:00", "2026-06-30T23:30:00+00:00"]
    asked = automation(home, "schedule", *hours, "2026-07-01T05:00:00+00:00")
    assert asked == [
        *[{"run_key": "2026-06-29", "partition": "2026-06-29"}] * 3,
        {"run_key": "2026-06-30", "partition": "2026-06-30"},
    ]


@pytest.mark.long
def test_ten_missed_days_are_built_by_themselves_and_only_the_last_is_published(tmp_path):
    # The schedule's time has just been, so that no other day falls due on the way.
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    begun = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    lines = [f'schedule_time: "{begun:%H:%M}"', "max_reject_share: 1", "rfm_min_customers: 5"]
    (overlay / "strata.yml").write_text("\n".join(lines), encoding="utf-8")
    settings = load_configuration(Project.here()).settings.model_copy(
        update={"schedule_time": f"{begun:%H:%M}"}
    )
    last = last_due_day(settings)
    days = [last - dt.timedelta(days=number) for number in range(10, -1, -1)]
    write_files(random_world(20, people=30, as_of_date=last), tmp_path / "landing")

    def run(home, day):
        strata(
            *("run", "--landing", tmp_path / "landing", "--home", home.root, "--as-of", day),
            STRATA_CONFIG=str(overlay),
        )

    home = Home(tmp_path / "home")
    run(home, days[0])
    first_set = str(home.published_db.readlink())
    done = automation(home, "catch_up", STRATA_CONFIG=str(overlay))

    assert [day["day"] for day in done] == [day.isoformat() for day in days[1:]]
    assert [day["publish"] for day in done] == [False] * 9 + [True]
    assert all(day["succeeded"] for day in done)
    assert [day["readers_get"] for day in done[:-1]] == [first_set] * 9
    assert done[-1]["readers_get"] != first_set

    at_once = Home(tmp_path / "at_once")
    run(at_once, last)
    found, expected = (
        digest_of(home.published_db.resolve()),
        digest_of(at_once.published_db.resolve()),
    )
    assert found.keys() == expected.keys() >= FROM_HISTORY
    assert [name for name in found.keys() - FROM_HISTORY if found[name] != expected[name]] == []
