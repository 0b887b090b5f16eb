"""Which days a backfill is about, and which of them are still to be built."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable

from orchestration.paths import Home
from orchestration.publishing.observation_ledger import observed_days
from orchestration.publishing.run_key import RunKey


def days_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """All days from first to last, both included."""
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]


def is_month_end(day: dt.date) -> bool:
    """Whether a day is the last of its month."""
    return day.day == calendar.monthrange(day.year, day.month)[1]


def days_to_build(home: Home, keys: Iterable[RunKey]) -> list[dt.date]:
    """Days that don't stand in history with the same deliveries, configuration and code, in order.

    Args:
        home: the home.
        keys: of all days of the backfill; the days before them don't matter here.
    """
    # The ledger can't know that the warehouse is gone; the next run will tell it.
    observed = set(observed_days(home)) if home.build_db.is_file() else set()
    return sorted(key.as_of_date for key in keys if key.observed_day not in observed)
