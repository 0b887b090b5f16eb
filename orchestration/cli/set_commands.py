"""`strata publish` and `strata rollback`: which kept set readers get."""

from __future__ import annotations

from orchestration.paths import Home
from orchestration.publishing.publish_set import publish_latest, rollback
from orchestration.warehouse.locks import run_lock

# These take moments; a run that is going on is told at once instead of waited for.
_LOCK_TIMEOUT_SECONDS = 5


def publish_newest(home: Home) -> None:
    """Show the newest kept set and release the hold of a rollback.

    Raises:
        StrataError: there is no set, or a run is going on.
    """
    with run_lock(home, "strata publish", _LOCK_TIMEOUT_SECONDS):
        set_id = publish_latest(home)
    print(f"published: {home.published_db}  (set {set_id})")


def roll_back(home: Home, set_id: str | None) -> None:
    """Show an earlier kept set until the next `strata publish`.

    Raises:
        StrataError: no such set, or a run is going on.
    """
    with run_lock(home, "strata rollback", _LOCK_TIMEOUT_SECONDS):
        shown = rollback(home, set_id)
    print(f"rolled back: readers get set {shown} until `strata publish`")
