"""Whether two relations hold the same rows under the same columns, and where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.warehouse.duckdb_warehouse import literal, quoted

SHOWN_ROWS = 5

# Types that hold the same values, by what they are called.
_FAMILIES = {
    "tinyint": "integer",
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "hugeint": "integer",
    "float": "double",
    "timestamp with time zone": "timestamp",
    "timestamp_ns": "timestamp",
}


@dataclass(frozen=True, slots=True)
class Relation:
    """Something to select from, with its columns' types as DuckDB names them."""

    sql: str
    types: dict[str, str]

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, sql: str) -> Relation:
        """The relation that can be selected from as `sql`."""
        described = connection.execute(f"describe select * from {sql}").fetchall()
        return cls(sql, {name: data_type.lower() for name, data_type, *_ in described})

    @property
    def families(self) -> dict[str, str]:
        """What kind of value each column holds. How wide a number may get does not matter."""
        return {
            name: f"decimal of {kind.rstrip(')').split(',')[1]}"
            if kind.startswith("decimal(")
            else _FAMILIES.get(kind, kind)
            for name, kind in self.types.items()
        }

    def canonical(self) -> str:
        """A select of all columns as texts that show each value exactly."""
        columns = ", ".join(
            f"{_exact(quoted(name), self.families[name])} as {quoted(name)}"
            for name in sorted(self.types)
        )
        return f"select {columns} from {self.sql}"


def _exact(column: str, family: str) -> str:
    if family == "timestamp":
        return f"epoch_us({column})"
    # A double's bits decide; its text would hide the last of them.
    return column if family == "double" else f"{column}::varchar"


def parquet_of(table_folder: Path) -> str:
    """A table that Spark wrote, as DuckDB reads it; the folders' names hold its partitions."""
    files = literal(str(table_folder / "**" / "*.parquet"))
    return f"read_parquet({files}, hive_partitioning = true, union_by_name = true)"


def differences(
    connection: duckdb.DuckDBPyConnection, expected: str, found: str, named: str
) -> list[str]:
    """What tells the found relation from the expected one; empty where nothing does.

    Args:
        connection: can read both.
        expected: what to select from.
        found: what to select from.
        named: the table's name, for the messages.
    """
    wanted, given = Relation.of(connection, expected), Relation.of(connection, found)
    if wanted.families != given.families:
        kinds = sorted(set(wanted.families.items()) ^ set(given.families.items()))
        return [f"{named}: other columns or types: {kinds}"]
    told = []
    for sign, left, right in (("missing", wanted, given), ("not expected", given, wanted)):
        rows = connection.execute(
            f"({left.canonical()}) except all ({right.canonical()})"
        ).fetchall()
        columns = sorted(left.types)
        told += [
            f"{named}: {len(rows)} rows {sign}, such as {dict(zip(columns, row, strict=True))}"
            for row in rows[:SHOWN_ROWS]
        ]
    return told
