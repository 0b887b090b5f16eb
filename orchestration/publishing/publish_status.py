"""What readers get now, what is kept, and how the last runs went: `strata status`."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestration.paths import Home
from orchestration.publishing.run_ledger import Run, list_runs, present_days
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
        days: built or published, in order.
    """

    set_id: str | None
    as_of_date: dt.date | None
    row_counts: Mapping[str, int]
    hold: Hold | None
    kept_sets: tuple[RecordedSet, ...]
    last_runs: tuple[Run, ...]
    days: tuple[dt.date, ...]


def status(home: Home, run_limit: int = 10) -> Status:
    """Read the state; changes nothing, also in a home that can't be written.

    Raises:
        DamagedFileError: the published file can't be read.
    """
    set_id, as_of_date, counts = pointed_set_id(home), None, {}
    if set_id is not None:
        path = home.set_file(set_id)
        set_id, as_of_date = read_published_set(path)
        counts = row_counts(path)
    with _ledger_to_read(home) as records:
        return Status(
            set_id=set_id,
            as_of_date=as_of_date,
            row_counts=counts,
            hold=current_hold(records),
            kept_sets=tuple(list_sets(records)),
            last_runs=tuple(list_runs(records, run_limit)),
            days=tuple(present_days(records)),
        )


@contextmanager
def _ledger_to_read(home: Home) -> Iterator[Home]:
    """The home itself, or a copy of its ledger: SQLite writes beside what it only reads."""
    ledger = home.ledger_db
    if ledger.exists() and os.access(ledger, os.W_OK) and os.access(home.root, os.W_OK):
        yield home
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Home(Path(folder))
        for suffix in ("", "-wal"):
            part = ledger.with_name(ledger.name + suffix)
            if part.exists():
                shutil.copyfile(part, copy.ledger_db.with_name(part.name))
        yield copy
