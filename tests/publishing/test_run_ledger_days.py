"""Runs and days in the ledger: how they end, which days are there and which are missing."""

import datetime as dt
import sqlite3
import subprocess
import sys

import pytest

from orchestration.errors import StrataError
from orchestration.paths import Home, Project
from orchestration.publishing.run_ledger import (
    begin_run,
    day_states,
    end_unfinished_run,
    finish_run,
    first_published_day,
    last_run_succeeded,
    list_runs,
    mark_day,
    mark_dead_runs_failed,
    missing_days,
    newest_published_day,
    present_days,
    record_run_key,
)
from orchestration.warehouse.ledger import open_ledger
from tests.publishing.sample_marts import key

BEGIN_AND_END = """
import datetime as dt, sys
from pathlib import Path
from orchestration.paths import Home
from orchestration.publishing.run_ledger import begin_run
begin_run(Home(Path(sys.argv[1])), "gone", "daily", dt.date(2026, 1, 2))
"""


def day(number):
    return dt.date(2026, 1, number)


@pytest.fixture
def empty_home(tmp_path):
    return Home(tmp_path / "home")


def test_a_run_is_recorded_from_begin_to_end(empty_home):
    begin_run(empty_home, "one", "daily", day(1))
    record_run_key(empty_home, "one", key(1))
    assert [(run.status, run.ended_at) for run in list_runs(empty_home)] == [("started", None)]

    finish_run(empty_home, "one", "succeeded")

    run = list_runs(empty_home)[0]
    assert (run.run_id, run.mode, run.as_of_date) == ("one", "daily", day(1))
    assert (run.status, run.set_id, run.message) == ("succeeded", key(1).set_id, "")
    assert run.ended_at >= run.started_at
    assert run.started_at.tzinfo is not None
    assert day_states(empty_home, day(1), day(9)) == {day(1): "built"}


def test_a_failure_keeps_its_cause_in_one_line(empty_home):
    begin_run(empty_home, "one", "daily", day(1))
    finish_run(empty_home, "one", "failed", "orders.csv: no column amount;\n  add it")

    assert list_runs(empty_home)[0].message == "orders.csv: no column amount; add it"
    assert day_states(empty_home, day(1), day(1)) == {day(1): "failed"}
    assert missing_days(empty_home, day(1), day(1)) == [day(1)]


def test_a_failure_does_not_take_away_a_day_that_is_there(empty_home):
    mark_day(empty_home, day(1), "published", "a set")
    begin_run(empty_home, "again", "as_of", day(1))
    finish_run(empty_home, "again", "failed", "disk")

    assert day_states(empty_home, day(1), day(1)) == {day(1): "published"}


def test_building_a_published_day_again_leaves_it_published(empty_home):
    mark_day(empty_home, day(1), "published", "a set")
    mark_day(empty_home, day(1), "built")

    assert day_states(empty_home, day(1), day(1)) == {day(1): "published"}


def test_a_failed_day_becomes_built_and_then_published(empty_home):
    for state in ("failed", "built", "published"):
        mark_day(empty_home, day(1), state)
        assert day_states(empty_home, day(1), day(1)) == {day(1): state}


def test_missing_days_are_told_in_order(empty_home):
    for number in (5, 2, 3):
        mark_day(empty_home, day(number), "built")
    mark_day(empty_home, day(4), "failed")

    assert present_days(empty_home) == [day(2), day(3), day(5)]
    assert missing_days(empty_home, day(1), day(6)) == [day(1), day(4), day(6)]
    assert missing_days(empty_home, day(3), day(2)) == []


def test_ten_missed_days_are_ten_missing_days(empty_home):
    mark_day(empty_home, day(1), "published")

    assert missing_days(empty_home, day(1), day(11)) == [day(number) for number in range(2, 12)]


def test_only_published_days_count_as_published(empty_home):
    assert newest_published_day(empty_home) is None
    for number, state in ((1, "built"), (3, "published"), (5, "published"), (7, "built")):
        mark_day(empty_home, day(number), state)

    assert first_published_day(empty_home) == day(3)
    assert newest_published_day(empty_home) == day(5)


def test_a_run_that_nothing_ended_is_told_with_its_cause(empty_home):
    for run_id in ("one", "two", "three"):
        begin_run(empty_home, run_id, "daily", day(1))
    finish_run(empty_home, "two", "succeeded")

    end_unfinished_run(empty_home, "one", lambda: "orders.csv: no column amount")
    end_unfinished_run(empty_home, "two", lambda: pytest.fail("it has ended"))
    end_unfinished_run(empty_home, "three")

    assert {run.run_id: run.message for run in list_runs(empty_home)} == {
        "one": "orders.csv: no column amount",
        "two": "",
        "three": "the run ended before it was done",
    }


def test_a_run_whose_process_is_gone_is_marked_failed(empty_home):
    subprocess.run(
        [sys.executable, "-c", BEGIN_AND_END, str(empty_home.root)],
        cwd=Project.here().root,
        check=True,
    )
    begin_run(empty_home, "alive", "daily", day(3))

    assert mark_dead_runs_failed(empty_home) == ["gone"]
    assert [(run.run_id, run.status, run.message) for run in list_runs(empty_home)] == [
        ("alive", "started", ""),
        ("gone", "failed", "the process that ran this is gone"),
    ]
    assert missing_days(empty_home, day(2), day(2)) == [day(2)]


def test_a_later_process_with_the_same_number_is_not_the_run(empty_home, monkeypatch):
    monkeypatch.setattr("orchestration.publishing.run_ledger._start_of", lambda process_id: "1")
    begin_run(empty_home, "before the restart", "daily", day(1))
    monkeypatch.setattr("orchestration.publishing.run_ledger._start_of", lambda process_id: "2")

    assert mark_dead_runs_failed(empty_home) == ["before the restart"]


def test_only_an_unfinished_run_is_ended_as_failed(empty_home):
    begin_run(empty_home, "done", "daily", day(1))
    finish_run(empty_home, "done", "succeeded")
    begin_run(empty_home, "cut short", "daily", day(2))

    for run_id in ("done", "cut short", "never begun"):
        end_unfinished_run(empty_home, run_id)

    assert [(run.run_id, run.status) for run in list_runs(empty_home)] == [
        ("cut short", "failed"),
        ("done", "succeeded"),
    ]


def test_whether_the_last_ended_run_succeeded(empty_home):
    assert last_run_succeeded(empty_home)
    begin_run(empty_home, "one", "daily", day(1))
    finish_run(empty_home, "one", "failed", "disk")
    begin_run(empty_home, "two", "daily", day(1))
    assert not last_run_succeeded(empty_home)
    finish_run(empty_home, "two", "succeeded")
    begin_run(empty_home, "three", "daily", day(2))
    assert last_run_succeeded(empty_home)


def test_a_damaged_ledger_is_told_in_one_line(empty_home):
    mark_day(empty_home, day(1), "built")
    for path in empty_home.root.glob("ledger.sqlite*"):
        path.write_bytes(b"no database at all" * 100)

    with pytest.raises(StrataError, match=r"ledger\.sqlite is damaged .* move it away") as told:
        present_days(empty_home)
    assert "\n" not in str(told.value)


def test_a_failing_statement_rolls_back_its_transaction(empty_home):
    schema = "create table if not exists notes (note text not null)"
    with (
        pytest.raises(sqlite3.IntegrityError),
        open_ledger(empty_home.ledger_db, schema) as ledger,
    ):
        ledger.executemany("insert into notes values (?)", [["half of it"], [None]])

    with open_ledger(empty_home.ledger_db, schema) as ledger:
        assert ledger.execute("select count(*) from notes").fetchone()[0] == 0
