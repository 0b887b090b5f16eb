"""Which day is owed at which instant, and that the sensor asks for missed days in order, once."""

import datetime as dt
import itertools
import json
import os
import subprocess
import sys

import pytest

from orchestration.paths import Home, Project
from orchestration.publishing.run_ledger import begin_run, finish_run, mark_day
from orchestration.runs.missing_days import (
    OwedDay,
    day_of_new_files,
    has_just_failed,
    last_due_day,
    next_owed_day,
)
from orchestration.settings.settings_loader import load_configuration
from orchestration.warehouse.ledger import open_ledger

SETTINGS = load_configuration(Project.here()).settings.model_copy(
    update={"business_timezone": "America/New_York", "schedule_time": "05:00"}
)


def day(number):
    return dt.date(2026, 3, number)


def at(text):
    """An instant, UTC."""
    return dt.datetime.fromisoformat(f"{text}+00:00")


@pytest.fixture
def home(tmp_path):
    """A home with 1 March published."""
    home = Home(tmp_path / "home")
    mark_day(home, day(1), "published")
    return home


@pytest.mark.parametrize(
    ("now", "due"),
    [
        # 05:00 in New York is 10:00 UTC in winter and 09:00 in summer; the schedule comes first.
        ("2026-03-04 10:14:59", day(2)),
        ("2026-03-04 10:15:00", day(3)),
        ("2026-03-05 04:59:59", day(3)),
        ("2026-03-05 05:00:01", day(3)),
        ("2026-03-08 09:14:59", day(6)),
        ("2026-03-08 09:15:00", day(7)),
    ],
)
def test_a_day_is_due_after_the_schedules_time_in_the_shops_zone(now, due):
    assert last_due_day(SETTINGS, at(now)) == due


@pytest.mark.parametrize("schedule_time", ["02:30", "00:00", "23:50"])
def test_every_day_falls_due_once_also_where_clocks_change(schedule_time):
    settings = SETTINGS.model_copy(update={"schedule_time": schedule_time})
    instants = [at("2026-03-06 00:00:00") + n * dt.timedelta(minutes=5) for n in range(4 * 288)]
    due = [last_due_day(settings, instant) for instant in instants]
    assert due == sorted(due)
    assert {later - earlier for earlier, later in itertools.pairwise(due)} == {
        dt.timedelta(0),
        dt.timedelta(days=1),
    }


def test_nothing_is_owed_before_a_first_day_is_published(tmp_path):
    assert next_owed_day(Home(tmp_path / "home"), SETTINGS, at("2026-03-12 12:00:00")) is None


def test_the_oldest_missing_day_is_owed_and_only_the_newest_is_the_last(home):
    now = at("2026-03-04 12:00:00")
    assert next_owed_day(home, SETTINGS, now) == OwedDay(day(2), is_last=False)
    mark_day(home, day(2), "built")
    assert next_owed_day(home, SETTINGS, now) == OwedDay(day(3), is_last=True)
    mark_day(home, day(3), "published")
    assert next_owed_day(home, SETTINGS, now) is None


def test_a_clock_that_jumps_back_owes_nothing_twice(home):
    for number in range(2, 8):
        mark_day(home, day(number), "published")
    for now in ("2026-03-08 12:00:00", "2026-03-03 12:00:00", "2020-01-01 00:00:00"):
        assert next_owed_day(home, SETTINGS, at(now)) is None
    assert next_owed_day(home, SETTINGS, at("2026-03-09 12:00:00")) == OwedDay(day(8), is_last=True)


def test_files_that_come_under_a_clock_put_back_are_built_into_the_published_day(home):
    mark_day(home, day(8), "published")
    assert day_of_new_files(home, SETTINGS, at("2026-03-10 12:00:00")) == day(9)
    assert day_of_new_files(home, SETTINGS, at("2026-03-05 12:00:00")) == day(8)


def test_files_that_come_before_anything_is_published_are_built_into_yesterday(tmp_path):
    empty = Home(tmp_path / "home")
    assert day_of_new_files(empty, SETTINGS, at("2026-03-10 12:00:00")) == day(9)


@pytest.mark.parametrize("schedule_time", ["00:10", "05:00", "23:59"])
def test_a_day_that_is_done_is_not_owed_again_when_the_schedule_is_edited(home, schedule_time):
    edited = SETTINGS.model_copy(update={"schedule_time": schedule_time})
    mark_day(home, day(2), "built")
    mark_day(home, day(3), "published")
    for now in ("2026-03-04 05:01:00", "2026-03-04 12:00:00", "2026-03-05 04:00:00"):
        assert next_owed_day(home, edited, at(now)) is None


def test_a_failure_is_waited_for_an_hour_whatever_the_clock_did(home):
    begin_run(home, "one", "daily", day(2))
    finish_run(home, "one", "failed", "no file")
    with open_ledger(home.ledger_db, "") as ledger:
        ledger.execute("update runs set ended_at = '2026-03-03T10:00:00.000+00:00'")
    assert has_just_failed(home, day(2), at("2026-03-03 10:59:59"))
    assert not has_just_failed(home, day(2), at("2026-03-03 11:00:00"))
    # The failure was written down under a clock that has been put right since.
    assert not has_just_failed(home, day(2), at("2026-03-03 09:59:59"))


def asked(home, now, *flags):
    """What `reconcile_sensor` asks for, its runs made by hand; and why it stops asking."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.runs.sensor_process", now, *flags],
        cwd=Project.here().root,
        env=os.environ | {"STRATA_HOME": str(home.root), "DAGSTER_HOME": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def test_ten_missed_days_are_asked_for_in_order_and_only_the_last_is_to_be_published(home):
    told = asked(home, "2026-03-12 12:00:00")
    assert told["requests"] == [
        {"partition": f"2026-03-{number:02}", "publish": number == 11} for number in range(2, 12)
    ]
    assert told["skipped"] == "no day is missing"


def test_a_second_daemon_asks_for_nothing_while_a_run_goes_on(home):
    told = asked(home, "2026-03-12 12:00:00", "--busy")
    assert told["requests"] == []
    assert "a run is going on" in told["skipped"]
