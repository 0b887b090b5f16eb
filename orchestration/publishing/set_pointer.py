"""What readers open: `strata.duckdb`, a link to one set's file. The link is the truth.

Moving it is one rename, so that a reader meets the whole old set or the whole new one.
"""

from __future__ import annotations

from orchestration.errors import StrataError
from orchestration.paths import Home
from orchestration.warehouse.durable_files import point_link
from orchestration.warehouse.fault_messages import told_in_one_line


def pointed_set_id(home: Home) -> str | None:
    """The set that readers get, also where its file is missing; None before the first one.

    Raises:
        StrataError: something else than the link stands in its place.
    """
    if home.published_db.is_symlink():
        return home.published_db.readlink().stem
    if home.published_db.exists():
        raise StrataError(
            f"{home.published_db} is a file of its own, not a link to a set; move it away"
        )
    return None


def point_to(home: Home, set_id: str) -> None:
    """Let readers get this set from now on. The caller holds the publish lock.

    Raises:
        StrataError: the link can't be replaced; it still points where it did.
    """
    if pointed_set_id(home) != set_id:
        with told_in_one_line("moving the pointer", home.published_db):
            point_link(home.published_db, home.set_file(set_id))
