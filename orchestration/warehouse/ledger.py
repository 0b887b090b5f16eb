"""The ledger file: one SQLite database that says what was delivered, built and published.

Only the connection and its safety live here. Each package owns its tables and creates them itself:
deliveries belong to `intake`, runs and sets to `publishing`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from orchestration.warehouse.durable_files import make_folder
from orchestration.warehouse.fault_messages import told_in_one_line

# How long a transaction waits for another process's; each lasts milliseconds.
_BUSY_SECONDS = 30


@contextmanager
def open_ledger(path: Path, schema: str) -> Iterator[sqlite3.Connection]:
    """Open the ledger for one transaction: committed at the end, rolled back on an error.

    Transactions of one process must not nest: the inner one would wait for the outer.

    Args:
        path: the ledger file; its folder is made where missing, the file with mode 0600.
        schema: `create table if not exists` statements of the calling package's tables.

    Raises:
        StrataError: the ledger can't be opened or written: disk, permission, lock or damage.
    """
    with told_in_one_line("keeping the ledger", path):
        make_folder(path.parent, 0o750)
        # SQLite gives its journal files the mode of the database.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    with closing(connection):
        with told_in_one_line("keeping the ledger", path):
            connection.row_factory = sqlite3.Row
            connection.execute("pragma journal_mode = wal")
            # A committed line of the ledger must survive a power cut: sets are found by it.
            connection.execute("pragma synchronous = full")
            connection.executescript(schema)
            connection.execute("begin immediate")
        try:
            yield connection
        except BaseException as error:
            # A full disk may have rolled back already.
            if connection.in_transaction:
                connection.execute("rollback")
            if isinstance(error, sqlite3.DatabaseError):
                with told_in_one_line("keeping the ledger", path):
                    raise
            raise
        with told_in_one_line("keeping the ledger", path):
            connection.execute("commit")
