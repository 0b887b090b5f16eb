"""The small shop's tables, whole, against answers worked out by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from contract_rows import profile_id

PEOPLE = {
    **{
        name: profile_id("customer", "shop", name)
        for name in (
            "frequent",
            "once",
            "part_refund",
            "full_refund",
            "cancelled",
            "cancelled_tomorrow",
            "never_ordered",
            "sample_only",
            "staff",
            "euro",
            "sometimes_guest",
            "subscriber",
            "lapsed",
            "lone_refund",
        )
    },
    "stranger": profile_id("email", "mail-stranger"),
    "walk_in1": profile_id("anonymous", "shop", "walk_in1"),
    "walk_in2": profile_id("anonymous", "shop", "walk_in2"),
    "visitor": profile_id("anonymous", "shop", "d9"),
}
NAMES = {profile: name for name, profile in PEOPLE.items()}


def by_person(rows):
    return {NAMES[row[0]]: row[1:] for row in rows}


# Cut points at 1 April among its five buyers: recency 12, 17, 27, 31 days; money 20, 29.97, 30, 80.
# segment, R, F, M, recency, orders, renewals, net, average, tenure, reason
GOLDEN_RFM = {
    "frequent": (
        *("champions", 5, 4, 5, 5, 4, 0, Decimal("250.0000"), Decimal("62.5000"), 172),
        "last order 5 days ago (R5), 4 orders (F4), 250.00 net (M5)",
    ),
    "once": (
        *("hibernating", 1, 1, 1, 136, 1, 0, Decimal("20.0000"), Decimal("20.0000"), 136),
        "last order 136 days ago (R1), 1 order (F1), 20.00 net (M1)",
    ),
    "part_refund": (
        *("hibernating", 1, 1, 4, 102, 1, 0, Decimal("50.0000"), Decimal("50.0000"), 102),
        "last order 102 days ago (R1), 1 order (F1), 50.00 net (M4)",
    ),
    "full_refund": (
        *("returned_only", None, None, None, None, 0, 0, Decimal("0.0000"), None, None),
        "every order returned or cancelled",
    ),
    "cancelled": (
        *("returned_only", None, None, None, None, 0, 0, Decimal("0.0000"), None, None),
        "every order returned or cancelled",
    ),
    "cancelled_tomorrow": (
        *("about_to_sleep", 3, 1, 4, 20, 1, 0, Decimal("75.0000"), Decimal("75.0000"), 20),
        "last order 20 days ago (R3), 1 order (F1), 75.00 net (M4)",
    ),
    "never_ordered": (
        *("prospect", None, None, None, None, 0, 0, Decimal("0.0000"), None, None),
        "no order that counts yet",
    ),
    "sample_only": (
        *("prospect", None, None, None, None, 0, 0, Decimal("0.0000"), None, None),
        "no order that counts yet",
    ),
    "staff": (
        *("prospect", None, None, None, None, 0, 0, Decimal("0.0000"), None, None),
        "no order that counts yet",
    ),
    "visitor": (
        *("prospect", None, None, None, None, 0, 0, Decimal("0.0000"), None, None),
        "no order that counts yet",
    ),
    "euro": (
        *("hibernating", 1, 1, 5, 81, 1, 0, Decimal("110.0000"), Decimal("110.0000"), 81),
        "last order 81 days ago (R1), 1 order (F1), 110.00 net (M5)",
    ),
    "sometimes_guest": (
        *("potential_loyalists", 5, 2, 2, 10, 2, 0, Decimal("25.0000"), Decimal("12.5000"), 56),
        "last order 10 days ago (R5), 2 orders (F2), 25.00 net (M2)",
    ),
    "subscriber": (
        *("hibernating", 1, 1, 2, 107, 1, 2, Decimal("29.9700"), Decimal("9.9900"), 167),
        "last order 107 days ago (R1), 1 order (F1), 29.97 net (M2)",
    ),
    "lapsed": (
        *("hibernating", 1, 1, 1, 1215, 0, 0, Decimal("0.0000"), None, 1215),
        "last order 1215 days ago (R1), 0 orders (F1), 0.00 net (M1)",
    ),
    "lone_refund": (
        *("hibernating", 1, 1, 4, 76, 1, 0, Decimal("33.0000"), Decimal("40.0000"), 76),
        "last order 76 days ago (R1), 1 order (F1), 33.00 net (M4)",
    ),
    "stranger": (
        *("new_customers", 5, 1, 1, 0, 1, 0, Decimal("12.0000"), Decimal("12.0000"), 0),
        "last order 0 days ago (R5), 1 order (F1), 12.00 net (M1)",
    ),
    "walk_in1": (
        *("about_to_sleep", 3, 1, 1, 25, 1, 0, Decimal("5.0000"), Decimal("5.0000"), 25),
        "last order 25 days ago (R3), 1 order (F1), 5.00 net (M1)",
    ),
    "walk_in2": (
        *("about_to_sleep", 3, 1, 1, 24, 1, 0, Decimal("5.0000"), Decimal("5.0000"), 24),
        "last order 24 days ago (R3), 1 order (F1), 5.00 net (M1)",
    ),
}

NOT_PREDICTED = (*("insufficient_data", 99, "insufficient_data"), *(None,) * 3)
# tier, rank, churn risk, churn probability, expected orders, expected value,
# historic, predicted, total, reason
GOLDEN_PROBABILISTIC = {
    "frequent": (
        *("high", 1, "low", Decimal("0.050000"), Decimal("4.000000"), Decimal("62.50")),
        *(Decimal("250.00"), Decimal("250.00"), Decimal("500.00")),
        "250.00 USD expected in 365 days, 5 % risk of no order in 365 days",
    ),
    "euro": (
        *("high", 1, "medium", Decimal("0.500000"), Decimal("0.800000"), Decimal("110.00")),
        *(Decimal("110.00"), Decimal("88.00"), Decimal("198.00")),
        "88.00 USD expected in 365 days, 50 % risk of no order in 365 days",
    ),
    "cancelled_tomorrow": (
        *("high", 1, "medium", Decimal("0.400000"), Decimal("1.000000"), Decimal("75.00")),
        *(Decimal("75.00"), Decimal("75.00"), Decimal("150.00")),
        "75.00 USD expected in 365 days, 40 % risk of no order in 365 days",
    ),
    "part_refund": (
        *("medium", 2, "medium", Decimal("0.600000"), Decimal("0.600000"), Decimal("50.00")),
        *(Decimal("50.00"), Decimal("30.00"), Decimal("80.00")),
        "30.00 USD expected in 365 days, 60 % risk of no order in 365 days",
    ),
    "lone_refund": (
        *("medium", 2, "medium", Decimal("0.550000"), Decimal("0.700000"), Decimal("40.00")),
        *(Decimal("33.00"), Decimal("28.00"), Decimal("61.00")),
        "28.00 USD expected in 365 days, 55 % risk of no order in 365 days",
    ),
    "sometimes_guest": (
        *("medium", 2, "low", Decimal("0.200000"), Decimal("2.000000"), Decimal("12.50")),
        *(Decimal("25.00"), Decimal("25.00"), Decimal("50.00")),
        "25.00 USD expected in 365 days, 20 % risk of no order in 365 days",
    ),
    "stranger": (
        *("low", 3, "medium", Decimal("0.350000"), Decimal("1.000000"), Decimal("12.00")),
        *(Decimal("12.00"), Decimal("12.00"), Decimal("24.00")),
        "12.00 USD expected in 365 days, 35 % risk of no order in 365 days",
    ),
    "once": (
        *("low", 3, "high", Decimal("0.700000"), Decimal("0.500000"), Decimal("20.00")),
        *(Decimal("20.00"), Decimal("10.00"), Decimal("30.00")),
        "10.00 USD expected in 365 days, 70 % risk of no order in 365 days",
    ),
    "walk_in1": (
        *("low", 3, "medium", Decimal("0.450000"), Decimal("1.000000"), Decimal("5.00")),
        *(Decimal("5.00"), Decimal("5.00"), Decimal("10.00")),
        "5.00 USD expected in 365 days, 45 % risk of no order in 365 days",
    ),
    "walk_in2": (
        *("low", 3, "medium", Decimal("0.450000"), Decimal("1.000000"), Decimal("5.00")),
        *(Decimal("5.00"), Decimal("5.00"), Decimal("10.00")),
        "5.00 USD expected in 365 days, 45 % risk of no order in 365 days",
    ),
    "subscriber": (
        *("low", 3, "high", Decimal("0.850000"), Decimal("0.200000"), Decimal("9.99")),
        *(Decimal("29.97"), Decimal("2.00"), Decimal("31.97")),
        "2.00 USD expected in 365 days, 85 % risk of no order in 365 days",
    ),
    "lapsed": (
        *("low", 3, "high", Decimal("0.990000"), Decimal("0.010000"), Decimal("200.00")),
        *(Decimal("200.00"), Decimal("2.00"), Decimal("202.00")),
        "2.00 USD expected in 365 days, 99 % risk of no order in 365 days",
    ),
    **{
        name: (*NOT_PREDICTED, Decimal("0.00"), None, None, "no order that counts yet")
        for name in (
            *("full_refund", "cancelled", "never_ordered", "sample_only", "staff", "visitor"),
        )
    },
}

# kind, first order, last order, orders, renewals, worthless, returned, cancelled, net
GOLDEN_360 = {
    "frequent": ("customer", "2024-01-10", "2024-06-25", 4, 0, 0, 0, 0, "250"),
    "once": ("customer", "2024-02-15", "2024-02-15", 1, 0, 0, 0, 0, "20"),
    "part_refund": ("customer", "2024-03-20", "2024-03-20", 1, 0, 0, 0, 0, "50"),
    "full_refund": ("customer", None, None, 0, 0, 0, 1, 0, "0"),
    "cancelled": ("customer", None, None, 0, 0, 0, 0, 1, "0"),
    "cancelled_tomorrow": ("customer", "2024-06-10", "2024-06-10", 1, 0, 0, 0, 0, "75"),
    "never_ordered": ("customer", None, None, 0, 0, 0, 0, 0, "0"),
    "sample_only": ("customer", None, None, 0, 0, 1, 0, 0, "0"),
    "staff": ("customer", None, None, 0, 0, 0, 0, 0, "0"),
    "euro": ("customer", "2024-04-10", "2024-04-10", 1, 0, 0, 0, 0, "110"),
    "sometimes_guest": ("customer", "2024-05-05", "2024-06-20", 2, 0, 0, 0, 0, "25"),
    "subscriber": ("customer", "2024-01-15", "2024-01-15", 1, 2, 0, 0, 0, "29.97"),
    "lapsed": ("customer", "2021-03-03", "2021-03-03", 1, 0, 0, 0, 0, "200"),
    "lone_refund": ("customer", "2024-04-15", "2024-04-15", 1, 0, 0, 0, 0, "33"),
    "stranger": ("email", "2024-06-30", "2024-06-30", 1, 0, 0, 0, 0, "12"),
    "walk_in1": ("anonymous", "2024-06-05", "2024-06-05", 1, 0, 0, 0, 0, "5"),
    "walk_in2": ("anonymous", "2024-06-06", "2024-06-06", 1, 0, 0, 0, 0, "5"),
    "visitor": ("anonymous", None, None, 0, 0, 0, 0, 0, "0"),
}


@pytest.fixture(scope="module")
def rfm(small_shop):
    return by_person(
        small_shop.rows(
            "select profile_id, segment_code, recency_score, frequency_score, monetary_score,"
            " recency_days, order_count, renewal_count, monetary_total, average_order_value,"
            " tenure_days, reason from marts.rfm_segments"
        )
    )


@pytest.fixture(scope="module")
def probabilistic(small_shop):
    return by_person(
        small_shop.rows(
            "select profile_id, segment_code, segment_rank, churn_risk, churn_probability,"
            " expected_orders_365_days, expected_order_value, historic_clv,"
            " predicted_clv_365_days, total_clv, reason from marts.probabilistic_segments"
        )
    )


@pytest.fixture(scope="module")
def customer_360(small_shop):
    return by_person(
        small_shop.rows(
            "select profile_id, profile_kind, first_order_date, last_order_date, order_count,"
            " renewal_count, zero_value_order_count, returned_order_count,"
            " cancelled_order_count, net_revenue, rfm_segment_code, clv_tier, churn_risk"
            " from marts.customer_360"
        )
    )


@pytest.mark.parametrize("person", PEOPLE)
def test_each_person_has_the_rfm_row_worked_out_by_hand(rfm, person):
    assert rfm[person] == GOLDEN_RFM[person]


@pytest.mark.parametrize("person", PEOPLE)
def test_each_person_has_the_prediction_worked_out_by_hand(probabilistic, person):
    assert probabilistic[person] == GOLDEN_PROBABILISTIC[person]


@pytest.mark.parametrize("person", PEOPLE)
def test_each_person_is_one_row_of_customer_360(customer_360, person):
    kind, first, last, *counts, net = GOLDEN_360[person]
    assert customer_360[person] == (
        kind,
        first and dt.date.fromisoformat(first),
        last and dt.date.fromisoformat(last),
        *counts,
        Decimal(net),
        GOLDEN_RFM[person][0],
        GOLDEN_PROBABILISTIC[person][0],
        GOLDEN_PROBABILISTIC[person][2],
    )


def test_nobody_else_is_a_profile(rfm, probabilistic, customer_360):
    assert set(rfm) == set(probabilistic) == set(customer_360) == set(PEOPLE)


def test_thresholds_are_those_of_the_quarter_start(small_shop):
    found = small_shop.rows(
        "select measure, score, threshold, customer_count, cut_points_as_of, cut_points_date"
        " from marts.rfm_thresholds order by measure, score"
    )
    quarter_start = (5, "quarter_start", dt.date(2024, 4, 1))
    assert found == [
        ("frequency", 1, "< 2 orders", *quarter_start),
        ("frequency", 2, "≥ 2 and < 3 orders", *quarter_start),
        ("frequency", 3, "≥ 3 and < 4 orders", *quarter_start),
        ("frequency", 4, "≥ 4 and < 6 orders", *quarter_start),
        ("frequency", 5, "≥ 6 orders", *quarter_start),
        ("monetary", 1, "≤ 20.00 USD", *quarter_start),
        ("monetary", 2, "> 20.00 and ≤ 29.97 USD", *quarter_start),
        ("monetary", 3, "> 29.97 and ≤ 30.00 USD", *quarter_start),
        ("monetary", 4, "> 30.00 and ≤ 80.00 USD", *quarter_start),
        ("monetary", 5, "> 80.00 USD", *quarter_start),
        ("recency", 1, "> 31 days", *quarter_start),
        ("recency", 2, "> 27 and ≤ 31 days", *quarter_start),
        ("recency", 3, "> 17 and ≤ 27 days", *quarter_start),
        ("recency", 4, "> 12 and ≤ 17 days", *quarter_start),
        ("recency", 5, "≤ 12 days", *quarter_start),
    ]


def test_models_are_fitted_on_order_days_up_to_the_fit_date(small_shop):
    # Without frequent's order of 25 June and the stranger, whose only one is of 30 June.
    assert small_shop.rows("select * from intermediate.int_clv_order_tuples order by all") == [
        (0, 0, 14, 1),
        (0, 0, 18, 1),
        (0, 0, 19, 1),
        (0, 0, 70, 1),
        (0, 0, 75, 1),
        (0, 0, 96, 1),
        (0, 0, 130, 1),
        (0, 0, 161, 1),
        (0, 0, 1209, 1),
        (1, 46, 50, 1),
        (2, 131, 166, 1),
    ]
    assert small_shop.rows("select * from intermediate.int_clv_spend_tuples order by all") == [
        (1, Decimal("5.0000"), 2),
        (1, Decimal("9.9900"), 1),
        (1, Decimal("20.0000"), 1),
        (1, Decimal("40.0000"), 1),
        (1, Decimal("50.0000"), 1),
        (1, Decimal("75.0000"), 1),
        (1, Decimal("110.0000"), 1),
        (1, Decimal("200.0000"), 1),
        (2, Decimal("12.5000"), 1),
        (3, Decimal("70.0000"), 1),
    ]


def test_every_delivered_row_is_accounted_for(small_shop):
    found = small_shop.rows(
        "select input_name, check_code, row_count from marts.data_quality_report"
        " where check_code like '%\\_rows' escape '\\' and input_name in"
        " ('orders', 'order_items', 'refunds') order by all"
    )
    assert found == [
        ("order_items", "accepted_rows", 4),
        ("order_items", "delivered_rows", 6),
        ("order_items", "duplicate_rows", 2),
        ("order_items", "erased_rows", 0),
        ("order_items", "rejected_rows", 0),
        ("orders", "accepted_rows", 23),
        ("orders", "delivered_rows", 31),
        ("orders", "duplicate_rows", 5),
        ("orders", "erased_rows", 0),
        ("orders", "rejected_rows", 3),
        ("refunds", "accepted_rows", 4),
        ("refunds", "delivered_rows", 5),
        ("refunds", "duplicate_rows", 1),
        ("refunds", "erased_rows", 0),
        ("refunds", "rejected_rows", 0),
    ]


def test_refused_rows_are_named_without_a_value_of_theirs(small_shop):
    found = small_shop.rows(
        "select input_name, file_name, row_number, column_name, reason_code, rejected_by"
        " from marts.rejected_records order by row_number"
    )
    assert found == [
        ("orders", "orders-1.csv", 24, "currency", "missing_fx_rate", "conversion"),
        ("orders", "orders-1.csv", 25, "total_amount", "negative_total", "staging"),
        ("orders", "orders-1.csv", 26, "ordered_at", "invalid_timestamp", "staging"),
    ]


def test_a_refund_without_its_order_is_listed_and_deducted(small_shop):
    found = small_shop.rows(
        "select profile_id, refunded_date, refund_amount, is_deducted, reason_code"
        " from marts.refunds_without_order"
    )
    assert found == [
        (PEOPLE["lone_refund"], dt.date(2024, 6, 1), Decimal("7.0000"), True, "order_not_there")
    ]


def test_each_person_has_one_membership_of_each_type(small_shop):
    found = small_shop.rows(
        "select segment_type, count(*), count(distinct profile_id)"
        " from marts.segment_memberships group by segment_type order by all"
    )
    assert found == [
        ("brand_engagement", 18, 18),
        ("channel_mix", 18, 18),
        ("churn_risk", 18, 18),
        ("clv_tier", 18, 18),
        ("loyalty", 18, 18),
        ("preferred_channel", 18, 18),
        ("rfm", 18, 18),
        ("usage", 18, 18),
    ]


def test_a_feature_whose_column_never_comes_is_off_and_says_what_follows(small_shop):
    found = dict(small_shop.rows("select feature_code, (is_on, reason) from marts.capabilities"))
    assert found["other_currencies"] == (True, "2 rows with fx_rates.rate")
    assert found["test_orders_left_out"] == (
        False,
        "no row with orders.is_test: orders that are tests count like any other",
    )
