"""Plant the declared dirt into the clean tables, and count it.

Rows are chosen by the order of a hash of seed and row, so the same seed chooses the same rows on
any number of threads, and no row is chosen twice.
"""

from __future__ import annotations

import duckdb

from orchestration.demo_shop.demo_catalogue import GIFT_CARD_PRODUCT
from orchestration.demo_shop.demo_facts import WHOLE_TABLES
from orchestration.demo_shop.dirt_kinds import DIRT_KINDS, DirtKind

_ROWS_PER_KIND = 25
"""A table with fewer rows per kind stays clean: one row of each kind would be too much of it."""

_LOST_LINES_SHARE = 0.003
"""Of orders."""

_GIFT_CARD_LINES = f"""
insert into order_items by name
select
    source_system,
    order_id || '-1' as order_item_id,
    order_id,
    '{GIFT_CARD_PRODUCT}' as product_id,
    '1' as quantity,
    '50.00' as unit_price,
    '0.00' as discount_amount,
    '0.00' as tax_amount,
    'true' as is_gift_card,
    file_month
from orders_dirt
where dirt_kind = 'gift_card'
"""


def plant_dirt(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Plant every kind into its table and add a row per kind to `planted_dirt`."""
    _lose_lines(connection, seed)
    for table in WHOLE_TABLES:
        _plant_into(connection, table, seed)
    connection.execute(_GIFT_CARD_LINES)


def _lose_lines(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Take all lines of some paid orders away: their headers alone are delivered."""
    order_count = connection.execute("select count(*) from numbered_orders").fetchone()[0]
    if order_count < _ROWS_PER_KIND * 20:
        return
    connection.execute(
        f"""
        create temp table orders_without_lines as
        select order_id(order_number) as order_id from numbered_orders
        where order_id(order_number) not in (
            select order_id from refunds where order_id is not null
        )
        order by md5('{seed}|lines|' || order_number), order_number
        limit {round(_LOST_LINES_SHARE * order_count)}
        """
    )
    connection.execute(
        "delete from order_items where order_id in (select order_id from orders_without_lines)"
    )
    connection.execute(
        "insert into planted_dirt"
        " select 'orders', 'lines_missing', '23', count(*), false from orders_without_lines"
    )


def _plant_into(connection: duckdb.DuckDBPyConnection, table: str, seed: int) -> None:
    kinds = [kind for kind in DIRT_KINDS if kind.table == table]
    row_count = connection.execute(f"select count(*) from {table}").fetchone()[0]
    # Chosen among clean rows only; no two of them are equal, so the hash orders them all.
    connection.execute(
        f"""
        create table {table}_ranked as
        select *, row_number() over (
            order by md5('{seed}|' || {table}::varchar), {table}::varchar
        ) as dirt_rank
        from {table}
        """
    )
    connection.execute(
        f"create table {table}_dirt as select *, '' as dirt_kind from {table} limit 0"
    )
    last_rank = 0
    for kind in kinds if row_count >= _ROWS_PER_KIND * len(kinds) else ():
        wanted = max(1, round(kind.share * row_count))
        chosen, last_rank = _choose(connection, kind, last_rank, wanted)
        _change(connection, kind)
        connection.execute(
            "insert into planted_dirt values (?, ?, ?, ?, ?)",
            [table, kind.code, kind.contract_case, chosen, kind.is_rejected],
        )
    connection.execute(
        f"""
        create or replace table {table} as
        select * exclude (dirt_rank) from {table}_ranked
        union all
        select * exclude (dirt_kind) from {table}_dirt
        """
    )
    connection.execute(f"drop table {table}_ranked")


def _choose(
    connection: duckdb.DuckDBPyConnection, kind: DirtKind, last_rank: int, wanted: int
) -> tuple[int, int]:
    """Put the next ranks that fit the kind into `chosen`: how many, and the last one used up."""
    connection.execute(
        f"""
        create or replace temp table chosen as
        select dirt_rank from {kind.table}_ranked
        where dirt_rank > {last_rank} and ({kind.eligible})
        order by dirt_rank limit {wanted}
        """
    )
    return connection.execute(
        f"select count(*), coalesce(max(dirt_rank), {last_rank}) from chosen"
    ).fetchone()


def _change(connection: duckdb.DuckDBPyConnection, kind: DirtKind) -> None:
    is_chosen = "dirt_rank in (select dirt_rank from chosen)"
    if not kind.is_added:
        changes = ", ".join(f"{column} = {value}" for column, value in kind.changes.items())
        connection.execute(f"update {kind.table}_ranked set {changes} where {is_chosen}")
        return
    replaced = ", ".join(f"{value} as {column}" for column, value in kind.changes.items())
    columns = f"* replace ({replaced})" if replaced else "*"
    connection.execute(
        f"""
        insert into {kind.table}_dirt by name
        select * exclude (dirt_rank), '{kind.code}' as dirt_kind
        from (select {columns} from {kind.table}_ranked where {is_chosen})
        """
    )
