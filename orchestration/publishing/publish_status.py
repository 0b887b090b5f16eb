"""What readers get now, what is kept, and how the last runs went: `strata status`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from orchestration.paths import Home
from orchestration.publishing.run_ledger import Run, list_runs
from orchestration.publishing.set_file import read_published_set, row_counts
from orchestration.publishing.set_ledger import Hold, RecordedSet, current_hold, list_sets
from orchestration.publishing.set_pointer import pointed_set_id


@dataclass(frozen=True, slots=True)
class Status:
    """The state of publishing.

    Attributes:
        set_id: of the set that readers get; None before the first one.
        as_of_date: the day it describes.
        row_counts: rows by table.
        hold: set while a rollback holds.
        kept_sets: newest first.
        last_runs: newest first.
    """

    set_id: str | None
    as_of_date: dt.date | None
    row_counts: Mapping[str, int]
    hold: Hold | None
    kept_sets: tuple[RecordedSet, ...]
    last_runs: tuple[Run, ...]


def status(home: Home, run_limit: int = 10) -> Status:
    """Read the state; changes nothing.

    Raises:
        DamagedFileError: the published file can't be read.
    """
    set_id, as_of_date, counts = pointed_set_id(home), None, {}
    if set_id is not None:
        path = home.set_file(set_id)
        set_id, as_of_date = read_published_set(path)
        counts = row_counts(path)
    return Status(
        set_id=set_id,
        as_of_date=as_of_date,
        row_counts=counts,
        hold=current_hold(home),
        kept_sets=tuple(list_sets(home)),
        last_runs=tuple(list_runs(home, run_limit)),
    )
