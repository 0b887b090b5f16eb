"""The ledger's tables of sets and of the rollback hold.

What readers get is said by the link alone; the ledger knows each set's key and digest, their order,
and whether a rollback holds. Intentions are recorded before files move, so that `repair_ledger` can
finish or forget what a kill cut short.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from orchestration.paths import Home
from orchestration.publishing.run_key import RunKey
from orchestration.publishing.run_ledger import RUNS_SCHEMA, now_text, write_day
from orchestration.warehouse.ledger import open_ledger

_SCHEMA = (
    RUNS_SCHEMA
    + """
create table if not exists sets (
    sequence integer primary key autoincrement,
    set_id text not null unique,
    as_of_date text not null,
    intake_seq integer,
    config_hash text,
    code_version text,
    digest text not null,
    file_name text not null,
    state text not null check (state in ('arriving', 'kept')),
    published_at text
);
create table if not exists set_erasures (
    set_id text primary key,
    erased_identifier_count integer not null
);
create table if not exists rollback_hold (
    only_row integer primary key check (only_row = 1),
    set_id text not null,
    held_since text not null
);
"""
)


@dataclass(frozen=True, slots=True)
class RecordedSet:
    """One set in the ledger. Key parts are None where only the set's file was left to tell of it.

    Attributes:
        sequence: grows with each set that is published; the newest has the largest.
        digest: of the whole set, from `content_digest.set_digest`.
        is_kept: its file stands in its place; else it was about to be put there.
        published_at: UTC.
    """

    sequence: int
    set_id: str
    as_of_date: dt.date
    intake_seq: int | None
    config_hash: str | None
    code_version: str | None
    digest: str
    file_name: str
    is_kept: bool
    published_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Hold:
    """A rollback that stands until `strata publish`: the set it went to, and since when (UTC)."""

    set_id: str
    held_since: dt.datetime


def announce_set(home: Home, key: RunKey, digest: str, erased_identifier_count: int = 0) -> None:
    """Record that a set's file is about to be put in place.

    Args:
        home: the home.
        key: the set's.
        digest: of its content.
        erased_identifier_count: how many identifiers had been forgotten when it was built.
    """
    with _tables(home) as ledger:
        ledger.execute(
            "insert or replace into set_erasures values (?, ?)",
            [key.set_id, erased_identifier_count],
        )
        ledger.execute("delete from sets where set_id = ?", [key.set_id])
        ledger.execute(
            "insert into sets (set_id, as_of_date, intake_seq, config_hash, code_version, digest,"
            " file_name, state) values (?, ?, ?, ?, ?, ?, ?, 'arriving')",
            [
                key.set_id,
                key.as_of_date.isoformat(),
                key.intake_seq,
                key.config_hash,
                key.code_version,
                digest,
                home.set_file(key.set_id).name,
            ],
        )


def record_set(home: Home, set_id: str) -> None:
    """Record that an announced or kept set is in place, as the newest; its day is published."""
    with _tables(home) as ledger:
        published = ledger.execute(
            "update sets set state = 'kept', published_at = ?,"
            " sequence = case when sequence = (select max(sequence) from sets) then sequence"
            " else (select max(sequence) from sets) + 1 end"
            " where set_id = ? returning as_of_date",
            [now_text(), set_id],
        ).fetchone()
        write_day(ledger, dt.date.fromisoformat(published["as_of_date"]), "published", set_id)


def adopt_set(home: Home, set_id: str, as_of_date: dt.date, digest: str) -> None:
    """Record a set of which only its file tells, and its day."""
    with _tables(home) as ledger:
        ledger.execute(
            "insert into sets (set_id, as_of_date, digest, file_name, state, published_at)"
            " values (?, ?, ?, ?, 'kept', ?)",
            [set_id, as_of_date.isoformat(), digest, home.set_file(set_id).name, now_text()],
        )
        write_day(ledger, as_of_date, "published", set_id)


def forget_set(home: Home, set_id: str) -> None:
    """Strike a set whose file is gone."""
    with _tables(home) as ledger:
        ledger.execute("delete from sets where set_id = ?", [set_id])
        ledger.execute("delete from set_erasures where set_id = ?", [set_id])


def sets_with_erased_people(home: Home, erased_identifier_count: int) -> set[str]:
    """Ids of sets that were built before so many identifiers were forgotten.

    A set of which nobody knows when it was built counts among them.
    """
    with _tables(home) as ledger:
        rows = ledger.execute(
            "select sets.set_id from sets left join set_erasures using (set_id)"
            " where coalesce(erased_identifier_count, 0) < ?",
            [erased_identifier_count],
        ).fetchall()
    return {row["set_id"] for row in rows}


def latest_erased_identifier_count(home: Home) -> int:
    """How many identifiers had been forgotten when a set was last built."""
    with _tables(home) as ledger:
        row = ledger.execute(
            "select coalesce(max(erased_identifier_count), 0) as latest from set_erasures"
        ).fetchone()
    return int(row["latest"])


def list_sets(home: Home) -> list[RecordedSet]:
    """All recorded sets, newest first."""
    with _tables(home) as ledger:
        rows = ledger.execute("select * from sets order by sequence desc").fetchall()
    return [_recorded_set(row) for row in rows]


def recorded_set(home: Home, set_id: str) -> RecordedSet | None:
    """One set's record."""
    return next((each for each in list_sets(home) if each.set_id == set_id), None)


def hold_at(home: Home, set_id: str) -> None:
    """Record that readers stay with this set until the hold is released."""
    with _tables(home) as ledger:
        ledger.execute(
            "insert or replace into rollback_hold values (1, ?, ?)", [set_id, now_text()]
        )


def release_hold(home: Home) -> None:
    """End the hold of a rollback, if there is one."""
    with _tables(home) as ledger:
        ledger.execute("delete from rollback_hold")


def current_hold(home: Home) -> Hold | None:
    """The hold of a rollback, if there is one."""
    with _tables(home) as ledger:
        row = ledger.execute("select set_id, held_since from rollback_hold").fetchone()
    return Hold(row["set_id"], dt.datetime.fromisoformat(row["held_since"])) if row else None


@contextmanager
def _tables(home: Home) -> Iterator[sqlite3.Connection]:
    with open_ledger(home.ledger_db, _SCHEMA) as ledger:
        yield ledger


def _recorded_set(row: sqlite3.Row) -> RecordedSet:
    published_at = row["published_at"]
    return RecordedSet(
        sequence=row["sequence"],
        set_id=row["set_id"],
        as_of_date=dt.date.fromisoformat(row["as_of_date"]),
        intake_seq=row["intake_seq"],
        config_hash=row["config_hash"],
        code_version=row["code_version"],
        digest=row["digest"],
        file_name=row["file_name"],
        is_kept=row["state"] == "kept",
        published_at=dt.datetime.fromisoformat(published_at) if published_at else None,
    )
