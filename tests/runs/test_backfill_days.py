"""Which days a backfill builds, and which it passes over."""

import datetime as dt

import pytest

from orchestration.paths import Home
from orchestration.publishing.observation_ledger import record_observation
from orchestration.publishing.run_key import RunKey
from orchestration.runs.backfill_days import days_between, days_to_build, is_month_end


def key(number: int, intake_seq: int = 1, config_hash: str = "config") -> RunKey:
    return RunKey(dt.date(2024, 2, number), intake_seq, config_hash, "code")


@pytest.fixture
def home(tmp_path):
    """A home with a warehouse, in which 1 and 3 February stand."""
    made = Home(tmp_path)
    made.build_db.touch()
    for number in (1, 3):
        record_observation(made, key(number))
    return made


def test_days_that_stand_are_passed_over(home):
    keys = [key(number) for number in (4, 3, 2, 1)]
    assert days_to_build(home, keys) == [dt.date(2024, 2, 2), dt.date(2024, 2, 4)]


@pytest.mark.parametrize("change", [{"intake_seq": 2}, {"config_hash": "other"}])
def test_a_day_that_was_built_otherwise_is_built_again(home, change):
    assert days_to_build(home, [key(1, **change), key(3)]) == [dt.date(2024, 2, 1)]


def test_a_lost_warehouse_leaves_all_days_to_build(home):
    home.build_db.unlink()
    assert len(days_to_build(home, [key(1), key(3)])) == 2


def test_days_from_first_to_last_are_both_in():
    days = days_between(dt.date(2024, 2, 28), dt.date(2024, 3, 1))
    assert [day.day for day in days] == [28, 29, 1]
    assert days_between(dt.date(2024, 2, 28), dt.date(2024, 2, 28)) == [dt.date(2024, 2, 28)]


def test_a_month_ends_on_its_last_day_in_leap_years_too():
    ends = [day for day in days_between(dt.date(2024, 1, 1), dt.date(2024, 4, 30))]
    assert [(day.month, day.day) for day in ends if is_month_end(day)] == [
        (1, 31),
        (2, 29),
        (3, 31),
        (4, 30),
    ]
    assert is_month_end(dt.date(2023, 2, 28))
