"""The ledger's table of observations: which days stand in the warehouse's `history`.

The warehouse says so itself, and each run tells the ledger what it found there. It is here for who
must not open the warehouse: the sensor that looks for missing days, and `strata backfill`.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from orchestration.paths import Home
from orchestration.publishing.run_key import ObservedDay, RunKey, history_hash
from orchestration.warehouse.ledger import open_ledger

_SCHEMA = """
create table if not exists observations (
    as_of_date text primary key,
    intake_seq integer not null,
    definition_hash text not null,
    history_hash text,
    is_lost integer not null default 0
);
"""


def record_observation(home: Home, key: RunKey) -> None:
    """Record that a day stands in history, and on which days before it its set is based."""
    with _tables(home) as ledger:
        ledger.execute(
            "insert or replace into observations values (?, ?, ?, ?, 0)",
            [
                key.as_of_date.isoformat(),
                key.intake_seq,
                key.definition_hash,
                key.history_hash,
            ],
        )


def sync_observations(home: Home, observed: Sequence[ObservedDay]) -> None:
    """Record what the warehouse has. A day that it has no longer is lost, and so is missing."""
    with _tables(home) as ledger:
        ledger.execute("update observations set is_lost = 1")
        ledger.executemany(
            "insert into observations (as_of_date, intake_seq, definition_hash) values (?, ?, ?)"
            " on conflict (as_of_date) do update set is_lost = 0,"
            " intake_seq = excluded.intake_seq, definition_hash = excluded.definition_hash",
            [[day.as_of_date.isoformat(), day.intake_seq, day.definition_hash] for day in observed],
        )


def observed_days(home: Home) -> list[ObservedDay]:
    """The days that stand in history, in order."""
    with _tables(home) as ledger:
        rows = ledger.execute(
            "select as_of_date, intake_seq, definition_hash from observations"
            " where is_lost = 0 order by as_of_date"
        ).fetchall()
    return [
        ObservedDay(
            dt.date.fromisoformat(row["as_of_date"]), row["intake_seq"], row["definition_hash"]
        )
        for row in rows
    ]


def lost_days(home: Home) -> list[dt.date]:
    """Days that stood in history once and don't any longer, in order."""
    with _tables(home) as ledger:
        rows = ledger.execute(
            "select as_of_date from observations where is_lost = 1 order by as_of_date"
        ).fetchall()
    return [dt.date.fromisoformat(row["as_of_date"]) for row in rows]


def has_other_history_now(home: Home, day: dt.date) -> bool:
    """Whether a day was built on other days before it than are observed now."""
    with _tables(home) as ledger:
        row = ledger.execute(
            "select history_hash from observations where as_of_date = ? and is_lost = 0",
            [day.isoformat()],
        ).fetchone()
    if row is None or row["history_hash"] is None:
        return False
    return row["history_hash"] != history_hash(observed_days(home), day)


@contextmanager
def _tables(home: Home) -> Iterator[sqlite3.Connection]:
    with open_ledger(home.ledger_db, _SCHEMA) as ledger:
        yield ledger
