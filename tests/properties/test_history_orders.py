"""History is the same whatever order its days are observed in, and after any failure on the way."""

from __future__ import annotations

import datetime as dt
import random

import duckdb
import pytest

from tests.properties.history_build import HISTORY, DbtHistory, History, HistorySql, new_history
from tests.properties.history_world import (
    Day,
    expected_changes,
    expected_migrations,
    random_day,
    random_days,
)

CHANGE_COLUMNS = (
    "changed_on, previous_observed_on, profile_id, segment_type, from_segment, to_segment, cause,"
    " merged_into"
)
MIGRATION_COLUMNS = (
    "changed_on, segment_type, from_segment, to_segment, people, net_revenue, net_revenue_between"
)


@pytest.fixture(scope="module")
def by_dbt(tmp_path_factory) -> DbtHistory:
    return DbtHistory(tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
def history_sql(by_dbt) -> HistorySql:
    return by_dbt.compiled()


def content(history: History) -> dict:
    """All rows of all tables, but those of nulls that stand for an emptied month."""
    where = dict.fromkeys(HISTORY, "changed_on is not null") | {"segment_days": "true"}
    return {table: history.rows(table, where=where[table]) for table in HISTORY}


def content_after(sql: HistorySql, days: list[Day]) -> dict:
    with new_history(sql) as history:
        for day in days:
            history.observe(day)
        return content(history)


def check_against_plain_python(history: History, days: list[Day]) -> None:
    where = "changed_on is not null"
    assert history.rows("segment_change_log", CHANGE_COLUMNS, where) == expected_changes(days)
    assert history.rows(
        "segment_month_ends", MIGRATION_COLUMNS, f"{where} and segment_type is not null"
    ) == expected_migrations(days)


def check_orders(sql: HistorySql, seed: int, orders: int) -> None:
    chance = random.Random(seed)
    days = random_days(chance, chance.randint(3, 7))
    with new_history(sql) as history:
        for day in days:
            history.observe(day)
        check_against_plain_python(history, days)
        in_order = content(history)
    for _ in range(orders):
        order = chance.sample(days, len(days))
        # Rows are compared with how often each is there: EXCEPT ALL, both ways.
        assert content_after(sql, order) == in_order, [day.date for day in order]


def check_failures(sql: HistorySql, seed: int) -> None:
    """Each day is observed twice, with other data, by runs that may fail or be killed anywhere."""
    chance = random.Random(seed)
    days = random_days(chance, chance.randint(3, 6))
    versions = [*days, *(random_day(chance, day.date, intake_seq=2) for day in days)]
    standing: dict[dt.date, Day] = {}
    with new_history(sql) as history:
        for day in chance.sample(versions, len(versions)):
            models = chance.choice((*range(len(HISTORY)), *[len(HISTORY)] * 6))
            stands = models == len(HISTORY) and chance.random() < 0.8
            others = set(standing) - {day.date}
            history.observe(day, models=models, stands=stands)
            still_standing = set(history.standing())
            assert still_standing - {day.date} == others
            if stands:
                standing[day.date] = day
            elif day.date not in still_standing:
                standing.pop(day.date, None)
            assert still_standing == set(standing)
        last = random_day(chance, dt.date(2024, 5, 1))
        history.observe(last)
        expected = [*(standing[date] for date in sorted(standing)), last]
        check_against_plain_python(history, expected)
        assert content(history) == content_after(sql, expected)


def check_worlds(sql: HistorySql, seeds: range) -> None:
    for seed in seeds:
        check_orders(sql, seed, orders=2)
        check_failures(sql, seed)


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_days_gives_the_same_history(history_sql, seed):
    check_orders(history_sql, seed, orders=2)


@pytest.mark.parametrize("seed", range(12))
def test_runs_that_fail_or_are_killed_leave_no_trace(history_sql, seed):
    check_failures(history_sql, seed)


@pytest.mark.long
def test_any_order_of_days_gives_the_same_history_in_many_worlds(history_sql):
    for seed in range(1000, 1300):
        check_orders(history_sql, seed, orders=4)


@pytest.mark.long
def test_runs_that_fail_or_are_killed_leave_no_trace_in_many_worlds(history_sql):
    for seed in range(1000, 1300):
        check_failures(history_sql, seed)


def test_dbt_itself_writes_what_its_compiled_sql_does(by_dbt, history_sql):
    days = random_days(random.Random(3), 4)
    in_order = content_after(history_sql, days)
    by_dbt.begin()
    for day in (days[3], days[1], days[0], days[1], days[2]):
        by_dbt.observe(day)
    with by_dbt.connect() as connection:
        assert content(History(history_sql, connection)) == in_order


BUGS = {
    "the next day is not compared again": (
        "segment_change_log",
        "or days.previous_observed_on = (select as_of_date from",
        "or false and days.previous_observed_on = (select as_of_date from",
    ),
    "what a day said before stays": (
        "segment_change_log",
        "where comparisons.changed_on is null",
        "where true",
    ),
    "a struck day stays in the log": (
        "segment_change_log",
        "inner join days on logged.changed_on = days.as_of_date left join comparisons",
        "left join days on logged.changed_on = days.as_of_date left join comparisons",
    ),
    "an emptied month keeps its rows": (
        "profile_activity_log",
        "where is_emptied",
        "where false",
    ),
    "the latest state is not the latest": (
        "profile_activity_log",
        "comparisons.previous_observed_on >= logged_days.changed_on",
        "comparisons.previous_observed_on > logged_days.changed_on",
    ),
    "late data before behaviour": (
        "segment_change_log",
        "when profile_changes.to_last_activity_date > circumstances.previous_observed_on",
        "when profile_changes.to_last_activity_date >= circumstances.previous_observed_on",
    ),
    "the month before is not compared again": (
        "segment_month_ends",
        "is distinct from logged_days.previous_observed_on",
        "is null and false",
    ),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_seen(history_sql, bug):
    broken = history_sql.with_bug(*BUGS[bug])
    with pytest.raises((AssertionError, duckdb.Error)):
        check_worlds(broken, range(40))
