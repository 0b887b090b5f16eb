"""Which days the schedule still owes, by the ledger: from the first published day on."""

from __future__ import annotations

import datetime as dt

from orchestration.paths import Home
from orchestration.publishing import run_ledger


def missing_days(home: Home, last: dt.date) -> list[dt.date]:
    """Days up to `last` that are neither built nor published, oldest first.

    Empty before anything was published: the first day is for a person to choose.
    """
    first = run_ledger.first_published_day(home)
    return [] if first is None else run_ledger.missing_days(home, first, last)
