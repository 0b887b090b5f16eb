"""Which days are to be built without anyone asking: by the ledger, from the first published on."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass

from orchestration.paths import Home
from orchestration.publishing import observation_ledger, run_ledger
from orchestration.runs.as_of_day import yesterday
from orchestration.settings.settings_model import Settings

# A day that has just failed would fail again: what it needs is a person or a file.
RETRY_AFTER = dt.timedelta(hours=1)
# The schedule comes first; what it has not begun by then it has missed.
SCHEDULE_GRACE = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class OwedDay:
    """A day that is to be built now.

    Attributes:
        as_of_date: the day.
        is_last: whether no later day is missing: then it is published.
    """

    as_of_date: dt.date
    is_last: bool


def next_owed_day(home: Home, settings: Settings, now: dt.datetime | None = None) -> OwedDay | None:
    """The oldest day that is due and missing.

    None before anything was published: the first day is for a person to choose.

    Args:
        home: the home.
        settings: for the shop's zone and the schedule's time.
        now: an aware instant; the present where None.
    """
    missing = missing_days(home, last_due_day(settings, now))
    return OwedDay(missing[0], is_last=len(missing) == 1) if missing else None


def missing_days(home: Home, last: dt.date) -> list[dt.date]:
    """Days up to `last` that are not built, or no longer in history, oldest first.

    Once none is left, the newest published day if days before it have come into history since: its
    set tells another history than is known now. Empty before anything was published: the first day
    is for a person to choose.
    """
    first = run_ledger.first_published_day(home)
    newest = run_ledger.newest_published_day(home)
    if first is None or newest is None:
        return []
    lost = [day for day in observation_ledger.lost_days(home) if first <= day <= last]
    missing = sorted({*run_ledger.missing_days(home, first, last), *lost})
    if not missing and observation_ledger.has_other_history_now(home, newest):
        return [newest]
    return missing


def last_due_day(settings: Settings, now: dt.datetime | None = None) -> dt.date:
    """The last day that the schedule should have begun: a day's files come in after midnight.

    Args:
        settings: for the shop's zone and the schedule's time.
        now: an aware instant; the present where None.
    """
    instant = now or dt.datetime.now(dt.UTC)
    local = (instant - SCHEDULE_GRACE).astimezone(zoneinfo.ZoneInfo(settings.business_timezone))
    is_begun = local.time() >= dt.time.fromisoformat(settings.schedule_time)
    return local.date() - dt.timedelta(days=1 if is_begun else 2)


def day_of_new_files(home: Home, settings: Settings, now: dt.datetime | None = None) -> dt.date:
    """The day to build when files have come: yesterday, or the published day if that is newer.

    A clock that was put back would name an older day, and readers would not see the new files.

    Args:
        home: the home.
        settings: for the shop's zone.
        now: an aware instant; the present where None.
    """
    last = yesterday(settings, now)
    return max(last, run_ledger.newest_published_day(home) or last)


def has_just_failed(home: Home, day: dt.date, now: dt.datetime | None = None) -> bool:
    """Whether the newest run of a day failed less than an hour ago.

    A failure in the future is none that has just been: a clock was wrong, and was put right.

    Args:
        home: the home.
        day: the as-of day.
        now: an aware instant; the present where None.
    """
    runs = [run for run in run_ledger.list_runs(home, limit=100) if run.as_of_date == day]
    if not runs or runs[0].status != "failed" or runs[0].ended_at is None:
        return False
    age = (now or dt.datetime.now(dt.UTC)) - runs[0].ended_at
    return dt.timedelta(0) <= age < RETRY_AFTER
