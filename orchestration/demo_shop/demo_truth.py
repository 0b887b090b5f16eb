"""What was planted, as tables beside the landing files: never an input of the pipeline.

`planted_types` has the parameters by type, `planted_customers` one row per person with their own
parameters and clean order count, `planted_dirt` how many rows of every kind that the contract has a
rule for.
"""

from __future__ import annotations

import duckdb

from orchestration.demo_shop.demo_returns import LATE_AFTER_DAYS
from orchestration.demo_shop.planted_types import TYPES
from orchestration.demo_shop.shop_calendar import HISTORY_DAYS

TRUTH_TABLES = ("planted_types", "planted_customers", "planted_dirt")

_PLANTED_TYPES = """
create table planted_types (
    planted_type varchar, share double, r double, alpha double, a double, b double, p double,
    q double, gamma double, guest_share double, discounted_share double, returned_share double,
    season varchar
)
"""

_PLANTED_CUSTOMERS = f"""
create table planted_customers as
select
    drawn_people.person_number,
    case when drawn_people.person_kind = 'account' then customer_id(drawn_people.person_number) end
        as customer_id,
    case when drawn_people.person_kind <> 'guest_without_email' then drawn_people.email end
        as email,
    drawn_people.person_kind,
    drawn_people.planted_type,
    drawn_people.orders_per_demand_day,
    drawn_people.dropout_probability,
    drawn_people.mean_spend_usd,
    nullif({HISTORY_DAYS} - drawn_people.first_demand_day, 'nan'::double) as exposure_demand_days,
    drawn_people.is_active as is_active_at_end,
    instant_text(min(drawn_orders.seconds)) as first_order_at,
    instant_text(max(drawn_orders.seconds)) as last_order_at,
    count(drawn_orders."order") as order_count,
    sum(drawn_orders.spend order by drawn_orders.seconds) as spend_usd
from drawn_people
left join drawn_orders on drawn_people.person_number = drawn_orders.person + 1
group by all
"""

_IS_GUEST = "coalesce(customer_id, '') in ('', '0', '-1')"
_NATURAL_KINDS = f"""
create table planted_dirt as
select 'orders' as table_name, * from (
    select 'newer_version' as kind, '1' as contract_case, count(*) as row_count
    from orders where status <> 'paid'
    union all select 'cancelled', '4', count(*) from orders where status = 'cancelled'
    union all select 'fully_refunded', '3', count(*) from orders where status = 'refunded'
    union all
    select 'guest_with_email', '6', count(*)
    from orders where status = 'paid' and {_IS_GUEST} and email is not null
    union all
    select 'guest_without_email', '6', count(*)
    from orders where status = 'paid' and {_IS_GUEST} and email is null
)
union all
select 'refunds', * from (
    select 'partial_refund', '2', count(*) from refunds where reason <> 'order returned'
    union all
    select 'late_refund', '2', count(*)
    from refunds
    inner join orders on refunds.order_id = orders.order_id and orders.status = 'paid'
    where refunds.refunded_at::timestamp
        > orders.ordered_at::timestamp + interval {LATE_AFTER_DAYS} day
)
"""


def shape_truth(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `TRUTH_TABLES` from what `shape_tables` left, before any dirt is planted.

    `planted_dirt` counts what the behaviour itself brought about; `plant_dirt` adds its own rows.
    """
    connection.execute(_PLANTED_TYPES)
    connection.executemany(
        f"insert into planted_types values ({', '.join('?' * 13)})", _type_rows()
    )
    connection.execute(_PLANTED_CUSTOMERS)
    connection.execute(_NATURAL_KINDS)
    connection.execute("alter table planted_dirt add column is_rejected boolean default false")


def _type_rows() -> list[list[str | float | None]]:
    rows = []
    for planted in TYPES:
        repeat, spending = planted.repeat, planted.spending
        rows.append(
            [
                planted.code,
                planted.share,
                *((repeat.r, repeat.alpha, repeat.a, repeat.b) if repeat else [None] * 4),
                *((spending.p, spending.q, spending.gamma) if spending else [None] * 3),
                planted.guest_share,
                planted.discounted_share,
                planted.returned_share,
                planted.season,
            ]
        )
    return rows
