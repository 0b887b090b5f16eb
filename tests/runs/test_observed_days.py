"""Which days stand in history, by what a run and its models left in the warehouse."""

import datetime as dt

import pytest

from orchestration.publishing.run_key import ObservedDay
from orchestration.runs.observed_days import let_stand, standing_days
from orchestration.warehouse.duckdb_warehouse import Warehouse

DAY = dt.date(2024, 1, 5)
MONTH_END = dt.date(2024, 1, 31)


@pytest.fixture
def warehouse(tmp_path):
    return Warehouse(tmp_path / "build.duckdb", "500MB", 1, tmp_path / "spill")


@pytest.fixture
def with_history(warehouse):
    """The history tables, with as many columns as matter."""
    warehouse.execute(
        """
        create schema history;
        create table history.segment_days (
            as_of_date date, intake_seq bigint, definition_hash varchar, cut_points_date date,
            profile_count bigint
        );
        create table history.profile_activity_log (
            profile_id varchar, changed_on date, observation_key varchar
        );
        create table history.segment_change_log as from history.profile_activity_log;
        create table history.segment_month_ends (
            segment_type varchar, changed_on date, observation_key varchar
        );
        """
    )
    return warehouse


def log(warehouse, day, key="v1-7", tables=("profile_activity_log", "segment_change_log")):
    """What the models leave of a day, with a row of somebody beside the day's own."""
    sequence = key.rpartition("-")[2]
    warehouse.execute(
        f"delete from history.segment_days where as_of_date = date '{day}';"
        f"insert into history.segment_days values"
        f" (date '{day}', {sequence}, 'v1', date '2024-01-01', 3)"
    )
    for table in tables:
        warehouse.execute(
            f"delete from history.{table} where changed_on = date '{day}';"
            f"insert into history.{table} values"
            f" (null, date '{day}', '{key}'), ('a', date '{day}', null)"
        )


def test_a_warehouse_without_history_has_no_days(warehouse):
    assert standing_days(warehouse) == []
    assert warehouse.has_table("control", "observed_days")


def test_a_day_stands_once_it_has_been_let_stand(with_history):
    log(with_history, DAY)
    assert standing_days(with_history) == []

    let_stand(with_history, DAY)
    assert standing_days(with_history) == [ObservedDay(DAY, 7, "v1")]
    assert with_history.read_arrow("from control.observed_days").to_pylist() == [
        {
            "as_of_date": DAY,
            "intake_seq": 7,
            "definition_hash": "v1",
            "cut_points_date": dt.date(2024, 1, 1),
            "profile_count": 3,
        }
    ]


@pytest.mark.parametrize("table", ["profile_activity_log", "segment_change_log"])
def test_a_day_that_one_log_has_otherwise_is_struck(with_history, table):
    for number in (5, 6):
        log(with_history, dt.date(2024, 1, number))
        let_stand(with_history, dt.date(2024, 1, number))
    # A run with other deliveries that was killed on the way.
    log(with_history, DAY, key="v1-8", tables=(table,))

    assert standing_days(with_history) == [ObservedDay(dt.date(2024, 1, 6), 7, "v1")]
    log(with_history, DAY)
    assert len(standing_days(with_history)) == 1


def test_a_run_with_the_same_key_that_is_cut_short_takes_nothing_away(with_history):
    log(with_history, DAY)
    let_stand(with_history, DAY)
    log(with_history, DAY, tables=())

    assert standing_days(with_history) == [ObservedDay(DAY, 7, "v1")]


def test_a_month_end_stands_only_with_its_migration(with_history):
    log(with_history, MONTH_END)
    let_stand(with_history, MONTH_END)
    assert standing_days(with_history) == []

    log(with_history, MONTH_END, tables=("segment_month_ends",))
    let_stand(with_history, MONTH_END)
    assert standing_days(with_history) == [ObservedDay(MONTH_END, 7, "v1")]


def test_a_day_that_is_observed_again_replaces_itself(with_history):
    for key in ("v1-7", "v1-8"):
        log(with_history, DAY, key=key)
        let_stand(with_history, DAY)

    assert standing_days(with_history) == [ObservedDay(DAY, 8, "v1")]


def test_without_its_logs_no_day_stands(with_history):
    log(with_history, DAY)
    let_stand(with_history, DAY)
    with_history.execute("drop table history.segment_change_log")

    assert standing_days(with_history) == []
