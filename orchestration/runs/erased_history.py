"""Take erased people out of the warehouse's `history`, as intake has taken them out of raw.

Raw no longer tells who they were. Their profile ids follow from the pseudonyms in the ledger, the
way the models make them. Counts of month ends, which name nobody, stay as they were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import duckdb
import pyarrow as pa

from orchestration.intake.contract import contract_tables
from orchestration.intake.intake_ledger import intake_ledger, tombstones
from orchestration.paths import Home, Project

# Kinds of identifiers that can be a profile, and whether two sources may use the same ones.
_IS_OF_A_SOURCE = {"customer": True, "email": False, "anonymous": True}
_PROFILE_COLUMNS = {
    "segment_change_log": ("merged_into",),
    "profile_activity_log": ("from_merged_into", "to_merged_into"),
}


def erase_from_history(connection: duckdb.DuckDBPyConnection, home: Home) -> int:
    """Delete what history has of erased people, if somebody was erased since it was last done.

    Args:
        connection: writes to the warehouse, in which `raw` is registered.
        home: whose ledger.

    Returns:
        How many people's ids were looked for; 0 where nobody is new.
    """
    if not home.ledger_db.exists():
        return 0
    with intake_ledger(home) as ledger:
        erased = sorted(tombstones(ledger))
    connection.execute("create table if not exists control.history_erasures (erased_count bigint)")
    done = connection.execute("select max(erased_count) from control.history_erasures").fetchone()
    if not erased or (done is not None and done[0] == len(erased)):
        return 0
    ids = pa.table({"profile_id": sorted(set(_profile_ids(erased, _sources(connection))))})
    connection.register("erased_profiles", ids)
    connection.execute("begin")
    for log, columns in _PROFILE_COLUMNS.items():
        found = connection.execute(
            "select 1 from information_schema.tables"
            " where table_schema = 'history' and table_name = ?",
            [log],
        ).fetchone()
        if found is None:
            continue
        connection.execute(f"delete from history.{log} where profile_id in (from erased_profiles)")
        for column in columns:
            connection.execute(
                f"update history.{log} set {column} = null where {column} in (from erased_profiles)"
            )
    connection.execute("delete from control.history_erasures")
    connection.execute("insert into control.history_erasures values (?)", [len(erased)])
    connection.execute("commit")
    connection.unregister("erased_profiles")
    return len(ids)


def _sources(connection: duckdb.DuckDBPyConnection) -> list[str]:
    selects = [
        f"select distinct source_system from raw.{table.name}"
        for table in contract_tables(Project.here().raw_sources).values()
        if "source_system" in table.raw_columns
    ]
    rows = connection.execute(" union ".join(selects)).fetchall()
    return sorted(source for (source,) in rows if source)


def _profile_ids(erased: Iterable[tuple[str, str]], sources: list[str]) -> Iterable[str]:
    for kind, pseudonym in erased:
        if kind not in _IS_OF_A_SOURCE:
            continue
        for source in sources if _IS_OF_A_SOURCE[kind] else [None]:
            key = [pseudonym] if source is None else [source, pseudonym]
            text = "".join(f"{len(part)}:{part}" for part in key)
            yield hashlib.sha256(f"{kind}:{text}".encode()).hexdigest()
