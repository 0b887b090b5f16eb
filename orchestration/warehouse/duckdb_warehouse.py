"""The seam to the warehouse for Python steps: read Arrow, write Arrow, execute; here on DuckDB.

A connection lasts one `with`, so that dbt, which comes before and after, can open the same file.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.warehouse.durable_files import make_folder
from orchestration.warehouse.fault_messages import DamagedFileError, told_in_one_line

_log = logging.getLogger("strata")

# Nothing may be downloaded or loaded while a run goes on.
CLOSED_TO_EXTENSIONS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}


@dataclass(frozen=True, slots=True)
class Warehouse:
    """One DuckDB file that only the pipeline opens.

    Attributes:
        path: the file; made on first use, mode 0600.
        memory_limit: as DuckDB writes it, "4GB".
        threads: how many DuckDB uses.
        temp_directory: where it spills.
        max_temp_directory_size: how much it may spill; DuckDB's own default is nearly the disk.
        allowed_directories: what SQL may read and write beside the file's own folder.
    """

    path: Path
    memory_limit: str
    threads: int
    temp_directory: Path
    max_temp_directory_size: str = "20GB"
    allowed_directories: tuple[Path, ...] = ()

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the file for one `with`, in UTC, closed to extensions and to other folders.

        Raises:
            DamagedFileError: the file can't be read.
            StrataError: in use by another process, no permission, disk full, a limit reached.
        """
        with told_in_one_line("opening the warehouse", self.path):
            make_folder(self.path.parent, 0o750)
            make_folder(self.temp_directory, 0o700)
            is_new = not self.path.exists()
            connection = duckdb.connect(self.path, config=dict(CLOSED_TO_EXTENSIONS))
        with closing(connection), told_in_one_line("using the warehouse", self.path):
            if is_new:
                self.path.chmod(0o600)
            self._restrict(connection)
            yield connection

    def read_arrow(self, sql: str) -> pa.Table:
        """The result of a query."""
        with self.connect() as connection:
            return connection.execute(sql).to_arrow_table()

    def has_table(self, schema: str, table: str) -> bool:
        """Whether there is a table or view of this name."""
        with self.connect() as connection:
            found = connection.execute(
                "select 1 from information_schema.tables where table_schema = ? and table_name = ?",
                [schema, table],
            ).fetchone()
        return found is not None

    def write_arrow(self, schema: str, table: str, data: pa.Table) -> None:
        """Create or replace `schema.table` with these rows, in one transaction."""
        with self.connect() as connection:
            connection.register("arriving_rows", data)
            connection.execute("begin")
            connection.execute(f"create schema if not exists {quoted(schema)}")
            connection.execute(
                f"create or replace table {quoted(schema)}.{quoted(table)} as"
                " select * from arriving_rows"
            )
            connection.execute("commit")

    def execute(self, sql: str, parameters: Sequence[Any] | None = None) -> None:
        """Run statements that give no rows back."""
        with self.connect() as connection:
            connection.execute(sql, parameters)

    def check_every_block(self) -> None:
        """Read all columns of all tables, so that damage shows which opening does not see.

        Raises:
            DamagedFileError: a block's checksum is wrong.
        """
        with self.connect() as connection:
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() where not temporary"
            ).fetchall()
            for schema, table in tables:
                connection.execute(
                    f"select bit_xor(hash(every_row)) from {quoted(schema)}.{quoted(table)}"
                    " as every_row"
                ).fetchall()

    def open_or_rebuild(
        self, *, thorough: bool = False, say: Callable[[str], None] = _log.warning
    ) -> bool:
        """Make sure that the file can be opened; a damaged one is deleted and begun anew.

        All that is in it can be made again from `raw` and the ledger, history included.

        Args:
            thorough: read every block, too. For the run after a failed one: damage inside a table
                shows only when that table is read.
            say: told when the file was begun anew, and why.

        Returns:
            Whether the file was begun anew.

        Raises:
            StrataError: the file is sound but can't be opened: in use, no permission, disk full.
        """
        try:
            with self.connect():
                pass
            if thorough:
                self.check_every_block()
            return False
        except DamagedFileError as error:
            say(f"{error}; it is made again from raw")
        with told_in_one_line("setting the damaged warehouse aside", self.path):
            aside = self.temp_directory / "damaged"
            make_folder(aside, 0o700)
            for suffix in ("", ".wal"):
                part = self.path.with_name(self.path.name + suffix)
                if part.exists():
                    shutil.move(part, aside / part.name)
            shutil.rmtree(aside)
        with self.connect():
            pass
        return True

    def _restrict(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("set TimeZone = 'UTC'")
        for setting, value in {
            "memory_limit": self.memory_limit,
            "temp_directory": str(self.temp_directory),
            "max_temp_directory_size": self.max_temp_directory_size,
        }.items():
            connection.execute(f"set {setting} = {literal(value)}")
        connection.execute(f"set threads = {int(self.threads)}")
        # In this order: afterwards no folder can be added, then no setting can be changed.
        allowed = [self.path.parent, self.temp_directory, *self.allowed_directories]
        listed = ", ".join(literal(f"{folder.resolve()}/") for folder in allowed)
        connection.execute(f"set allowed_directories = [{listed}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
