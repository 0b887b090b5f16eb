"""The ledger's copy of which days stand in history, and what follows from it."""

import datetime as dt
from dataclasses import replace

import pytest

from orchestration.paths import Home
from orchestration.publishing.observation_ledger import (
    has_other_history_now,
    lost_days,
    observed_days,
    record_observation,
    sync_observations,
)
from orchestration.publishing.run_key import ObservedDay, RunKey, history_hash
from orchestration.publishing.run_ledger import mark_day
from orchestration.runs.missing_days import missing_days
from tests.publishing.sample_marts import key


@pytest.fixture
def empty_home(tmp_path):
    return Home(tmp_path / "home")


def observe(home, day: int, before: tuple[int, ...] = (), intake_seq: int = 1) -> None:
    """Record a day of January whose set is based on these days."""
    based_on = [key(number).observed_day for number in before]
    made: RunKey = key(day, intake_seq)
    record_observation(home, replace(made, history_hash=history_hash(based_on, made.as_of_date)))


def day(number: int) -> dt.date:
    return dt.date(2026, 1, number)


def test_a_recorded_day_stands_and_is_told_in_order(empty_home):
    observe(empty_home, 5)
    observe(empty_home, 2)

    assert observed_days(empty_home) == [key(2).observed_day, key(5).observed_day]
    assert lost_days(empty_home) == []


def test_a_day_that_the_warehouse_has_no_longer_is_lost_until_it_stands_again(empty_home):
    for number in (1, 2, 3):
        observe(empty_home, number)
    sync_observations(empty_home, [key(1).observed_day, key(3).observed_day])
    assert lost_days(empty_home) == [day(2)]
    assert [each.as_of_date for each in observed_days(empty_home)] == [day(1), day(3)]

    observe(empty_home, 2, intake_seq=2)
    assert lost_days(empty_home) == []


def test_a_day_that_only_the_warehouse_knows_is_learnt(empty_home):
    found = ObservedDay(day(4), 9, "other")
    sync_observations(empty_home, [found])

    assert observed_days(empty_home) == [found]


def test_a_day_before_it_that_came_later_makes_another_history(empty_home):
    observe(empty_home, 5, before=())
    assert not has_other_history_now(empty_home, day(5))
    observe(empty_home, 7)
    assert not has_other_history_now(empty_home, day(5))
    observe(empty_home, 3)
    assert has_other_history_now(empty_home, day(5))
    observe(empty_home, 5, before=(3,))
    assert not has_other_history_now(empty_home, day(5))


def test_a_day_before_it_that_was_built_again_otherwise_makes_another_history(empty_home):
    observe(empty_home, 3)
    observe(empty_home, 5, before=(3,))
    observe(empty_home, 3)
    assert not has_other_history_now(empty_home, day(5))
    observe(empty_home, 3, intake_seq=2)
    assert has_other_history_now(empty_home, day(5))


def test_of_a_day_that_is_not_recorded_no_other_history_is_told(empty_home):
    observe(empty_home, 3)
    assert not has_other_history_now(empty_home, day(5))


@pytest.fixture
def published(empty_home):
    """Days 2 to 6 are there, the first and the last of them published."""
    for number in range(2, 7):
        observe(empty_home, number, before=tuple(range(2, number)))
        mark_day(empty_home, day(number), "published" if number in (2, 6) else "built")
    return empty_home


def test_nothing_is_missing_while_all_days_stand(published):
    assert missing_days(published, day(6)) == []


def test_days_after_the_last_are_missing_in_order(published):
    assert missing_days(published, day(8)) == [day(7), day(8)]


def test_days_that_history_lost_are_missing_the_published_one_too(published):
    sync_observations(published, [key(number).observed_day for number in (2, 3, 5)])
    assert missing_days(published, day(7)) == [day(4), day(6), day(7)]


def test_once_all_are_there_the_newest_is_published_with_the_history_there_is_now(published):
    observe(published, 4, intake_seq=2)
    assert missing_days(published, day(7)) == [day(7)]
    mark_day(published, day(7), "built")
    assert missing_days(published, day(7)) == [day(6)]
    record_observation(
        published,
        replace(key(6), history_hash=history_hash(observed_days(published), day(6))),
    )
    assert missing_days(published, day(7)) == []


def test_before_anything_is_published_no_day_is_missing(empty_home):
    observe(empty_home, 2)
    assert missing_days(empty_home, day(6)) == []
