"""The seam to the warehouse on a Spark cluster: read Arrow, write Arrow, execute.

Rows pass through Parquet in a folder that this machine and the cluster share, so that millions of
them may. PyHive is not among the product's own packages: docs/engines.md says which hold it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

# What dbt's sessions have, too: see profiles.yml and the macro engine_session.
SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}


@dataclass(frozen=True, slots=True)
class SparkWarehouse:
    """A cluster's thrift server.

    Attributes:
        host: where it listens.
        port: where it listens.
        user: whom it takes us for.
        exchange: a folder under the same path here and on every worker.
    """

    host: str
    port: int
    user: str
    exchange: Path

    def read_arrow(self, sql: str) -> pa.Table:
        """The result of a query, in its order."""
        with self._passage() as folder:
            rows = folder / "rows"
            self.execute(f"insert overwrite directory {_literal(str(rows))} using parquet {sql}")
            return pa.concat_tables(pq.read_table(part) for part in sorted(rows.glob("*.parquet")))

    def write_arrow(self, schema: str, table: str, data: pa.Table) -> None:
        """Create or replace `schema.table` with these rows. For a moment it is not there."""
        name = f"{_quoted(schema)}.{_quoted(table)}"
        with self._passage() as folder:
            # Of rows that were read from Spark, Arrow keeps Spark's own schema, and Spark would
            # believe that one instead of the columns it finds.
            pq.write_table(data.replace_schema_metadata(None), folder / "rows.parquet")
            self.execute(
                f"create schema if not exists {_quoted(schema)}",
                f"drop table if exists {name}",
                f"create table {name} using parquet as"
                f" select * from parquet.{_quoted(str(folder))}",
            )

    def execute(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements in one session; the rows of the last one."""
        # Imported here: the product runs without it.
        from pyhive import hive

        connection = hive.connect(self.host, self.port, self.user, configuration=dict(SESSION))
        with closing(connection), closing(connection.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def _passage(self) -> Iterator[Path]:
        folder = Path(tempfile.mkdtemp(prefix="strata-", dir=self.exchange))
        # The cluster may run as somebody else; what passes here is counts, never a person's row.
        folder.chmod(0o777)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
