"""Make ledger, link and set files agree again after a kill, a lost ledger or a deleted file.

The files say what is there: a ledger that knows less learns it from their own `published_set`.
"""

from __future__ import annotations

import logging
from pathlib import Path

from orchestration.paths import Home
from orchestration.publishing.content_digest import digest_of, set_digest
from orchestration.publishing.set_file import read_published_set
from orchestration.publishing.set_ledger import (
    adopt_set,
    current_hold,
    forget_set,
    list_sets,
    record_set,
    release_hold,
)
from orchestration.publishing.set_pointer import point_to, pointed_set_id
from orchestration.warehouse.fault_messages import DamagedFileError, told_in_one_line
from orchestration.warehouse.locks import FileLock

_log = logging.getLogger("strata")

SET_SUFFIX = ".duckdb"
UNFINISHED_SUFFIX = ".unfinished"


def repair_ledger(home: Home, lock_timeout_seconds: float = 600) -> None:
    """Finish or forget what was cut short. Harmless at any time; every run begins with it.

    Raises:
        StrataError: a publication goes on for longer than the timeout; disk or permission.
    """
    with FileLock(home.publish_lock, "repairing the ledger", lock_timeout_seconds):
        _remove_unfinished(home)
        _settle_announced(home)
        _learn_from_files(home)
        _settle_pointer(home)


def _remove_unfinished(home: Home) -> None:
    with told_in_one_line("removing unfinished sets", home.sets):
        for path in home.sets.glob(f"*{UNFINISHED_SUFFIX}*"):
            path.unlink()


def _settle_announced(home: Home) -> None:
    for each in list_sets(home):
        path = home.set_file(each.set_id)
        if each.is_kept:
            if not path.is_file():
                forget_set(home, each.set_id)
        elif _digest_or_none(path) == each.digest:
            record_set(home, each.set_id)
            _log.warning("set %s was in place but not recorded; it is now", each.set_id)
        else:
            forget_set(home, each.set_id)


def _learn_from_files(home: Home) -> None:
    known = {each.set_id for each in list_sets(home)}
    unknown = [path for path in home.sets.glob(f"*{SET_SUFFIX}") if path.stem not in known]
    for path in sorted(unknown, key=lambda path: path.stat().st_mtime_ns):
        try:
            set_id, as_of_date = read_published_set(path)
            digest = _digest_or_none(path)
        except DamagedFileError:
            digest, set_id = None, None
        if digest is not None and set_id == path.stem:
            adopt_set(home, set_id, as_of_date, digest)
            _log.warning("set %s was not in the ledger; it is now", set_id)


def _settle_pointer(home: Home) -> None:
    kept = [each.set_id for each in list_sets(home)]
    hold = current_hold(home)
    if hold is not None and hold.set_id not in kept:
        release_hold(home)
    elif hold is not None:
        # A rollback that was cut short between its record and the rename.
        point_to(home, hold.set_id)
    pointed = pointed_set_id(home)
    if pointed is not None and kept and not home.set_file(pointed).is_file():
        point_to(home, kept[0])
        _log.warning("set %s is gone; readers get set %s instead", pointed, kept[0])


def _digest_or_none(path: Path) -> str | None:
    if not path.is_file():
        return None
    try:
        return set_digest(digest_of(path))
    except DamagedFileError:
        return None
