"""Intake's tables in the ledger: what was delivered, which files are raw, who is to be forgotten.

A file is part of raw from the commit of `record_delivery` on, and not before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import StrataError
from orchestration.intake.landing_files import LandingFile
from orchestration.paths import Home
from orchestration.warehouse.ledger import open_ledger

TAKEN = "taken"
SET_ASIDE = "set_aside"

# `autoincrement`: a sequence number never comes twice, even when its delivery was taken again.
INTAKE_SCHEMA = """
create table if not exists deliveries (
    arrival_seq integer primary key autoincrement,
    file_name text not null,
    input_name text not null,
    sha256 text not null,
    status text not null,
    reason text,
    row_count integer not null default 0,
    accepted_row_count integer not null default 0,
    duplicate_row_count integer not null default 0,
    rejected_row_count integer not null default 0,
    erased_row_count integer not null default 0,
    unknown_columns text not null default '',
    unique (input_name, sha256)
);
create table if not exists known_files (
    input_name text not null,
    file_name text not null,
    size integer not null,
    mtime_ns integer not null,
    ctime_ns integer not null,
    inode integer not null,
    sha256 text not null,
    primary key (input_name, file_name)
);
create table if not exists raw_files (
    path text primary key,
    table_name text not null,
    arrival_seq integer not null,
    row_count integer not null
);
create table if not exists vault_files (
    path text primary key
);
create table if not exists tombstones (
    kind text not null,
    pseudonym text not null,
    is_applied integer not null,
    primary key (kind, pseudonym)
);
create table if not exists source_maps (
    map_name text primary key,
    digest text not null
);
create table if not exists pseudonym_keys (
    key_check text primary key
);
"""


@dataclass(frozen=True, slots=True)
class RowCounts:
    """What became of a file's rows. They add up: nothing is lost."""

    row_count: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    erased: int = 0

    def __post_init__(self) -> None:
        """Check the sum.

        Raises:
            RuntimeError: it doesn't add up, which is a bug here.
        """
        if self.row_count != self.accepted + self.duplicate + self.rejected + self.erased:
            raise RuntimeError(f"rows do not add up: {self}")


@dataclass(frozen=True, slots=True)
class RawFile:
    """A Parquet file that is part of raw.

    Attributes:
        path: relative to the home's raw folder.
        table_name: the contract's table, or intake_rejects.
    """

    path: str
    table_name: str
    arrival_seq: int
    row_count: int


@contextmanager
def intake_ledger(home: Home) -> Iterator[sqlite3.Connection]:
    """One transaction on the ledger with intake's tables in place."""
    with open_ledger(home.ledger_db, INTAKE_SCHEMA) as ledger:
        yield ledger


def latest_seq(home: Home) -> int:
    """The largest arrival sequence given out so far; 0 in a home without deliveries."""
    if not home.ledger_db.exists():
        return 0
    with intake_ledger(home) as ledger:
        return latest_seq_in(ledger)


def latest_seq_in(ledger: sqlite3.Connection) -> int:
    """The same within a transaction."""
    row = ledger.execute("select seq from sqlite_sequence where name = 'deliveries'").fetchone()
    return row["seq"] if row else 0


def deliveries_until(ledger: sqlite3.Connection, intake_seq: int) -> list[sqlite3.Row]:
    """Deliveries up to a sequence, in its order."""
    return ledger.execute(
        "select * from deliveries where arrival_seq <= ? order by arrival_seq", (intake_seq,)
    ).fetchall()


def raw_files(
    ledger: sqlite3.Connection, intake_seq: int | None = None, table_name: str | None = None
) -> list[RawFile]:
    """Files of raw by sequence; up to one, and of one table, where these are named."""
    rows = ledger.execute(
        "select path, table_name, arrival_seq, row_count from raw_files"
        " where (? is null or arrival_seq <= ?) and (? is null or table_name = ?)"
        " order by arrival_seq, path",
        (intake_seq, intake_seq, table_name, table_name),
    )
    return [RawFile(*row) for row in rows]


def vault_paths(ledger: sqlite3.Connection) -> list[str]:
    """Files of the vault, relative to its folder."""
    return [row["path"] for row in ledger.execute("select path from vault_files order by path")]


def tombstones(ledger: sqlite3.Connection, *, only_new: bool = False) -> set[tuple[str, str]]:
    """(kind, pseudonym) of who and what is to be forgotten."""
    condition = " where not is_applied" if only_new else ""
    rows = ledger.execute(f"select kind, pseudonym from tombstones{condition}")
    return {(row["kind"], row["pseudonym"]) for row in rows}


def erased_identifier_count(home: Home) -> int:
    """How many identifiers have been forgotten, and taken out of raw, so far."""
    with intake_ledger(home) as ledger:
        row = ledger.execute("select count(*) as applied from tombstones where is_applied")
        return int(row.fetchone()["applied"])


def add_tombstones(ledger: sqlite3.Connection, found: Iterable[tuple[str, str]]) -> None:
    """Note who or what is to be forgotten; until they are applied, raw may still have them."""
    ledger.executemany(
        "insert into tombstones values (?, ?, 0) on conflict do nothing", sorted(found)
    )


def remember_state(ledger: sqlite3.Connection, file: LandingFile, sha256: str) -> None:
    """Keep the hash, so that an untouched file need not be read again to be known."""
    state = file.state
    ledger.execute(
        "insert or replace into known_files values (?, ?, ?, ?, ?, ?, ?)",
        (
            file.input_name,
            file.name,
            state.size,
            state.mtime_ns,
            state.ctime_ns,
            state.inode,
            sha256,
        ),
    )


def record_delivery(
    ledger: sqlite3.Connection,
    *,
    arrival_seq: int,
    file_name: str,
    input_name: str,
    sha256: str,
    counts: RowCounts,
    raw: Iterable[RawFile] = (),
    reason: str | None = None,
    unknown_columns: Iterable[str] = (),
) -> None:
    """Note a delivery and its raw files.

    Args:
        ledger: the transaction.
        arrival_seq: the delivery's own.
        file_name: its name in the landing folder.
        input_name: table or map.
        sha256: of the file as delivered.
        counts: what became of its rows.
        raw: what was made of them.
        reason: why the file was set aside; None where it was taken.
        unknown_columns: names in its header that the contract doesn't have.
    """
    ledger.execute(
        "insert into deliveries values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            arrival_seq,
            file_name,
            input_name,
            sha256,
            SET_ASIDE if reason else TAKEN,
            reason,
            counts.row_count,
            counts.accepted,
            counts.duplicate,
            counts.rejected,
            counts.erased,
            ", ".join(sorted(unknown_columns)),
        ),
    )
    ledger.executemany(
        "insert into raw_files values (?, ?, ?, ?)",
        [(made.path, made.table_name, made.arrival_seq, made.row_count) for made in raw],
    )


def drop_delivery(ledger: sqlite3.Connection, arrival_seq: int) -> list[str]:
    """Take a delivery out of raw; gives the paths that may be deleted after the commit."""
    paths = [
        row["path"]
        for row in ledger.execute(
            "select path from raw_files where arrival_seq = ?", (arrival_seq,)
        )
    ]
    ledger.execute("delete from raw_files where arrival_seq = ?", (arrival_seq,))
    ledger.execute("delete from deliveries where arrival_seq = ?", (arrival_seq,))
    return paths


def delete_unlisted(folder: Path, listed: Iterable[str]) -> None:
    """Delete Parquet files that the ledger doesn't list: a killed intake left them.

    Files of zero rows, which begin with an underscore, belong to no delivery and stay.
    """
    keep = set(listed)
    for path in _deliveries_in(folder):
        if path.relative_to(folder).as_posix() not in keep:
            path.unlink(missing_ok=True)


def refuse_lost_ledger(folder: Path) -> None:
    """Check that a folder of a ledger that has never seen an intake holds no deliveries.

    Raises:
        StrataError: it does; without their ledger they would be taken for leftovers.
    """
    if any(True for _ in _deliveries_in(folder)):
        raise StrataError(
            f"{folder} holds deliveries and the ledger knows none: put ledger.sqlite back from"
            " its backup, or name an empty --home and take the files in again"
        )


def _deliveries_in(folder: Path) -> Iterator[Path]:
    return folder.rglob("[!_]*.parquet") if folder.is_dir() else iter(())
