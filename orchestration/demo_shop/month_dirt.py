"""Mark a month's rows with planted dirt by a hash of each row's key; count it, make it text.

For tables that are too large to be ranked whole, as `dirt_planter` does: events and messages.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from orchestration.demo_shop.dirt_kinds import DirtKind
from orchestration.demo_shop.random_sql import Draw

_LEAST_ROWS = 1000
"""A month with fewer rows stays clean: one rejected row would be too much of it."""


def mark_dirt(
    connection: duckdb.DuckDBPyConnection, rows: str, key: str, kinds: Sequence[DirtKind]
) -> None:
    """Set `dirt_kind` of the rows that are changed, and add those that are dirt as a whole.

    Args:
        connection: where the rows are.
        rows: a table with `dirt_kind`, null so far.
        key: the column that tells its rows apart, a number.
        kinds: what to plant, by shares of the rows.
    """
    if connection.execute(f"select count(*) from {rows}").fetchone()[0] < _LEAST_ROWS:
        return
    arms, upper = [], 0.0
    for kind in kinds:
        lower, upper = upper, upper + kind.share
        arms.append(
            f"when dirt_draw >= {lower:.6f} and dirt_draw < {upper:.6f} and ({kind.eligible})"
            f" then '{kind.code}'"
        )
    added = ", ".join(f"'{kind.code}'" for kind in kinds if kind.is_added)
    connection.execute(
        f"""
        create or replace temp table chosen_rows as
        select * exclude (dirt_draw) replace (case {" ".join(arms)} end as dirt_kind)
        from (select *, unit(mixed({int(Draw.DIRT)}, {key}), 0) as dirt_draw from {rows})
        where dirt_draw < {upper:.6f} and case {" ".join(arms)} end is not null
        """
    )
    connection.execute(
        f"delete from {rows} where {key} in"
        f" (select {key} from chosen_rows where dirt_kind not in ({added}))"
    )
    connection.execute(f"insert into {rows} by name select * from chosen_rows")
    connection.execute("drop table chosen_rows")


def count_dirt(connection: duckdb.DuckDBPyConnection, rows: str, kinds: Sequence[DirtKind]) -> None:
    """Add the marked rows' numbers to `month_dirt_counts` (table_name, kind, row_count)."""
    if kinds:
        connection.execute(
            f"insert into month_dirt_counts select '{kinds[0].table}', dirt_kind, count(*)"
            f" from {rows} where dirt_kind is not null group by all"
        )


def with_dirt(column: str, clean: str, kinds: Sequence[DirtKind]) -> str:
    """SQL of a text column: what its row's `dirt_kind` makes of it, else the clean expression."""
    arms = " ".join(
        f"when '{kind.code}' then {kind.changes[column]}"
        for kind in kinds
        if column in kind.changes
    )
    if not arms:
        return clean
    # Most rows are clean: one look instead of one per kind.
    return (
        f"case when dirt_kind is null then {clean} else case dirt_kind {arms} else {clean} end end"
    )
