"""What a set contains, in one short text: equal digests mean equal content, whatever row order.

A row is written as its columns' texts, each after its length, a null as a dash: so `1, 23` and
`12, 3`, or null and an empty text, stay apart. The rows' md5 halves are summed exactly, beside the
row count: the order of rows doesn't matter, a row that is there twice does. Column names and types
belong to the content; `set_id`, comments and the file's layout don't.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import duckdb

from orchestration.warehouse.duckdb_warehouse import CLOSED_TO_EXTENSIONS, literal, quoted
from orchestration.warehouse.fault_messages import told_in_one_line

# Rows stream by; without a limit DuckDB would keep the whole file in memory on the way.
_SETTINGS = {**CLOSED_TO_EXTENSIONS, "memory_limit": "256MB"}

SET_ID_COLUMN = "set_id"
MARTS = "marts"


def digest_of(path: Path, schema: str = MARTS) -> dict[str, str]:
    """The digest of each table of a schema in a DuckDB file.

    Raises:
        DamagedFileError: the file can't be read.
    """
    with (
        told_in_one_line("digesting a set", path),
        closing(duckdb.connect(path, read_only=True, config=dict(_SETTINGS))) as opened,
    ):
        # Instants are written out in the session's zone.
        opened.execute("set TimeZone = 'UTC'")
        return digest_in(opened, schema)


def digest_in(connection: duckdb.DuckDBPyConnection, schema: str = MARTS) -> dict[str, str]:
    """The digest of each table of a schema in a connection whose zone is UTC."""
    tables = connection.execute(
        "select table_name from duckdb_tables() where schema_name = ? order by table_name",
        [schema],
    ).fetchall()
    return {table: _table_digest(connection, schema, table) for (table,) in tables}


def set_digest(digest_by_table: Mapping[str, str]) -> str:
    """One digest for all tables of a set."""
    lines = [f"{table} {digest}" for table, digest in sorted(digest_by_table.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _table_digest(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> str:
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns()"
        " where schema_name = ? and table_name = ? and column_name != ? order by column_index",
        [schema, table, SET_ID_COLUMN],
    ).fetchall()
    row_text = " || ".join(_column_text(name) for name, _ in columns) or "''"
    counted = connection.execute(
        "select count(*), sum(md5_number_lower(row_text)), sum(md5_number_upper(row_text))"
        f" from (select {row_text} as row_text from {quoted(schema)}.{quoted(table)})"
    ).fetchone()
    return hashlib.sha256(repr((columns, counted)).encode()).hexdigest()


def _column_text(name: str) -> str:
    text = f"{quoted(name)}::varchar"
    return f"coalesce(length({text}) || {literal(':')} || {text}, '-')"
