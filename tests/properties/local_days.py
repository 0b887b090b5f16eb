"""Days of a shop's calendar as Python's zone database has them: the other opinion on day edges."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Sequence

MICROSECOND = dt.timedelta(microseconds=1)
# Offsets from UTC are whole quarters of an hour.
_QUARTER = dt.timedelta(minutes=15)


def local_day(instant: dt.datetime, zone: str) -> dt.date:
    """The calendar day on which an instant falls."""
    return instant.astimezone(zoneinfo.ZoneInfo(zone)).date()


def day_bounds(day: dt.date, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """A day's first instant and the first one after it, UTC, found by looking at each quarter hour.

    No formula with midnights in it: clocks skip them and repeat them.
    """
    noon = dt.datetime.combine(day, dt.time(12), dt.UTC)
    quarters = [noon + n * _QUARTER for n in range(-36 * 4, 36 * 4)]
    own = [quarter for quarter in quarters if local_day(quarter, zone) == day]
    return own[0], own[-1] + _QUARTER


def changing_days(days: Sequence[dt.date], zone: str) -> list[dt.date]:
    """Of consecutive days those on which clocks change, and the days beside them."""
    place = zoneinfo.ZoneInfo(zone)
    offsets = [dt.datetime.combine(day, dt.time(12), place).utcoffset() for day in days]
    return [day for n, day in enumerate(days) if len(set(offsets[max(n - 1, 0) : n + 2])) > 1]
