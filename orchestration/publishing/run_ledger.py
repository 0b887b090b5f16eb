"""The ledger's tables of runs and days: what was tried, what is there, what is missing.

A run is one attempt at one day. A day is there once its set is published or its history is built;
scheduling asks here, not Dagster's event log, which days are missing.
"""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from orchestration.paths import Home
from orchestration.publishing.run_key import RunKey
from orchestration.warehouse.ledger import open_ledger

RunMode = Literal["daily", "as_of"]
DayState = Literal["built", "published", "failed"]

RUNS_SCHEMA = """
create table if not exists runs (
    run_id text primary key,
    mode text not null check (mode in ('daily', 'as_of')),
    as_of_date text not null,
    intake_seq integer,
    config_hash text,
    code_version text,
    set_id text,
    status text not null check (status in ('started', 'succeeded', 'failed')),
    process text not null,
    started_at text not null,
    ended_at text,
    message text not null default ''
);
create table if not exists days (
    as_of_date text primary key,
    state text not null check (state in ('built', 'published', 'failed')),
    set_id text,
    changed_at text not null
);
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt at one day. Times are UTC; `message` is one line, empty for a success."""

    run_id: str
    mode: RunMode
    as_of_date: dt.date
    set_id: str | None
    status: Literal["started", "succeeded", "failed"]
    started_at: dt.datetime
    ended_at: dt.datetime | None
    message: str


def begin_run(home: Home, run_id: str, mode: RunMode, as_of_date: dt.date) -> None:
    """Record that this process has begun a run. Beginning it again restarts it."""
    with _tables(home) as ledger:
        ledger.execute(
            "insert or replace into runs (run_id, mode, as_of_date, status, process, started_at)"
            " values (?, ?, ?, 'started', ?, ?)",
            [run_id, mode, as_of_date.isoformat(), _this_process(), now_text()],
        )


def record_run_key(home: Home, run_id: str, key: RunKey) -> None:
    """Record what a begun run depends on, once it is known."""
    with _tables(home) as ledger:
        ledger.execute(
            "update runs set intake_seq = ?, config_hash = ?, code_version = ?, set_id = ?"
            " where run_id = ?",
            [key.intake_seq, key.config_hash, key.code_version, key.set_id, run_id],
        )


def finish_run(
    home: Home, run_id: str, status: Literal["succeeded", "failed"], message: str = ""
) -> None:
    """Record how a run ended. Its day is built, or failed where it isn't there already.

    Args:
        home: the home.
        run_id: a begun run.
        status: how it ended.
        message: the cause of a failure in one line, without values from rows.
    """
    with _tables(home) as ledger:
        _finish(ledger, run_id, status, message)


def end_unfinished_run(
    home: Home, run_id: str, why: Callable[[], str] = lambda: "the run ended before it was done"
) -> None:
    """Record a run as failed if nothing has recorded its end yet; a no-op else.

    Args:
        home: the home.
        run_id: a begun run, or one that never began.
        why: asked for the cause in one line, if it is needed.
    """
    with _tables(home) as ledger:
        unfinished = "select 1 from runs where run_id = ? and status = 'started'"
        if ledger.execute(unfinished, [run_id]).fetchone():
            _finish(ledger, run_id, "failed", why())


def mark_dead_runs_failed(home: Home) -> list[str]:
    """Record as failed each begun run whose process is gone.

    Returns:
        Their run ids.
    """
    with _tables(home) as ledger:
        begun = ledger.execute("select run_id, process from runs where status = 'started'")
        dead = [row["run_id"] for row in begun.fetchall() if not _is_alive(row["process"])]
        for run_id in dead:
            _finish(ledger, run_id, "failed", "the process that ran this is gone")
        return dead


def list_runs(home: Home, limit: int = 10) -> list[Run]:
    """The last runs, newest first."""
    with _tables(home) as ledger:
        rows = ledger.execute("select * from runs order by rowid desc limit ?", [limit]).fetchall()
    return [_run(row) for row in rows]


def last_run_succeeded(home: Home) -> bool:
    """Whether the newest run that ended did so well; True where none has ended."""
    with _tables(home) as ledger:
        row = ledger.execute(
            "select status from runs where status != 'started' order by rowid desc limit 1"
        ).fetchone()
    return row is None or row["status"] == "succeeded"


def mark_day(home: Home, day: dt.date, state: DayState, set_id: str | None = None) -> None:
    """Record a day's state. A day that is there doesn't fall back to failed, nor to built."""
    with _tables(home) as ledger:
        write_day(ledger, day, state, set_id)


def write_day(
    ledger: sqlite3.Connection, day: dt.date, state: DayState, set_id: str | None = None
) -> None:
    """`mark_day` inside a transaction that has the ledger open already."""
    ledger.execute(
        "insert into days (as_of_date, state, set_id, changed_at) values (?, ?, ?, ?)"
        " on conflict (as_of_date) do update set state = excluded.state,"
        " set_id = coalesce(excluded.set_id, set_id), changed_at = excluded.changed_at"
        " where excluded.state = 'published'"
        " or (excluded.state = 'built' and state != 'published')"
        " or state = 'failed'",
        [day.isoformat(), state, set_id, now_text()],
    )


def day_states(home: Home, first: dt.date, last: dt.date) -> dict[dt.date, DayState]:
    """The recorded days from first to last, both included, in order."""
    with _tables(home) as ledger:
        rows = ledger.execute(
            "select as_of_date, state from days where as_of_date between ? and ?"
            " order by as_of_date",
            [first.isoformat(), last.isoformat()],
        ).fetchall()
    return {dt.date.fromisoformat(row["as_of_date"]): row["state"] for row in rows}


def present_days(home: Home) -> list[dt.date]:
    """All days that are built or published, in order."""
    states = day_states(home, dt.date.min, dt.date.max)
    return [day for day, state in states.items() if state != "failed"]


def missing_days(home: Home, first: dt.date, last: dt.date) -> list[dt.date]:
    """Days from first to last, both included, that are neither built nor published, in order."""
    present = set(present_days(home))
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day not in present]


def first_published_day(home: Home) -> dt.date | None:
    """The oldest day that has been published."""
    return _published_day(home, "min")


def newest_published_day(home: Home) -> dt.date | None:
    """The newest day that has been published."""
    return _published_day(home, "max")


def now_text() -> str:
    """The present instant as the ledger writes it, UTC."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


@contextmanager
def _tables(home: Home) -> Iterator[sqlite3.Connection]:
    with open_ledger(home.ledger_db, RUNS_SCHEMA) as ledger:
        yield ledger


def _finish(ledger: sqlite3.Connection, run_id: str, status: str, message: str) -> None:
    run = ledger.execute(
        "update runs set status = ?, ended_at = ?, message = ? where run_id = ?"
        " returning as_of_date, set_id",
        [status, now_text(), " ".join(message.split()), run_id],
    ).fetchone()
    if run is not None:
        day = dt.date.fromisoformat(run["as_of_date"])
        write_day(ledger, day, "built" if status == "succeeded" else "failed", run["set_id"])


def _published_day(home: Home, which: Literal["min", "max"]) -> dt.date | None:
    with _tables(home) as ledger:
        query = f"select {which}(as_of_date) as day from days where state = 'published'"
        day = ledger.execute(query).fetchone()["day"]
    return dt.date.fromisoformat(day) if day else None


def _run(row: sqlite3.Row) -> Run:
    return Run(
        run_id=row["run_id"],
        mode=row["mode"],
        as_of_date=dt.date.fromisoformat(row["as_of_date"]),
        set_id=row["set_id"],
        status=row["status"],
        started_at=dt.datetime.fromisoformat(row["started_at"]),
        ended_at=dt.datetime.fromisoformat(row["ended_at"]) if row["ended_at"] else None,
        message=row["message"],
    )


def _this_process() -> str:
    return f"{os.getpid()}:{_start_of(os.getpid())}"


def _is_alive(process: str) -> bool:
    process_id, start = process.split(":")
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return _start_of(int(process_id)) == start


def _start_of(process_id: int) -> str:
    """When a process began, in ticks since boot: tells it from a later one with its number."""
    stat = Path(f"/proc/{process_id}/stat")
    if not stat.is_file():
        return ""
    # The command's name, in brackets, may hold blanks; the start is the 20th field after it.
    return stat.read_text().rpartition(")")[2].split()[19]
