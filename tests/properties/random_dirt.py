"""Rows that can't be used: a good row with one cell spoilt. The texts of each kind are here."""

from __future__ import annotations

import random
from collections.abc import Sequence

Row = dict[str, object]

BAD_INSTANTS = (
    *(None, "", "  ", "yesterday", "2024-02-30", "2024-13-01T00:00:00Z", "24/06/2024"),
    *("1970-01-01T00:00:00Z", "0001-01-01", "2199-01-01T00:00:00Z", "1719700000"),
)
BAD_AMOUNTS = (
    *(None, "", "x", "1,000.00", "1.000,00", "$5", "NaN", "inf", "1e400", "19.99999", "-3.00"),
    *("1000000000000", "1e12", "--1", "1e-7"),
)
BAD_CURRENCIES = (None, "", "US", "DOLLARS", "12$", "€")
BAD_IDS = (None, "", "   ")
BAD_FLAGS = ("maybe", "2", "truee")

# Input table and column to the texts that make a row unusable.
SPOILT: dict[str, dict[str, Sequence[str | None]]] = {
    "orders": {
        "order_id": BAD_IDS,
        "ordered_at": BAD_INSTANTS,
        "updated_at": BAD_INSTANTS[3:],
        "cancelled_at": BAD_INSTANTS[3:],
        "status": (None, "", "shipped", "PAID!"),
        "currency": BAD_CURRENCIES,
        "total_amount": BAD_AMOUNTS,
        "shipping_amount": BAD_AMOUNTS[2:],
        "is_test": BAD_FLAGS,
        "is_renewal": BAD_FLAGS,
    },
    "order_items": {
        "order_item_id": BAD_IDS,
        "order_id": BAD_IDS,
        "quantity": ("", None, "two", "1e400"),
        "unit_price": ("", None, "free", "1,5", "NaN"),
        "discount_amount": BAD_AMOUNTS[2:],
        "is_gift_card": BAD_FLAGS,
    },
    "refunds": {
        "refund_id": BAD_IDS,
        "refunded_at": BAD_INSTANTS,
        "amount": BAD_AMOUNTS,
        "currency": BAD_CURRENCIES[2:],
    },
    "customers": {
        "customer_id": BAD_IDS,
        "created_at": BAD_INSTANTS[3:],
        "updated_at": BAD_INSTANTS[3:],
    },
    "products": {"product_id": BAD_IDS, "title": BAD_IDS, "price": BAD_AMOUNTS[2:]},
    "fx_rates": {
        "rate_date": BAD_INSTANTS,
        "from_currency": BAD_CURRENCIES,
        "to_currency": BAD_CURRENCIES,
        "rate": (None, "", "0", "-1", "NaN", "one"),
    },
    "events": {"occurred_at": BAD_INSTANTS, "event_name": BAD_IDS},
    "messages": {"occurred_at": BAD_INSTANTS, "message_id": BAD_IDS, "channel": BAD_IDS},
    "feedback": {"submitted_at": BAD_INSTANTS, "feedback_id": BAD_IDS, "kind": BAD_IDS},
}


def dirty_rows(chance: random.Random, input_name: str, good: Sequence[Row]) -> list[Row]:
    """Copies of good rows, each with one cell spoilt, about one for each ten."""
    if not good:
        return []
    rows = []
    for _ in range(len(good) // 10 + 1):
        column = chance.choice(sorted(SPOILT[input_name]))
        rows.append(dict(chance.choice(good)) | {column: chance.choice(SPOILT[input_name][column])})
    return rows
