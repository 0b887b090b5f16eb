"""Which days the schedule still owes, by the ledger: from the first published day on."""

from __future__ import annotations

import datetime as dt

from orchestration.paths import Home
from orchestration.publishing import observation_ledger, run_ledger

# A day that has just failed would fail again: what it needs is a person or a file.
RETRY_AFTER = dt.timedelta(hours=1)


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


def has_just_failed(home: Home, day: dt.date, now: dt.datetime | None = None) -> bool:
    """Whether the newest run of a day failed less than an hour ago.

    Args:
        home: the home.
        day: the as-of day.
        now: an aware instant; the present where None.
    """
    runs = [run for run in run_ledger.list_runs(home, limit=100) if run.as_of_date == day]
    if not runs or runs[0].status != "failed" or runs[0].ended_at is None:
        return False
    return (now or dt.datetime.now(dt.UTC)) - runs[0].ended_at < RETRY_AFTER
