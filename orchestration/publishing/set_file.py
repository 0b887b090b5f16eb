"""The file of one set: written fresh, so that nothing erased lingers in it, and read back.

It is written in DuckDB's oldest storage version of 1.x, which clients from 1.0 to 2.0 open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration.errors import StrataError
from orchestration.publishing.content_digest import MARTS, SET_ID_COLUMN
from orchestration.publishing.run_key import RunKey
from orchestration.warehouse.duckdb_warehouse import CLOSED_TO_EXTENSIONS, literal, quoted
from orchestration.warehouse.durable_files import READERS_FILE_MODE, flush_file, make_folder
from orchestration.warehouse.fault_messages import DamagedFileError, told_in_one_line

STORAGE_VERSION = "v1.0.0"
# Says which set the file holds, in one row.
PUBLISHED_SET_TABLE = "published_set"


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """One table of schema `marts` that readers get.

    Attributes:
        name: its dbt name.
        key_columns: its rows are stored in the order of these.
        description: becomes the table's comment.
        column_descriptions: become the columns' comments.
    """

    name: str
    key_columns: tuple[str, ...]
    description: str = ""
    column_descriptions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What DuckDB may use while it copies."""

    memory_limit: str
    threads: int
    temp_directory: Path
    max_temp_directory_size: str


def write_set_file(
    path: Path, warehouse_path: Path, key: RunKey, tables: Sequence[PublishedTable], limits: Limits
) -> None:
    """Copy tables of the warehouse into a new file, flushed to disk, mode 0640.

    The copy runs inside DuckDB, sorting on disk where memory is short. After an error a part of the
    file may be left, for the caller to remove.

    Raises:
        StrataError: a table or key column is missing, disk full, no permission, a limit reached.
    """
    if not warehouse_path.is_file():
        raise StrataError(f"nothing to publish: {warehouse_path} is missing; run `strata run`")
    with told_in_one_line("publishing a set", path, reading=warehouse_path):
        make_folder(limits.temp_directory, 0o700)
        settings = {
            **CLOSED_TO_EXTENSIONS,
            "memory_limit": limits.memory_limit,
            "threads": str(limits.threads),
            "temp_directory": str(limits.temp_directory),
            "max_temp_directory_size": limits.max_temp_directory_size,
        }
        with closing(duckdb.connect(":memory:", config=settings)) as connection:
            _copy(connection, path, warehouse_path, key, tables)
        path.chmod(READERS_FILE_MODE)
        flush_file(path)


def read_published_set(path: Path) -> tuple[str, dt.date]:
    """Set id and as-of day that a set's file states about itself.

    Raises:
        DamagedFileError: it can't be read, or is no set.
    """
    with told_in_one_line("reading a set", path), closing(_open_set(path)) as connection:
        try:
            row = connection.execute(
                f"select set_id, as_of_date from {MARTS}.{PUBLISHED_SET_TABLE}"
            ).fetchone()
        except duckdb.CatalogException:
            row = None
    if row is None:
        raise DamagedFileError(f"{path} is not a published set")
    return row


def row_counts(path: Path) -> dict[str, int]:
    """Rows of each table of a set's file."""
    with told_in_one_line("reading a set", path), closing(_open_set(path)) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = ? order by table_name",
            [MARTS],
        ).fetchall()
        return {
            table: connection.execute(f"select count(*) from {MARTS}.{quoted(table)}").fetchone()[0]
            for (table,) in tables
        }


def _open_set(path: Path) -> duckdb.DuckDBPyConnection:
    settings = {**CLOSED_TO_EXTENSIONS, "enable_external_access": "false"}
    return duckdb.connect(path, read_only=True, config=settings)


def _copy(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    warehouse_path: Path,
    key: RunKey,
    tables: Sequence[PublishedTable],
) -> None:
    # Views of the warehouse name it by its file's stem.
    built = warehouse_path.stem
    with told_in_one_line("opening the warehouse", warehouse_path):
        connection.execute(f"attach {literal(str(warehouse_path))} as {quoted(built)} (read_only)")
    connection.execute(
        f"attach {literal(str(path))} as fresh_set (storage_version '{STORAGE_VERSION}')"
    )
    connection.execute(f"create schema fresh_set.{MARTS}")
    for table in tables:
        _check_columns(connection, built, table)
        source = f"{quoted(built)}.{MARTS}.{quoted(table.name)}"
        target = f"fresh_set.{MARTS}.{quoted(table.name)}"
        order = ", ".join(f"{quoted(column)} nulls last" for column in table.key_columns)
        connection.execute(
            f"create table {target} as"
            f" select *, {literal(key.set_id)}::varchar as {SET_ID_COLUMN} from {source}"
            f" order by {order}"
        )
        if table.description:
            connection.execute(f"comment on table {target} is {literal(table.description)}")
        descriptions = {**table.column_descriptions, SET_ID_COLUMN: "The set this row belongs to."}
        for column, description in descriptions.items():
            connection.execute(
                f"comment on column {target}.{quoted(column)} is {literal(description)}"
            )
    connection.execute(
        f"create table fresh_set.{MARTS}.{PUBLISHED_SET_TABLE} as select"
        f" date {literal(key.as_of_date.isoformat())} as as_of_date,"
        f" {literal(key.set_id)}::varchar as {SET_ID_COLUMN}"
    )
    connection.execute(
        f"comment on table fresh_set.{MARTS}.{PUBLISHED_SET_TABLE} is"
        " 'One row: the day that this file describes, and the id of its set.'"
    )
    connection.execute("checkpoint fresh_set")
    connection.execute("detach fresh_set")


def _check_columns(
    connection: duckdb.DuckDBPyConnection, built: str, table: PublishedTable
) -> None:
    columns = {
        name
        for (name,) in connection.execute(
            "select column_name from duckdb_columns()"
            " where database_name = ? and schema_name = ? and table_name = ?",
            [built, MARTS, table.name],
        ).fetchall()
    }
    name = f"{MARTS}.{table.name}"
    if not columns:
        raise StrataError(f"can't publish {name}: the warehouse has no such table; build it first")
    if SET_ID_COLUMN in columns or table.name == PUBLISHED_SET_TABLE:
        raise StrataError(
            f"can't publish {name}: the column {SET_ID_COLUMN} and the table"
            f" {PUBLISHED_SET_TABLE} are made by publishing; rename yours"
        )
    unknown = {*table.key_columns, *table.column_descriptions} - columns
    if unknown or not table.key_columns:
        raise StrataError(
            f"can't publish {name}: key or described columns are missing: "
            f"{', '.join(sorted(unknown)) or 'it has no key'}"
        )
