"""`strata publish` and `strata rollback`: which kept set readers get.

Neither waits for a run: a run keeps its set and moves the pointer only where no rollback holds it.
"""

from __future__ import annotations

from orchestration.cli.report_command import rewrite_report
from orchestration.paths import Home
from orchestration.publishing.publish_set import publish_latest, rollback


def publish_newest(home: Home) -> None:
    """Show the newest kept set and release the hold of a rollback.

    Raises:
        StrataError: there is no set.
    """
    set_id = publish_latest(home)
    print(f"published: {home.published_db}  (set {set_id})")
    rewrite_report(home)


def roll_back(home: Home, set_id: str | None) -> None:
    """Show an earlier kept set until the next `strata publish`.

    Raises:
        StrataError: no such set.
    """
    shown = rollback(home, set_id)
    print(f"rolled back: readers get set {shown} until `strata publish`")
    rewrite_report(home)
