"""What is built on a Spark cluster is what is built on DuckDB, row for row, table for table."""

from __future__ import annotations

import duckdb
import pytest
from contract_rows import PREDICTION_TABLES
from same_rows import differences, parquet_of
from spark_cluster import WORKER_COUNT

from orchestration.predictions.predict_on_spark import main as predict_on_spark

# The first of them waits for four builds: ten minutes on two cores that others use as well.
pytestmark = pytest.mark.timeout(3600)


@pytest.fixture
def connection():
    with duckdb.connect() as opened:
        opened.execute("set TimeZone = 'UTC'")
        yield opened


def test_every_table_of_both_builds_is_the_same_on_both_engines(built):
    models = built.duckdb.models()
    assert models == built.spark.models()
    told = []
    with built.world.connect() as connection:
        for schema, name in sorted(models.values()):
            found = parquet_of(built.stored(schema, name))
            told += differences(connection, f"{schema}.{name}", found, f"{schema}.{name}")
    assert told == []


def test_every_config_table_is_the_same_but_for_the_word_null(built):
    # dbt reads a CSV's `null` as nothing; intake, which alone reads these lists, does not.
    lists_of_words = {"guest_ids", "blocked_identifiers"}
    told = []
    with built.world.connect() as connection:
        for name in sorted(built.duckdb.seeds() - lists_of_words):
            found = parquet_of(built.stored("config", name))
            told += differences(connection, f"config.{name}", found, name)
    assert told == []


def test_data_tests_pass_on_the_cluster(built):
    assert built.spark.failing_tests() == {}


def test_predictions_made_on_the_cluster_are_those_made_on_duckdb(built):
    exchange = built.cluster.folder / "exchange"
    exchange.mkdir()
    predict_on_spark(["--exchange", str(exchange)])
    told = []
    with built.world.connect() as connection:
        for name in PREDICTION_TABLES:
            found = parquet_of(built.stored("predictions", name))
            told += differences(connection, f"predictions.{name}", found, name)
    assert told == []
    assert list(exchange.iterdir()) == []


def test_both_workers_ran_tasks(built):
    counts = built.cluster.tasks_by_worker()
    assert len(counts) == WORKER_COUNT
    assert all(counts.values()), counts


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ("1 as a", "2 as a"),
        ("1 as a", "1 as a union all select 1 as a"),
        ("1 as a union all select 1 as a", "1 as a"),
        ("1 as a", "1 as b"),
        ("1 as a", "null as a"),
        ("1 as a", "'1' as a"),
        ("'a' as a", "'a ' as a"),
        ("1.0::double as a", "(1.0 + 2.220446049250313e-16)::double as a"),
        ("1.50::decimal(18, 2) as a", "1.5::decimal(18, 1) as a"),
        (
            "timestamp '2024-01-01 00:00:00.000001' as a",
            "timestamp '2024-01-01 00:00:00.000002' as a",
        ),
    ],
)
def test_a_difference_is_told(connection, expected, found):
    assert differences(connection, f"(select {expected})", f"(select {found})", "t") != []


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ("1 as a, 'x' as b", "'x' as b, 1::bigint as a"),
        ("null::varchar as a", "null::varchar as a"),
        ("1.5::decimal(18, 4) as a", "1.5::decimal(38, 4) as a"),
        ("timestamp '2024-01-01' as a", "timestamptz '2024-01-01 00:00:00Z' as a"),
    ],
)
def test_the_same_value_in_another_width_is_no_difference(connection, expected, found):
    assert differences(connection, f"(select {expected})", f"(select {found})", "t") == []
