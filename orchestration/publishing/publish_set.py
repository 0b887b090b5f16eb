"""Publish a set, go back to an earlier one, go forward again: all by moving one pointer.

Order of a publication: write the new file beside, check it, announce it in the ledger, rename it
into place, move the pointer, record it. A kill between any two leaves readers with a whole set.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import StrataError
from orchestration.paths import Home
from orchestration.publishing.content_digest import digest_of, set_digest
from orchestration.publishing.ledger_repair import (
    SET_SUFFIX,
    UNFINISHED_SUFFIX,
    repair_ledger,
)
from orchestration.publishing.run_key import RunKey
from orchestration.publishing.set_file import (
    Limits,
    PublishedTable,
    read_published_set,
    write_set_file,
)
from orchestration.publishing.set_ledger import (
    announce_set,
    current_hold,
    forget_set,
    hold_at,
    latest_erased_identifier_count,
    list_sets,
    record_set,
    recorded_set,
    release_hold,
    sets_with_erased_people,
)
from orchestration.publishing.set_pointer import point_to, pointed_set_id
from orchestration.warehouse.durable_files import make_folder, put_in_place
from orchestration.warehouse.fault_messages import DamagedFileError, told_in_one_line
from orchestration.warehouse.locks import FileLock

_LOCK_TIMEOUT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class PublishedSet:
    """What a publication came to.

    Attributes:
        set_id: hash of the run key.
        as_of_date: the day it describes.
        path: its file.
        digest: of its whole content.
        is_new: its file was made now; else the same key had been published before.
        is_shown: readers get it; else a rollback holds them at another set.
    """

    set_id: str
    as_of_date: dt.date
    path: Path
    digest: str
    is_new: bool
    is_shown: bool


def publish(
    home: Home,
    warehouse_path: Path,
    key: RunKey,
    tables: Sequence[PublishedTable],
    keep_sets: int,
    *,
    erased_identifier_count: int = 0,
    memory_limit: str = "1GB",
    threads: int = 2,
    max_temp_directory_size: str = "20GB",
    lock_timeout_seconds: float = _LOCK_TIMEOUT_SECONDS,
) -> PublishedSet:
    """Copy audited tables of the warehouse's schema `marts` into a set and show it to readers.

    The same key again is a no-op while its file is intact. While a rollback holds, the set is kept
    but readers stay where they are.

    Args:
        home: the home.
        warehouse_path: the build database; nobody may be writing to it.
        key: what the content depends on.
        tables: what to publish.
        keep_sets: how many of the newest sets stay on disk, at least 1; the shown one always does.
        erased_identifier_count: how many identifiers have been forgotten so far. Sets built before
            the last of them don't stay, but for the one that a rollback shows.
        memory_limit: DuckDB's, "4GB".
        threads: DuckDB's.
        max_temp_directory_size: how much sorting may spill.
        lock_timeout_seconds: how long to wait for another publication.

    Raises:
        StrataError: readers still get the last good set; says what to do.
    """
    limits = Limits(memory_limit, threads, home.scratch / "publish", max_temp_directory_size)
    with _as_the_only_publisher(home, f"publishing {key.set_id}", lock_timeout_seconds):
        repair_ledger(home)
        _refuse_older_day(home, key)
        digest = _intact_digest(home, key.set_id)
        is_new = digest is None
        if digest is None:
            digest = _make_set(home, warehouse_path, key, tables, limits, erased_identifier_count)
        is_held = current_hold(home) is not None
        if not is_held:
            point_to(home, key.set_id)
        record_set(home, key.set_id)
        prune_sets(home, keep_sets, erased_identifier_count)
        return PublishedSet(
            set_id=key.set_id,
            as_of_date=key.as_of_date,
            path=home.set_file(key.set_id),
            digest=digest,
            is_new=is_new,
            is_shown=pointed_set_id(home) == key.set_id,
        )


def rollback(
    home: Home, set_id: str | None = None, lock_timeout_seconds: float = _LOCK_TIMEOUT_SECONDS
) -> str:
    """Show an earlier kept set, and hold it there until `publish_latest`.

    Args:
        home: the home.
        set_id: the set to show; by default the one before the shown one.
        lock_timeout_seconds: how long to wait for a publication that is going on.

    Returns:
        The id of the set that readers get now.

    Raises:
        StrataError: no such set; readers get what they got.
    """
    with _as_the_only_publisher(home, "rolling back", lock_timeout_seconds):
        repair_ledger(home)
        kept = [each.set_id for each in list_sets(home)]
        chosen = set_id if set_id is not None else _set_before(kept, pointed_set_id(home))
        if chosen not in kept:
            raise StrataError(
                f"no kept set {chosen}; kept are {', '.join(kept) or 'none'} (newest first)"
            )
        stated, _ = read_published_set(home.set_file(chosen))
        if stated != chosen:
            raise DamagedFileError(f"{home.set_file(chosen)} holds another set, {stated}")
        hold_at(home, chosen)
        point_to(home, chosen)
        return chosen


def publish_latest(home: Home, lock_timeout_seconds: float = _LOCK_TIMEOUT_SECONDS) -> str:
    """Release the hold of a rollback and show the newest set.

    What the rollback showed goes, if it was built before somebody was forgotten.

    Returns:
        The id of the set that readers get now.

    Raises:
        StrataError: there is no set.
    """
    with _as_the_only_publisher(home, "publishing the newest set", lock_timeout_seconds):
        repair_ledger(home)
        sets = list_sets(home)
        if not sets:
            raise StrataError("nothing to publish: no set has been made yet; run `strata run`")
        read_published_set(home.set_file(sets[0].set_id))
        release_hold(home)
        point_to(home, sets[0].set_id)
        prune_sets(home, len(sets), latest_erased_identifier_count(home))
        return sets[0].set_id


def prune_sets(home: Home, keep_sets: int, erased_identifier_count: int = 0) -> list[str]:
    """Delete all but the newest sets and the shown one. Open readers keep what they have.

    Args:
        home: the home.
        keep_sets: how many of the newest stay.
        erased_identifier_count: of the newest, those don't stay that were built when fewer
            identifiers had been forgotten: they may hold people who are erased.

    Returns:
        The ids of the deleted sets.
    """
    if keep_sets < 1:
        raise StrataError(f"keep_sets must be at least 1, not {keep_sets}")
    with _as_the_only_publisher(home, "pruning sets", _LOCK_TIMEOUT_SECONDS):
        shown = pointed_set_id(home)
        erased = sets_with_erased_people(home, erased_identifier_count)
        newest = {each.set_id for each in list_sets(home)[:keep_sets]}
        kept = (newest - erased) | {shown}
        pruned = sorted(
            path.stem for path in home.sets.glob(f"*{SET_SUFFIX}") if path.stem not in kept
        )
        for set_id in pruned:
            # The file first: a record without a file is struck later, not the other way round.
            home.set_file(set_id).unlink()
            forget_set(home, set_id)
        return pruned


@contextmanager
def _as_the_only_publisher(home: Home, what: str, lock_timeout_seconds: float) -> Iterator[None]:
    with FileLock(home.publish_lock, what, lock_timeout_seconds), told_in_one_line(what, home.sets):
        yield


def _make_set(
    home: Home,
    warehouse_path: Path,
    key: RunKey,
    tables: Sequence[PublishedTable],
    limits: Limits,
    erased_identifier_count: int,
) -> str:
    make_folder(home.sets, 0o750)
    unfinished = home.sets / f"{key.set_id}.{os.getpid()}{UNFINISHED_SUFFIX}"
    try:
        write_set_file(unfinished, warehouse_path, key, tables, limits)
        # Read back from the file as readers will: it opens, and this is what it holds.
        digest = set_digest(digest_of(unfinished))
        announce_set(home, key, digest, erased_identifier_count)
        put_in_place(unfinished, home.set_file(key.set_id))
    finally:
        for part in home.sets.glob(f"{unfinished.name}*"):
            part.unlink()
    return digest


def _intact_digest(home: Home, set_id: str) -> str | None:
    recorded = recorded_set(home, set_id)
    if recorded is None:
        return None
    try:
        found = set_digest(digest_of(home.set_file(set_id)))
    except DamagedFileError:
        return None
    return found if found == recorded.digest else None


def _refuse_older_day(home: Home, key: RunKey) -> None:
    shown = pointed_set_id(home)
    if shown is None or current_hold(home) is not None:
        return
    recorded = recorded_set(home, shown)
    if recorded is not None and key.as_of_date < recorded.as_of_date:
        raise StrataError(
            f"{key.as_of_date} is older than the published day {recorded.as_of_date}; a past day is"
            " built without publishing, or shown with `strata rollback`"
        )


def _set_before(kept: list[str], shown: str | None) -> str | None:
    older = kept[kept.index(shown) + 1 :] if shown in kept else kept
    if not older:
        raise StrataError("no earlier set is kept to go back to")
    return older[0]
