"""Which day a run makes: what a user asked for, checked, or the day that follows from the data."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from orchestration.errors import StrataError
from orchestration.settings.settings_model import Settings


def yesterday(settings: Settings, now: dt.datetime | None = None) -> dt.date:
    """The last day that is over in the shop's zone.

    Args:
        settings: for `business_timezone`.
        now: an aware instant; the present where None.
    """
    instant = now or dt.datetime.now(dt.UTC)
    local = instant.astimezone(zoneinfo.ZoneInfo(settings.business_timezone))
    return local.date() - dt.timedelta(days=1)


def parse_as_of_date(
    text: str, settings: Settings, now: dt.datetime | None = None, option: str = "--as-of"
) -> dt.date:
    """The day a user named.

    Args:
        text: as the user wrote it.
        settings: for `business_timezone` and `first_as_of_date`.
        now: an aware instant; the present where None.
        option: where the user wrote it.

    Raises:
        StrataError: not a day, not over yet, or before `first_as_of_date` or any valid row.
    """
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise StrataError(f"{option}: '{text}' is no day; write it as 2011-08-31") from error
    last = yesterday(settings, now)
    if day > last:
        raise StrataError(
            f"{option}: {day} is not over in {settings.business_timezone};"
            f" the latest day that can be built is {last}"
        )
    if day < settings.first_as_of_date:
        raise StrataError(
            f"{option}: {day} is before first_as_of_date {settings.first_as_of_date};"
            " set an earlier one in strata.yml"
        )
    refuse_day_without_rows(day, settings)
    return day


def default_as_of_date(
    last_order_day: dt.date | None, settings: Settings, now: dt.datetime | None = None
) -> dt.date:
    """Yesterday, or the last day with an order where the data end before that.

    Raises:
        StrataError: it is before any valid row.
    """
    last = yesterday(settings, now)
    day = last if last_order_day is None else min(last, last_order_day)
    day = max(day, settings.first_as_of_date)
    refuse_day_without_rows(day, settings)
    return day


def refuse_day_without_rows(day: dt.date, settings: Settings) -> None:
    """Check that rows of the day and before it can be valid at all.

    Raises:
        StrataError: `earliest_valid_date` is later, so that every row would be rejected.
    """
    if settings.earliest_valid_date > day:
        raise StrataError(
            f"earliest_valid_date {settings.earliest_valid_date} is later than {day}, the day to"
            " build: every row would be rejected; set an earlier one in strata.yml"
        )
