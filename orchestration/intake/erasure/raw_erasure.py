"""Forget people: rewrite the raw files and the vault without them.

What is not yet done stands in the ledger as tombstones that are not applied, so a killed erasure
goes on at the next intake. Pseudonyms alone are handled here, never an identifier in clear.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.intake.contract import ContractTable, is_other_person
from orchestration.intake.erasure.erasure_reach import PersonLinks
from orchestration.intake.erasure.tombstones import (
    ORDER_KIND,
    ORDER_TABLES,
    REQUESTS_TABLE,
    Tombstones,
)
from orchestration.intake.identifiers.identifier_vault import parquet_relation
from orchestration.intake.identifiers.pseudonyms import VAULT_SCHEMA, Pseudonymiser
from orchestration.intake.intake_ledger import (
    RawFile,
    add_tombstones,
    intake_ledger,
    raw_files,
    tombstones,
    vault_paths,
)
from orchestration.intake.raw_files.raw_views import raw_relation
from orchestration.intake.raw_files.raw_writer import (
    REJECTS_SCHEMA,
    REJECTS_TABLE,
    PrivateParquet,
    flush_all,
    raw_schema,
)
from orchestration.paths import Home
from orchestration.warehouse.duckdb_warehouse import quoted

_BATCH_ROWS = 122_880


@dataclass(frozen=True, slots=True)
class _Rewritten:
    """A raw file that takes another's place."""

    before: str
    after: str
    row_count: int
    arrival_seq: int
    erased_count: int


def apply_erasures(
    home: Home,
    tables: dict[str, ContractTable],
    connection: duckdb.DuckDBPyConnection,
    pseudonymiser: Pseudonymiser,
    erased: Tombstones,
    progress: Callable[[str], None],
) -> int:
    """Take everything of the erased people out of raw and the vault, if something is left to do.

    Args:
        home: whose raw.
        tables: the input contract.
        connection: a DuckDB connection that may read raw and the vault.
        pseudonymiser: makes the keys of orders.
        erased: who is to be forgotten, and what this intake left out because of them.
        progress: told what goes on.

    Returns:
        How many delivered rows were taken out.
    """
    with intake_ledger(home) as ledger:
        add_tombstones(ledger, erased.new)
        unapplied = tombstones(ledger, only_new=True)
        files = raw_files(ledger)
        vault = vault_paths(ledger)
    if not unapplied and not erased.links:
        return 0
    by_table = {name: [file for file in files if file.table_name == name] for name in tables}
    relations = {
        name: _relation(home, listed, raw_schema(tables[name]))
        for name, listed in by_table.items()
        if listed
    }
    links = PersonLinks(connection, tables, relations, erased.links)
    links.extend(erased)
    erased.links.clear()
    with intake_ledger(home) as ledger:
        add_tombstones(ledger, erased.new)
        unapplied |= tombstones(ledger, only_new=True)
    if not unapplied:
        return 0
    progress(f"erasure: {len(unapplied)} new pseudonyms to forget")
    orders = _erased_orders(connection, relations, tables, pseudonymiser, erased, unapplied)
    connection.register("erased_orders", orders)
    links.tell(erased)
    rewritten = [
        made
        for name, table in tables.items()
        if name != REQUESTS_TABLE
        for made in _rewrite_table(home, connection, table, by_table[name])
    ]
    rejects = [file for file in files if file.table_name == REJECTS_TABLE]
    rewritten += _rewrite_rejects(home, connection, rejects)
    new_vault = _rewrite_vault(home, connection, vault)
    flush_all(
        [
            *(home.raw / made.after for made in rewritten),
            *(home.vault / after for after in new_vault.values()),
        ]
    )
    with intake_ledger(home) as ledger:
        add_tombstones(ledger, erased.new)
        for made in rewritten:
            ledger.execute(
                "update raw_files set path = ?, row_count = ? where path = ?",
                (made.after, made.row_count, made.before),
            )
            ledger.execute(
                "update deliveries set accepted_row_count = accepted_row_count - ?,"
                " erased_row_count = erased_row_count + ? where arrival_seq = ?",
                (made.erased_count, made.erased_count, made.arrival_seq),
            )
        for before, after in new_vault.items():
            ledger.execute("update vault_files set path = ? where path = ?", (after, before))
        ledger.execute("update tombstones set is_applied = 1")
    erased.new.clear()
    for made in rewritten:
        (home.raw / made.before).unlink(missing_ok=True)
    for before in new_vault:
        (home.vault / before).unlink(missing_ok=True)
    return sum(made.erased_count for made in rewritten)


def _erased_orders(
    connection: duckdb.DuckDBPyConnection,
    relations: dict[str, str],
    tables: dict[str, ContractTable],
    pseudonymiser: Pseudonymiser,
    erased: Tombstones,
    unapplied: set[tuple[str, str]],
) -> pa.Table:
    """Source and number of the orders whose rows are still in raw but must go; adds to `erased`."""
    found = [_no_orders()]
    if "orders" in relations:
        orders = connection.execute(
            f"select distinct source_system, order_id from {relations['orders']}"
            f" where {_is_of_erased_person(tables['orders'])}"
        ).to_arrow_table()
        keys = _order_keys(pseudonymiser, orders)
        erased.add(ORDER_KIND, keys.to_pylist())
        found.append(orders)
        unapplied = unapplied - {(ORDER_KIND, key) for key in keys.to_pylist()}
    if any(kind == ORDER_KIND for kind, _ in unapplied):
        # Orders that never got into raw: their lines and refunds are known by the key alone.
        wanted = pa.array([key for kind, key in unapplied if kind == ORDER_KIND], pa.string())
        for name in sorted(ORDER_TABLES & relations.keys()):
            reader = connection.execute(
                f"select distinct source_system, order_id from {relations[name]}"
            ).to_arrow_reader(_BATCH_ROWS)
            for batch in reader:
                orders = pa.Table.from_batches([batch])
                keys = _order_keys(pseudonymiser, orders)
                found.append(orders.filter(pa.compute.is_in(keys, value_set=wanted)))
    return pa.concat_tables(found)


def _no_orders() -> pa.Table:
    return pa.schema([("source_system", pa.string()), ("order_id", pa.string())]).empty_table()


def _order_keys(pseudonymiser: Pseudonymiser, orders: pa.Table) -> pa.Array:
    return pseudonymiser.record_keys(
        ORDER_KIND, orders["order_id"].combine_chunks(), orders["source_system"]
    )


def _is_of_erased_person(table: ContractTable) -> str:
    conditions = [
        f"{column} in (select pseudonym from erased where kind = '{kind}')"
        for column in table.person_columns
        if (kind := table.by_name[column].identifier_kind)
    ]
    return f"coalesce({' or '.join(conditions)}, false)" if conditions else "false"


def _rewrite_table(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    table: ContractTable,
    files: list[RawFile],
) -> list[_Rewritten]:
    is_erased = _is_of_erased_person(table)
    if table.name in ORDER_TABLES:
        is_erased += " or (source_system, order_id) in (from erased_orders)"
    referrers = [name for name in table.stored_columns if is_other_person(name)]
    changed = " or ".join(
        [f"({is_erased})"]
        + [
            f"{name} in (select pseudonym from erased where kind = 'customer')"
            for name in referrers
        ]
    )
    columns = ", ".join(
        f"case when {quoted(name)} not in (select pseudonym from erased where kind = 'customer')"
        f" then {quoted(name)} end as {quoted(name)}"
        if name in referrers
        else quoted(name)
        for name in raw_schema(table).names
    )
    return [
        _rewrite(
            home,
            connection,
            file,
            schema=raw_schema(table),
            kept=f"select {columns} from {{relation}} where not coalesce({is_erased}, false)",
            erased=f"select sum(source_row_count) from {{relation}} where {is_erased}",
        )
        for file in _touched(home, connection, files, raw_schema(table), changed)
    ]


def _rewrite_rejects(
    home: Home, connection: duckdb.DuckDBPyConnection, files: list[RawFile]
) -> list[_Rewritten]:
    """Rejected rows stay in the accounts; only the key that leads to an erased person goes."""
    is_erased = "key_pseudonym in (select pseudonym from erased)"
    columns = ", ".join(
        f"case when not {is_erased} then key_pseudonym end as key_pseudonym"
        if name == "key_pseudonym"
        else name
        for name in REJECTS_SCHEMA.names
    )
    return [
        _rewrite(
            home,
            connection,
            file,
            schema=REJECTS_SCHEMA,
            kept=f"select {columns} from {{relation}}",
            erased="select 0",
        )
        for file in _touched(home, connection, files, REJECTS_SCHEMA, is_erased)
    ]


def _relation(home: Home, files: list[RawFile], schema: pa.Schema) -> str:
    return raw_relation(home, files[0].table_name, schema, [home.raw / file.path for file in files])


def _touched(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    files: list[RawFile],
    schema: pa.Schema,
    condition: str,
) -> list[RawFile]:
    if not files or condition == "(false)":
        return []
    by_path = {str(home.raw / file.path): file for file in files}
    rows = connection.execute(
        f"select distinct filename from {_relation(home, files, schema)} where {condition}"
    ).fetchall()
    return sorted((by_path[path] for (path,) in rows), key=lambda file: file.path)


def _rewrite(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    file: RawFile,
    *,
    schema: pa.Schema,
    kept: str,
    erased: str,
) -> _Rewritten:
    relation = _relation(home, [file], schema)
    count = connection.execute(erased.format(relation=relation)).fetchone()
    after = _next_name(file.path)
    made = _write(connection, kept.format(relation=relation), home.raw / after, schema)
    return _Rewritten(file.path, after, made, file.arrival_seq, int(count[0] or 0) if count else 0)


def _rewrite_vault(
    home: Home, connection: duckdb.DuckDBPyConnection, paths: list[str]
) -> dict[str, str]:
    """New names of the vault's files that held an erased person."""
    renamed = {}
    for path in paths:
        relation = parquet_relation([str(home.vault / path)])
        is_erased = "(regexp_replace(kind, '_sha256$', ''), pseudonym) in (from erased)"
        found = connection.execute(f"select 1 from {relation} where {is_erased} limit 1").fetchone()
        if found:
            renamed[path] = _next_name(path)
            kept = f"select * from {relation} where not {is_erased}"
            _write(connection, kept, home.vault / renamed[path], VAULT_SCHEMA)
    return renamed


def _write(connection: duckdb.DuckDBPyConnection, sql: str, path: Path, schema: pa.Schema) -> int:
    made = PrivateParquet(path, schema)
    for batch in connection.execute(sql).to_arrow_reader(_BATCH_ROWS):
        made.write(pa.Table.from_batches([batch]).cast(schema))
    made.finish()
    return made.row_count


def _next_name(path: str) -> str:
    """The same name with the next number of rewriting: `...-e1.parquet`, then `...-e2.parquet`."""
    stem, number = re.fullmatch(r"(.*?)(?:-e(\d+))?[.]parquet", path).groups()  # type: ignore[union-attr]
    return f"{stem}-e{int(number or 0) + 1}.parquet"
