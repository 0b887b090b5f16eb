"""The as-of day: read, checked against the shop's calendar, or taken from the data."""

import datetime as dt

import pytest

from orchestration.errors import StrataError
from orchestration.paths import Project
from orchestration.runs.as_of_day import default_as_of_date, parse_as_of_date, yesterday
from orchestration.settings.settings_loader import load_configuration

SETTINGS = load_configuration(Project.here()).settings
AUCKLAND = SETTINGS.model_copy(update={"business_timezone": "Pacific/Auckland"})
NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


def test_yesterday_is_the_shops_and_not_the_machines():
    assert yesterday(SETTINGS, NOW) == dt.date(2026, 2, 28)
    # Noon in UTC is already 1 a.m. of 2 March in Auckland.
    assert yesterday(AUCKLAND, NOW) == dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("31.08.2011", "is no day"),
        ("2011-02-30", "is no day"),
        ("2026-03-01", "not over"),
        ("2099-01-01", "not over"),
        ("1999-12-31", "before first_as_of_date"),
    ],
)
def test_a_wrong_day_is_one_line(text, told):
    with pytest.raises(StrataError) as raised:
        parse_as_of_date(text, SETTINGS, NOW)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "day",
    [
        lambda settings: parse_as_of_date("2026-02-28", settings, NOW),
        lambda settings: default_as_of_date(dt.date(2026, 2, 28), settings, NOW),
    ],
)
def test_a_day_before_any_valid_row_is_refused(day):
    of_the_day = SETTINGS.model_copy(update={"earliest_valid_date": dt.date(2026, 2, 28)})
    assert day(of_the_day) == dt.date(2026, 2, 28)
    of_the_next = SETTINGS.model_copy(update={"earliest_valid_date": dt.date(2026, 3, 1)})
    with pytest.raises(StrataError, match="earliest_valid_date 2026-03-01 is later than 2026-02"):
        day(of_the_next)


def test_a_day_that_is_over_is_taken():
    assert parse_as_of_date("2026-02-28", SETTINGS, NOW) == dt.date(2026, 2, 28)


@pytest.mark.parametrize(
    ("last_order_day", "expected"),
    [
        (None, dt.date(2026, 2, 28)),
        (dt.date(2011, 8, 31), dt.date(2011, 8, 31)),
        (dt.date(2026, 3, 1), dt.date(2026, 2, 28)),
        (dt.date(1999, 1, 1), dt.date(2010, 1, 1)),
    ],
)
def test_default_day_is_yesterday_or_the_last_day_with_an_order(last_order_day, expected):
    assert default_as_of_date(last_order_day, SETTINGS, NOW) == expected
