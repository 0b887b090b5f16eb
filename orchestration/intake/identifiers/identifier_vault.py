"""The vault: Parquet files that lead from pseudonyms back to identifiers. Never published.

Columns: kind (customer, member, anonymous, email, phone; email_sha256 and phone_sha256 where only a
hash was delivered), source_system (blank where the kind has none), pseudonym, clear_value. A pair
may stand in more than one file.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

import duckdb
import pyarrow as pa

from orchestration.intake.identifiers.pseudonyms import VAULT_SCHEMA
from orchestration.intake.intake_ledger import intake_ledger, vault_paths
from orchestration.intake.raw_files.raw_writer import PrivateParquet
from orchestration.paths import Home
from orchestration.warehouse.duckdb_warehouse import literal


def vault_relation(home: Home) -> str:
    """SQL of a relation with the vault's columns and no repeats, for a connection that may read it.

    Raises:
        StrataError: the ledger can't be read.
    """
    with intake_ledger(home) as ledger:
        paths = [str(home.vault / path) for path in vault_paths(ledger)]
    if not paths:
        columns = ", ".join(f"null::varchar as {name}" for name in VAULT_SCHEMA.names)
        return f"(select {columns} where false)"
    return f"(select distinct * from {parquet_relation(paths)})"


def parquet_relation(paths: Sequence[str]) -> str:
    """SQL that reads files of one schema."""
    return f"read_parquet([{', '.join(literal(path) for path in paths)}])"


class VaultAppender:
    """Adds the pairs of one intake that the vault does not have yet.

    Args:
        home: whose vault.
        connection: a DuckDB connection of its own.
        known_paths: the vault's files so far, relative to its folder.
    """

    def __init__(  # noqa: D107
        self, home: Home, connection: duckdb.DuckDBPyConnection, known_paths: Iterable[str]
    ) -> None:
        self._home = home
        self._connection = connection
        self._known_paths = [str(home.vault / path) for path in known_paths]
        self._turn = threading.Lock()
        self._is_loaded = False
        self._file: PrivateParquet | None = None

    def add(self, pairs: pa.Table, file_name: str) -> None:
        """Write new pairs into the delivery's file, which is made when there is the first.

        The writers of several tables may call it at the same time.
        """
        with self._turn:
            new_pairs = self._unknown(pairs) if len(pairs) and self._known_paths else pairs
            if not len(new_pairs):
                return
            if self._file is None:
                self._file = PrivateParquet(self._home.vault / file_name, VAULT_SCHEMA)
            self._file.write(new_pairs)

    def finish(self) -> str | None:
        """Close the delivery's file; its path in the vault, None without new pairs."""
        if self._file is None:
            return None
        made, self._file = self._file, None
        made.finish()
        return made.path.relative_to(self._home.vault).as_posix()

    def finished(self, path: str) -> None:
        """A file's pairs are known from now on."""
        self._known_paths.append(str(self._home.vault / path))

    def abandon(self) -> None:
        """Forget the delivery's pairs: it does not become part of raw."""
        if self._file is not None:
            self._file.abandon()
            self._file = None
        self._is_loaded = False

    def _unknown(self, pairs: pa.Table) -> pa.Table:
        if not self._is_loaded:
            self._connection.execute(
                "create or replace temp table known_pairs as select distinct kind, pseudonym"
                f" from {parquet_relation(self._known_paths)}"
            )
            self._is_loaded = True
        self._connection.register("arriving_pairs", pairs)
        self._connection.execute(
            "create or replace temp table new_pairs as"
            " select distinct on (kind, pseudonym) * from arriving_pairs"
            " anti join known_pairs using (kind, pseudonym)"
        )
        self._connection.execute("insert into known_pairs select kind, pseudonym from new_pairs")
        new_pairs = self._connection.execute("from new_pairs").to_arrow_table()
        self._connection.unregister("arriving_pairs")
        return new_pairs.cast(VAULT_SCHEMA)
