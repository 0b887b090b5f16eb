"""The ledger file: one SQLite database that says what was delivered, built and published.

Only the connection and its safety live here. Each package owns its tables and creates them itself:
deliveries belong to `intake`, runs and sets to `publishing`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def open_ledger(path: Path, schema: str) -> Iterator[sqlite3.Connection]:
    """Open the ledger for one transaction: committed at the end, rolled back on an error.

    Args:
        path: the ledger file; its folder is made where missing, the file with mode 0600.
        schema: `create table if not exists` statements of the calling package's tables.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600, exist_ok=True)
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("pragma journal_mode = wal")
        # A committed line of the ledger must survive a power cut: sets are found by it.
        connection.execute("pragma synchronous = full")
        connection.executescript(schema)
        connection.execute("begin immediate")
        try:
            yield connection
        except BaseException:
            connection.execute("rollback")
            raise
        connection.execute("commit")
    finally:
        connection.close()
