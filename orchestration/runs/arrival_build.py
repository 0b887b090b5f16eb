"""Whether dbt may go on from the arrival tables of the build file, or has to make them anew.

Arrival tables keep what earlier runs made of earlier deliveries, so they stand or fall with what
they were made under. That is noted beside them before dbt touches them: it dies with the file.

A build that was killed or failed on its way needs no rebuilding. Each table is written in one
transaction and knows by its own rows up to where it came; the next run takes them all further. The
exception is a rebuilding itself: some tables are new and others old until it has ended well.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass

import duckdb

from orchestration.intake.intake_ledger import intake_ledger, raw_files
from orchestration.paths import Home
from orchestration.runs.as_of_run import AsOfRun

_TABLE = """
create schema if not exists control;
create table if not exists control.arrival_builds (
    schema_prefix varchar,
    config_hash varchar,
    code_version varchar,
    intake_seq bigint,
    raw_digest varchar,
    is_complete boolean
)
"""


@dataclass(frozen=True, slots=True)
class ArrivalBuild:
    """What arrival tables were made under.

    Attributes:
        config_hash: settings and config tables.
        code_version: models and code.
        intake_seq: the last delivery that may be in them.
        raw_digest: the raw files up to it. A file that is rewritten gets another name, so this
            changes when people are forgotten or files are taken in again.
        is_complete: False from the start of a rebuilding to its end.
    """

    config_hash: str
    code_version: str
    intake_seq: int
    raw_digest: str
    is_complete: bool


def begin_arrival_build(run: AsOfRun) -> str | None:
    """Note what dbt is about to make the arrival tables of.

    Returns:
        Why they have to be made anew; None where dbt may go on from what stands there.

    Raises:
        StrataError: the build file or the ledger can't be used.
    """
    # Which days were observed is no matter of arrivals.
    key = run.key(())
    with run.warehouse.connect() as connection:
        connection.execute(_TABLE)
        before = _noted(connection, run)
        reason = _why_anew(run, before)
        after = ArrivalBuild(
            config_hash=key.config_hash,
            code_version=key.code_version,
            intake_seq=key.intake_seq,
            raw_digest=_raw_digest(run.home, key.intake_seq),
            is_complete=reason is None,
        )
        connection.execute("begin")
        connection.execute(
            "delete from control.arrival_builds where schema_prefix = ?", [_place(run)]
        )
        connection.execute(
            "insert into control.arrival_builds values (?, ?, ?, ?, ?, ?)",
            [_place(run), *astuple(after)],
        )
        connection.execute("commit")
    return reason


def finish_arrival_build(run: AsOfRun) -> None:
    """Note that all arrival tables are of what was noted at the beginning."""
    run.warehouse.execute(
        "update control.arrival_builds set is_complete = true where schema_prefix = ?",
        [_place(run)],
    )


def _place(run: AsOfRun) -> str:
    # A past day has arrival tables of its own.
    return run.schema("")


def _noted(connection: duckdb.DuckDBPyConnection, run: AsOfRun) -> ArrivalBuild | None:
    row = connection.execute(
        "select config_hash, code_version, intake_seq, raw_digest, is_complete"
        " from control.arrival_builds where schema_prefix = ?",
        [_place(run)],
    ).fetchone()
    return ArrivalBuild(*row) if row else None


def _why_anew(run: AsOfRun, before: ArrivalBuild | None) -> str | None:
    key = run.key(())
    if before is None:
        return "there are none"
    if not before.is_complete:
        return "the last rebuilding did not end well"
    if before.config_hash != key.config_hash:
        return "settings or config tables have changed"
    if before.code_version != key.code_version:
        return "models, code or libraries have changed"
    if before.intake_seq > key.intake_seq:
        return "they have deliveries that this run has not"
    if before.raw_digest != _raw_digest(run.home, before.intake_seq):
        return "deliveries that are in them were rewritten"
    return None


def _raw_digest(home: Home, intake_seq: int) -> str:
    digest = hashlib.sha256()
    with intake_ledger(home) as ledger:
        for file in raw_files(ledger, intake_seq):
            digest.update(file.path.encode() + b"\0")
    return digest.hexdigest()
