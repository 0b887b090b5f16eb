"""How numbers are written."""

import datetime as dt
from decimal import Decimal

import pytest

from orchestration.reporting import number_texts as told


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("328214.4400"), "USD 328,214"),
        (Decimal("99.50"), "USD 99.50"),
        (Decimal("-12.5"), "USD -12.50"),
        (Decimal("40.0000"), "USD 40"),
        (0, "USD 0"),
        (None, "–"),
    ],
)
def test_money_has_cents_where_they_matter(amount, text):
    assert told.money(amount, "USD") == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(999, "999"), (1000, "1.0k"), (379948, "380k"), (1_250_000, "1.2M"), (-2500, "-2.5k")],
)
def test_amounts_are_short_where_room_is(amount, text):
    assert told.short(amount) == text


def test_shares_counts_days_and_lists():
    assert told.share(327, 3001) == "10.9%"
    assert told.share(1, 0) == "–"
    assert told.people(1) == "1 person"
    assert told.people(1065) == "1,065 people"
    assert told.day(dt.date(2026, 6, 3)) == "3 June 2026"
    assert told.listed(["a", "b", "c"]) == "a, b and c"
    assert told.in_words("cant_lose_them") == "Cant lose them"
    assert told.in_words("sms") == "SMS"
