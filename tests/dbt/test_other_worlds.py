"""Worlds at the edge: a past day beside the current one, and too little of everything."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal

import pytest
from contract_rows import deliver, profile_id, write_as_of, write_empty_world
from small_shop import AS_OF_DATE, CLV_FIT_DATE

MARTS = (
    "capabilities",
    "clv_model_parameters",
    "clv_model_runs",
    "customer_360",
    "data_quality_report",
    "engagement_channels",
    "engagement_content",
    "engagement_segments",
    "loyalty_segments",
    "probabilistic_segments",
    "refunds_without_order",
    "rejected_records",
    "rfm_segments",
    "rfm_thresholds",
    "segment_changes",
    "segment_memberships",
    "segment_migration",
    "send_time",
)


def marts_content(dbt_project):
    return {
        table: sorted(dbt_project.rows(f"select * from marts.{table}"), key=repr) for table in MARTS
    }


def config_files(dbt_project):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in dbt_project.project.config_tables.rglob("*")
        if path.is_file()
    }


def an_order(order_id, customer_id, ordered_at="2024-05-01T12:00:00Z", total="10.00"):
    return {
        "order_id": order_id,
        "customer_id": customer_id,
        "ordered_at": ordered_at,
        "total_amount": total,
        "status": "paid",
        "currency": "USD",
    }


@pytest.fixture(scope="module")
def past_day(small_shop):
    """30 April 2024, built beside 30 June; returns what stood in marts and config before."""
    before = (marts_content(small_shop), config_files(small_shop))
    with small_shop.connect() as connection:
        write_as_of(connection, dt.date(2024, 4, 30), dt.date(2024, 4, 29))
    for selector in ("foundation", "segments"):
        small_shop.build_untested(selector, target="duckdb_asof")
    return small_shop, *before


def test_a_past_day_is_built_beside_and_leaves_the_marts_alone(past_day):
    dbt_project, marts_before, _ = past_day
    assert dbt_project.rows("select distinct as_of_date from asof_marts.customer_360") == [
        (dt.date(2024, 4, 30),)
    ]
    assert marts_content(dbt_project) == marts_before


def test_a_past_day_has_schemas_of_its_own(past_day):
    dbt_project, _, _ = past_day
    schemas = {row[0] for row in dbt_project.rows("select schema_name from duckdb_schemas()")}
    assert {"config", "staging", "intermediate", "marts"} <= schemas
    assert {"asof_config", "asof_staging", "asof_intermediate", "asof_marts"} <= schemas
    assert "asof" not in {
        row[0] for row in dbt_project.rows("select table_schema from information_schema.tables")
    }


def test_a_past_day_sees_an_order_before_its_refund(past_day):
    dbt_project, _, _ = past_day
    person = profile_id("customer", "shop", "full_refund")
    assert dbt_project.rows(
        f"select net_revenue from asof_marts.customer_360 where profile_id = '{person}'"
    ) == [(Decimal("30.0000"),)]


def test_building_leaves_the_config_tables_as_they_were(past_day):
    dbt_project, _, files_before = past_day
    assert config_files(dbt_project) == files_before


@pytest.fixture(scope="module")
def empty_world(small_shop, past_day):
    """Nothing delivered at all. Comes after the past day, which compares with the full shop."""
    with small_shop.connect() as connection:
        write_empty_world(connection, AS_OF_DATE, CLV_FIT_DATE)
    return small_shop, {
        **small_shop.build("foundation"),
        **small_shop.build("segments"),
    }


def test_without_any_input_every_model_builds_and_every_test_passes(empty_world):
    dbt_project, statuses = empty_world
    assert {status for status in statuses.values()} == {"success", "pass"}
    assert dbt_project.rows("select count(*) from marts.customer_360") == [(0,)]
    assert dbt_project.rows(
        "select count(*), bool_or(is_reachable) from marts.rfm_thresholds where measure = 'recency'"
    ) == [(5, False)]
    assert dbt_project.rows("select bool_or(is_on) from marts.capabilities") == [(False,)]


def test_a_shop_with_orders_alone_says_unknown_and_not_none(empty_world):
    dbt_project, _ = empty_world
    with dbt_project.connect() as connection:
        write_empty_world(connection, AS_OF_DATE, CLV_FIT_DATE)
        deliver(
            connection,
            "orders",
            [an_order(f"o{n}", "only", f"2024-0{n}-05T12:00:00Z") for n in range(1, 7)],
        )
    dbt_project.build_untested("foundation")
    dbt_project.build_untested("segments")
    assert dbt_project.rows(
        "select segment_code, brand_score, preferred_channel, message_count, usage_segment,"
        " usage_value, channel_mix, online_day_count, visit_count, reason"
        " from marts.engagement_segments"
    ) == [
        (
            *("insufficient_data", None, "insufficient_data", None, "insufficient_data"),
            *(None, "insufficient_data", None, None, "no events are delivered"),
        )
    ]
    # Six months in a row: 3 for 152 days, 16 for six orders, 10 for 5 intervals of 31, 29, 31, 30
    # and 31 days, 10 for half of the months: 39 of the 50 points that orders can bring.
    assert dbt_project.rows(
        "select segment_code, loyalty_score, available_points, brand_interaction_points,"
        " advocacy_points, loyalty_quadrant from marts.loyalty_segments"
    ) == [
        ("high", Decimal("78.00"), Decimal("50.00"), None, None, "insufficient_data"),
    ]


def test_one_customer_is_insufficient_data(empty_world):
    dbt_project, _ = empty_world
    with dbt_project.connect() as connection:
        write_empty_world(connection, AS_OF_DATE, CLV_FIT_DATE)
        deliver(connection, "orders", [an_order("o1", "only")])
    dbt_project.build_untested("foundation")
    dbt_project.build_untested("segments")
    assert dbt_project.rows(
        "select segment_code, recency_score, reason from marts.rfm_segments"
    ) == [("insufficient_data", None, "1 buyer in 730 days, 5 are needed")]
    assert dbt_project.rows(
        "select segment_code, churn_risk, historic_clv, predicted_clv_365_days, reason"
        " from marts.probabilistic_segments"
    ) == [
        ("insufficient_data", "insufficient_data", Decimal("10.00"), None, "no prediction was made")
    ]


def test_customers_who_are_all_alike_are_insufficient_data(empty_world):
    dbt_project, _ = empty_world
    with dbt_project.connect() as connection:
        write_empty_world(connection, AS_OF_DATE, CLV_FIT_DATE)
        deliver(connection, "orders", [an_order(f"o{n}", f"c{n}") for n in range(6)])
    dbt_project.build_untested("foundation")
    dbt_project.build_untested("segments")
    assert dbt_project.rows(
        "select segment_code, reason, count(*) from marts.rfm_segments group by all"
    ) == [("insufficient_data", "all buyers are alike in recency, frequency and money", 6)]


def test_one_buyer_who_differs_makes_scores_and_equal_buyers_share_theirs(empty_world):
    dbt_project, _ = empty_world
    with dbt_project.connect() as connection:
        write_empty_world(connection, AS_OF_DATE, CLV_FIT_DATE)
        deliver(
            connection,
            "orders",
            [an_order(f"o{n}", f"c{n}") for n in range(5)] + [an_order("o9", "c9", total="11.00")],
        )
    dbt_project.build_untested("foundation")
    dbt_project.build_untested("segments")
    # All days are alike, so recency is the middle; the cheapest five of six share one cut point.
    assert dbt_project.rows(
        "select recency_score, frequency_score, monetary_score, count(*)"
        " from marts.rfm_segments group by all order by all"
    ) == [(3, 1, 1, 5), (3, 1, 5, 1)]


def test_more_rejects_than_allowed_stop_the_build_and_name_the_table(empty_world):
    dbt_project, _ = empty_world
    with dbt_project.connect() as connection:
        write_empty_world(connection, AS_OF_DATE, CLV_FIT_DATE)
        deliver(
            connection,
            "orders",
            [an_order("o1", "c1"), an_order("o2", "c2", total="x"), an_order("o3", "c3", total="")],
        )
    dbt_project.invoke("run", "--select", "+int_input_row_counts")
    result = dbt_project.invoke("test", "--select", "int_input_row_counts")
    assert [node.node.name for node in result.result if str(node.status) == "fail"] == [
        "reject_share_of_orders_is_within_limit"
    ]
    assert not result.success
