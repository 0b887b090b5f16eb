"""A shop of eighteen people, each with one thing about them, as of 30 June 2024 in New York.

The rows are here, the answers are typed by hand in `test_golden_shop.py`.
"""

from __future__ import annotations

import datetime as dt

import duckdb
from contract_rows import deliver, write_empty_world, write_predictions
from small_shop_behaviour import EVENTS, FEEDBACK, MESSAGES

AS_OF_DATE = dt.date(2024, 6, 30)
# A Monday: whoever ordered first after it is scored but not fitted on.
CLV_FIT_DATE = dt.date(2024, 6, 24)

DBT_VARS = {
    "business_timezone": "America/New_York",
    "shop_currency": "USD",
    "rfm_min_customers": 5,
    "usage_min_profiles": 3,
    # Three of its rows can't be used, and the shop is small.
    "max_reject_share": 0.5,
}

CUSTOMERS = [
    {"customer_id": "frequent", "email_hash": "mail-frequent", "timezone": "Asia/Tokyo"}
    | {"loyalty_member_id": "m1", "loyalty_joined_at": "2024-01-10T15:00:00Z"}
    | {"loyalty_tier": "gold"},
    # A member from midnight on, after the day.
    {"customer_id": "once", "timezone": "Europe/Lodnon"}
    | {"loyalty_member_id": "m2", "loyalty_joined_at": "2024-07-01T04:00:00Z"},
    {"customer_id": "part_refund"},
    {"customer_id": "full_refund"},
    {"customer_id": "cancelled"},
    {"customer_id": "cancelled_tomorrow"},
    {"customer_id": "never_ordered", "created_at": "2024-06-30T23:00:00Z"},
    {"customer_id": "sample_only"},
    {"customer_id": "staff", "account_type": "Staff"},
    {"customer_id": "euro"},
    {"customer_id": "sometimes_guest", "email_hash": "mail-guest"},
    {"customer_id": "subscriber"},
    {"customer_id": "lapsed"},
    {"customer_id": "lone_refund"},
    # Opened at midnight after the day: not there yet.
    {"customer_id": "tomorrow", "created_at": "2024-07-01T04:00:00Z"},
]


def _order(order_id: str, customer_id: str | None, ordered_at: str, total: object, **more: object):
    return {
        "order_id": order_id,
        "customer_id": customer_id,
        "ordered_at": ordered_at,
        "total_amount": total,
        "status": "paid",
        "currency": "USD",
        **more,
    }


ORDERS = [
    _order("f1", "frequent", "2024-01-10T15:00:00Z", "100.00"),
    _order("f2", "frequent", "2024-03-05T15:00:00Z", "50.00"),
    _order("f3", "frequent", "2024-05-20T15:00:00Z", "60.00"),
    _order("f4", "frequent", "2024-06-25T15:00:00Z", "40.00"),
    # 70 charged, 50 of it for a gift card.
    _order("once1", "once", "2024-02-15T10:00:00-05:00", "70.00"),
    # 96 in the shop's gross prices, 16 of it tax.
    _order("part1", "part_refund", "2024-03-20T15:00:00Z", "96.00", taxes_included="true"),
    _order("full1", "full_refund", "2024-03-01T15:00:00Z", "30.00"),
    _order(
        "cancel1",
        "cancelled",
        "2024-06-01T15:00:00Z",
        "25.00",
        status="cancelled",
        cancelled_at="2024-06-15T15:00:00Z",
    ),
    _order(
        "cancel2",
        "cancelled_tomorrow",
        "2024-06-10T15:00:00Z",
        "80.00",
        shipping_amount="5.00",
        status="cancelled",
        updated_at="2024-07-02T12:00:00Z",
        cancelled_at="2024-07-01T04:00:00Z",
    ),
    _order("sample1", "sample_only", "2024-05-05T15:00:00Z", "0.00"),
    _order("staff1", "staff", "2024-05-05T15:00:00Z", "500.00"),
    _order("euro1", "euro", "2024-04-10T15:00:00Z", "100.00", currency="EUR"),
    _order("own1", "sometimes_guest", "2024-05-05T15:00:00Z", "10.00"),
    _order("own2", None, "2024-06-20T15:00:00Z", "15.00", email_hash="mail-guest"),
    # 30 June 23:59:59.999999 and 1 July 00:00 in New York.
    _order("guest1", None, "2024-07-01T03:59:59.999999Z", "12.00", email_hash="mail-stranger"),
    _order("guest2", None, "2024-07-01T04:00:00Z", "99.00", email_hash="mail-stranger"),
    _order("walk_in1", None, "2024-06-05T15:00:00Z", "5.00"),
    _order("walk_in2", None, "2024-06-06T15:00:00Z", "5.00"),
    _order("sub1", "subscriber", "2024-01-15T15:00:00Z", "9.99"),
    _order("sub2", "subscriber", "2024-02-15T15:00:00Z", "9.99", is_renewal="true"),
    _order("sub3", "subscriber", "2024-03-15T15:00:00Z", "9.99", is_renewal="true"),
    _order("old1", "lapsed", "2021-03-03T15:00:00Z", "200.00"),
    _order("lone1", "lone_refund", "2024-04-15T15:00:00Z", "40.00"),
    # What can't be used: a currency without a rate, a negative total, a day that is none.
    _order("pound1", "lone_refund", "2024-04-15T15:00:00Z", "40.00", currency="GBP"),
    _order("minus1", "lone_refund", "2024-04-15T15:00:00Z", "-40.00"),
    _order("noday1", "lone_refund", "2024-02-30", "40.00"),
]

ORDER_ITEMS = [
    {"order_item_id": "l1", "order_id": "f1", "quantity": "2", "unit_price": "60.00"}
    | {"product_id": "shirt", "discount_amount": "20.00"},
    {"order_item_id": "l2", "order_id": "once1", "quantity": "1", "unit_price": "20.00"}
    | {"product_id": "mug"},
    {"order_item_id": "l3", "order_id": "once1", "quantity": "1", "unit_price": "50.00"}
    | {"product_id": "card", "is_gift_card": "true"},
    {"order_item_id": "l4", "order_id": "part1", "quantity": "1", "unit_price": "96.00"}
    | {"product_id": "vase", "tax_amount": "16.00"},
]

REFUNDS = [
    # 36 gross, 6 of it tax, in the day's last second; the next one is a day later.
    {"refund_id": "r1", "order_id": "part1", "amount": "36.00", "tax_amount": "6.00"}
    | {"refunded_at": "2024-07-01T03:59:59Z"},
    {"refund_id": "r2", "order_id": "part1", "amount": "12.00", "tax_amount": "2.00"}
    | {"refunded_at": "2024-07-01T04:00:00Z"},
    {"refund_id": "r3", "order_id": "full1", "amount": "30.00"}
    | {"refunded_at": "2024-05-01T15:00:00Z"},
    {"refund_id": "r4", "order_id": "not_there", "customer_id": "lone_refund", "amount": "7.00"}
    | {"refunded_at": "2024-06-01T15:00:00Z"},
]

FX_RATES = [
    {"rate_date": "2024-04-08", "from_currency": "EUR", "to_currency": "USD", "rate": "1.10"},
    {"rate_date": "2024-04-11", "from_currency": "EUR", "to_currency": "USD", "rate": "9.99"},
]

# (repeat_count, first_to_last_days, age_days): discounted orders in 365 days, P(active in 365).
ORDER_SCORES = {
    (3, 167, 172): (4.0, 0.95),
    (0, 0, 136): (0.5, 0.30),
    (0, 0, 102): (0.6, 0.40),
    (0, 0, 20): (1.0, 0.60),
    (0, 0, 81): (0.8, 0.50),
    (1, 46, 56): (2.0, 0.80),
    (0, 0, 0): (1.0, 0.65),
    (0, 0, 25): (1.0, 0.55),
    (0, 0, 24): (1.0, 0.55),
    (0, 0, 167): (0.2, 0.15),
    (0, 0, 1215): (0.01, 0.01),
    (0, 0, 76): (0.7, 0.45),
}

# (order_count, mean_order_value): expected order value.
SPEND_SCORES = {
    (4, "62.5000"): 62.5,
    (1, "20.0000"): 20.0,
    (1, "50.0000"): 50.0,
    (1, "75.0000"): 75.0,
    (1, "110.0000"): 110.0,
    (2, "12.5000"): 12.5,
    (1, "12.0000"): 12.0,
    (1, "5.0000"): 5.0,
    (1, "9.9900"): 9.99,
    (1, "200.0000"): 200.0,
    (1, "40.0000"): 40.0,
}


def write_small_shop(connection: duckdb.DuckDBPyConnection) -> None:
    """Deliver the shop in two files a table; the second repeats rows of the first."""
    write_empty_world(connection, AS_OF_DATE, CLV_FIT_DATE)
    deliver(connection, "customers", CUSTOMERS)
    deliver(connection, "orders", ORDERS)
    deliver(connection, "order_items", ORDER_ITEMS)
    deliver(connection, "refunds", REFUNDS)
    deliver(connection, "fx_rates", FX_RATES)
    deliver(connection, "events", EVENTS)
    deliver(connection, "messages", MESSAGES)
    deliver(connection, "feedback", FEEDBACK)
    deliver(connection, "orders", ORDERS[:5], arrival_seq=2)
    deliver(connection, "order_items", ORDER_ITEMS[:2], arrival_seq=2)
    deliver(connection, "refunds", REFUNDS[2:3], arrival_seq=2)
    deliver(connection, "events", EVENTS[10:16], arrival_seq=2)
    deliver(connection, "messages", MESSAGES[:5], arrival_seq=2)


def write_small_shop_predictions(connection: duckdb.DuckDBPyConnection) -> None:
    """Scores as a model could have made them, round enough to check by hand."""
    write_predictions(
        connection,
        "clv_order_scores",
        [
            {
                "repeat_count": repeat_count,
                "first_to_last_days": first_to_last_days,
                "age_days": age_days,
                "p_alive": p_active,
                "p_active_30_days": p_active / 8,
                "p_active_90_days": p_active / 4,
                "p_active_365_days": p_active,
                "expected_orders_30_days": orders / 8,
                "expected_orders_90_days": orders / 4,
                "expected_orders_365_days": orders,
                "discounted_expected_orders_365_days": orders,
                "model_name": "mbg_nbd",
            }
            for (repeat_count, first_to_last_days, age_days), (
                orders,
                p_active,
            ) in ORDER_SCORES.items()
        ],
    )
    write_predictions(
        connection,
        "clv_spend_scores",
        [
            {
                "order_count": order_count,
                "mean_order_value": mean_order_value,
                "expected_order_value": expected_order_value,
                "model_name": "gamma_gamma",
            }
            for (order_count, mean_order_value), expected_order_value in SPEND_SCORES.items()
        ],
    )
    for model_name, purpose in (("mbg_nbd", "orders"), ("gamma_gamma", "spend")):
        write_predictions(
            connection,
            "clv_model_runs",
            [
                {
                    "model_name": model_name,
                    "purpose": purpose,
                    "is_champion": True,
                    "status": "fitted",
                    "fit_date": CLV_FIT_DATE,
                }
            ],
        )
