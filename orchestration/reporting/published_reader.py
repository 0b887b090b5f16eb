"""Reads of the published set for the report: rows of aggregates, small groups of people left out.

Nothing here gives out a row that is one person. What a chart shows of groups of people goes through
`groups`; what counts rows of files or models goes through `rows`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.publishing.content_digest import MARTS
from orchestration.publishing.set_file import read_published_set
from orchestration.warehouse.duckdb_warehouse import CLOSED_TO_EXTENSIONS
from orchestration.warehouse.fault_messages import told_in_one_line

Row = dict[str, Any]

# A group is left out if it is small, or if leaving it in would tell the size of those left out:
# all that is left out must together be a group of the smallest size.
_LARGE_ENOUGH = """
with cells as ({cells}),

measured as (
    select
        *,
        coalesce(sum(people) over (
            {within} order by people, {key} rows between unbounded preceding and 1 preceding
        ), 0) as people_before
    from cells
    where people > 0
)

select
    * exclude (people_before),
    people >= {smallest} and (people_before = 0 or people_before >= {smallest}) as is_shown
from measured
order by {key}
"""


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of people.

    Attributes:
        rows: those that are large enough to be shown.
        left_out: how many are not.
    """

    rows: list[Row]
    left_out: int

    @property
    def people(self) -> int:
        """People in the groups that are shown."""
        return sum(row["people"] for row in self.rows)


@dataclass(frozen=True)
class PublishedReader:
    """One published set, open for reading.

    Attributes:
        connection: to its file.
        set_id: which set it is.
        as_of_date: the day it describes.
        currency: of its money.
        smallest_group: smaller groups of people are not shown.
    """

    connection: duckdb.DuckDBPyConnection
    set_id: str
    as_of_date: dt.date
    currency: str
    smallest_group: int

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Rows of a query that counts no people, or all of them."""
        found = self.connection.execute(sql, list(parameters))
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def one(self, sql: str) -> Row:
        """The one row of such a query."""
        [row] = self.rows(sql)
        return row

    def groups(self, cells: str, key: str, within: str = "") -> Groups:
        """Groups of people that may be shown, in the order of their key.

        Args:
            cells: a query with one row per group; `people` is its size.
            key: columns that tell the groups apart, separated by commas.
            within: the columns of it that tell wholes apart, where there are several, such as days.
        """
        sql = _LARGE_ENOUGH.format(
            cells=cells,
            key=key,
            within=f"partition by {within}" if within else "",
            smallest=int(self.smallest_group),
        )
        found = self.rows(sql)
        shown = [row for row in found if row.pop("is_shown")]
        return Groups(shown, len(found) - len(shown))

    def has(self, table: str) -> bool:
        """Whether the set has this table."""
        found = self.connection.execute(
            "select count(*) from duckdb_tables() where schema_name = ? and table_name = ?",
            [MARTS, table],
        ).fetchone()
        return bool(found and found[0])

    def why_off(self, *feature_codes: str) -> str:
        """Why a feature has nothing to show, as `capabilities` says it; empty if all are on."""
        marks = ", ".join("?" for _ in feature_codes)
        found = self.rows(
            "select feature_name, reason from marts.capabilities"
            f" where feature_code in ({marks}) and not is_on order by feature_name",
            feature_codes,
        )
        return " ".join(f"{row['feature_name']}: {row['reason']}." for row in found)


@contextmanager
def open_published(
    path: Path, currency: str, smallest_group: int, memory_limit: str = "1GB"
) -> Iterator[PublishedReader]:
    """Open a set's file read-only, in UTC.

    Raises:
        DamagedFileError: it can't be read, or is no set.
    """
    set_id, as_of_date = read_published_set(path)
    settings = {
        **CLOSED_TO_EXTENSIONS,
        "enable_external_access": "false",
        "memory_limit": memory_limit,
    }
    with (
        told_in_one_line("reading the published set", path),
        closing(duckdb.connect(path, read_only=True, config=settings)) as connection,
    ):
        connection.execute("set TimeZone = 'UTC'")
        yield PublishedReader(connection, set_id, as_of_date, currency, smallest_group)
