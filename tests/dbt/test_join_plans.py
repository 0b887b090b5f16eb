"""No model compares everything with everything: what is fine for a test is hours for a shop."""

from __future__ import annotations

import json
from collections.abc import Iterator

import duckdb
import pytest
from small_shop import CLV_FIT_DATE, DBT_VARS, write_small_shop, write_small_shop_predictions

from tests.properties.compiled_project import Compiled, DbtCompiler
from tests.properties.world_build import build_tables, memory_database

# What DuckDB falls back to where no part of a join's condition is an equality or an order.
_EVERYTHING_WITH_EVERYTHING = "BLOCKWISE_NL_JOIN"
# Few on one side, whatever the shop's size: what is few, by model.
_FEW_ON_ONE_SIDE = {
    "engagement_segments": "tiers",
    "int_advocacy_acts": "days",
    "int_customer_states": "days",
    "int_events": "names of browsers, and patterns",
    "int_loyalty_points": "cutoffs",
    "int_loyalty_scores": "tiers",
    "int_profile_content_days": "days",
    "int_profile_event_days": "days",
    "int_profile_message_events": "days",
    "int_programme_members": "the day",
    "int_visit_patterns": "slots",
    "probabilistic_segments": "bands and tiers",
    "profile_activity_log": "days that were observed",
    "segment_change_log": "days that were observed",
    "segment_month_ends": "days that were observed",
}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return DbtCompiler(tmp_path_factory.mktemp("compiled")).compile(**DBT_VARS)


@pytest.fixture(scope="module")
def shop(compiled: Compiled) -> Iterator[duckdb.DuckDBPyConnection]:
    with memory_database() as connection:
        write_small_shop(connection)
        build_tables(
            connection,
            compiled,
            CLV_FIT_DATE,
            lambda opened, _: write_small_shop_predictions(opened),
        )
        yield connection


def operators(connection: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    """The names of a plan's operators."""
    [(_, plan)] = connection.execute(f"explain (format json) {sql}").fetchall()
    names, waiting = set(), list(json.loads(plan))
    while waiting:
        node = waiting.pop()
        names.add(node["name"].strip())
        waiting += node["children"]
    return names


def test_no_model_joins_everything_with_everything(
    shop: duckdb.DuckDBPyConnection, compiled: Compiled
) -> None:
    found = {
        model.name
        for model in compiled.models
        if _EVERYTHING_WITH_EVERYTHING in operators(shop, model.sql)
    }
    assert found == set(_FEW_ON_ONE_SIDE)


def test_such_a_join_is_seen(shop: duckdb.DuckDBPyConnection) -> None:
    sql = (
        "select a.profile_id from intermediate.int_profiles as a"
        " left join intermediate.int_profiles as b"
        " on a.profile_id = b.profile_id and a.as_of_date is not null"
    )
    assert _EVERYTHING_WITH_EVERYTHING in operators(shop, sql)
