"""Make and write the demo shop's events, a month at a time, so that memory holds one month.

What is in a month: `visit_events`, `path_events`; as text: `event_rows`; its dirt: `event_dirt`.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb

from orchestration.demo_shop import behaviour_kinds as kinds
from orchestration.demo_shop.event_dirt import EVENT_DIRT, LATE_DELIVERY, MACHINE_DIRT
from orchestration.demo_shop.event_rows import event_rows
from orchestration.demo_shop.landing_writer import write_parquet
from orchestration.demo_shop.month_dirt import count_dirt, mark_dirt
from orchestration.demo_shop.path_events import CREATE_PATH_STEPS, path_acts, single_acts
from orchestration.demo_shop.random_sql import Draw
from orchestration.demo_shop.shop_calendar import FIRST_DAY, history_months
from orchestration.demo_shop.visit_events import ACT_COLUMNS, visit_acts

# Measured on shops of 5,000 people: what a person's orders and acts bring about, and the visits.
EVENTS_BESIDE_VISITS = 43.0
EVENTS_OF_VISITS = 133.0
_CROWD = 2200
"""Events of one identifier on one day: more than a person can do."""

_PATH_ORDERS = f"""
create table path_orders as
select
    orders.person + 1 as person_number,
    drawn_people.person_kind,
    mixed(orders.person + 1, row_number() over (
        partition by orders.person order by orders.seconds, orders.order_number nulls last
    )) as path_key,
    orders.order_number,
    orders.seconds,
    orders.channel,
    {list(kinds.PROCESSES)}[orders.process + 1] as process
from (
    select person, seconds, channel, process, order_number from numbered_orders
    union all
    select person, seconds, channel, process, null from drawn_future
) as orders
inner join drawn_people on orders.person + 1 = drawn_people.person_number
"""

_EVENT_PRODUCTS = """
create table event_products as
select numbered_orders.order_number, arg_min(drawn_lines.product_id, drawn_lines.line)::int - 1
    as product_number
from drawn_lines
inner join numbered_orders on drawn_lines."order" = numbered_orders."order"
group by numbered_orders.order_number
"""


def prepare_events(connection: duckdb.DuckDBPyConnection) -> None:
    """Make what events are drawn from, after `create_shop_people` and `numbered_orders`."""
    for statement in (_PATH_ORDERS, _EVENT_PRODUCTS, CREATE_PATH_STEPS):
        connection.execute(statement)


def write_events(
    connection: duckdb.DuckDBPyConnection,
    landing: Path,
    truth: Path,
    *,
    events_per_person: float,
    is_dirty: bool,
) -> tuple[list[Path], int]:
    """Write a file of events per month, and the planted visits beside.

    Args:
        connection: after `prepare_events`.
        landing: gets `events/`.
        truth: gets `planted_visits/`.
        events_per_person: how many there shall be on average, visits scaled to it.
        is_dirty: whether dirt is planted.

    Returns:
        the files, and how many rows are in them.
    """
    density = max(events_per_person - EVENTS_BESIDE_VISITS, 0.0) / EVENTS_OF_VISITS
    files, row_count = [], 0
    for number, month in enumerate(history_months()):
        _make_month(connection, number, month, density)
        write_parquet(connection, _VISITS, truth / "planted_visits" / f"visits_{month}.parquet")
        if is_dirty:
            _plant(connection, number, is_last=month == history_months()[-1])
        columns = ", ".join(ACT_COLUMNS)
        rows = connection.execute("select count(*) from month_acts").fetchone()[0]
        connection.execute(
            f"create or replace temp table sorted_acts as select {columns}, dirt_kind"
            " from month_acts order by seconds, event_key, dirt_kind nulls first"
        )
        files.append(landing / "events" / f"events_{month}.parquet")
        write_parquet(connection, event_rows("sorted_acts"), files[-1])
        connection.execute("drop table sorted_acts")
        connection.execute("drop table month_acts")
        row_count += rows
    return files, row_count


_VISITS = """
select
    id_text(month_acts.visit_key) as visit_id,
    any_value(month_acts.person_number) as person_number,
    any_value(shop_devices.anonymous_id) as anonymous_id,
    instant(min(month_acts.seconds)) as started_at,
    instant(max(month_acts.seconds)) as ended_at,
    count(*) as event_count,
    any_value(month_acts.style) as style,
    bool_or(month_acts.is_signed_in) as is_signed_in
from month_acts
inner join shop_devices
    on month_acts.person_number = shop_devices.person_number
    and month_acts.device_number = shop_devices.device_number
group by month_acts.visit_key
order by started_at, visit_id
"""


def _make_month(
    connection: duckdb.DuckDBPyConnection, number: int, month: str, density: float
) -> None:
    first, stop = _days(month)
    first_second, stop_second = first * 86_400, stop * 86_400
    connection.execute(
        f"""
        create table month_acts as
        select *, null::varchar as dirt_kind from (
            from ({visit_acts(first, stop, density)})
            union all by name
            from ({path_acts(first_second, stop_second)})
            union all by name
            from ({single_acts(number, first_second, stop_second)})
        )
        """
    )


def _plant(connection: duckdb.DuckDBPyConnection, number: int, *, is_last: bool) -> None:
    """Mark dirt, hold back what comes late and add what the month before held back."""
    found = [kind for kind in EVENT_DIRT if not (is_last and kind.code == LATE_DELIVERY)]
    mark_dirt(connection, "month_acts", "event_key", found)
    connection.execute(
        f"""
        insert into month_acts by name
        select
            machines.person_number,
            mixed(drawn_for({int(Draw.MACHINE)}, machines.person_number), {number})
                as visit_key,
            mixed(
                mixed(drawn_for({int(Draw.MACHINE)}, machines.person_number), {number}),
                places.range
            ) as event_key,
            {_days(history_months()[number])[0]} * 86400 + 40000 + places.range * 15 as seconds,
            0 as device_number,
            'page_view' as event_name,
            'machine' as style,
            false as is_entry,
            false as is_signed_in,
            1 as engaged_seconds,
            machines.kind as dirt_kind
        from (
            select
                person_number,
                {[kind.code for kind in MACHINE_DIRT]}[1 + person_number % 3] as kind
            from shop_people where person_kind = 'machine' and person_number % 24 = {number}
        ) as machines
        inner join range({_CROWD}) as places
            on places.range < case machines.kind when 'crowded_identifier' then {_CROWD} else 60 end
        """
    )
    count_dirt(connection, "month_acts", EVENT_DIRT)
    connection.execute(
        f"""
        create or replace temp table held_back as
        select * from month_acts where dirt_kind = '{LATE_DELIVERY}'
        """
    )
    connection.execute(f"delete from month_acts where dirt_kind = '{LATE_DELIVERY}'")
    if number:
        connection.execute("insert into month_acts by name select * from late_acts")
    connection.execute("create or replace table late_acts as select * from held_back")


def _days(month: str) -> tuple[int, int]:
    """The month's first day and the day after its last, as days since the first day."""
    first = date.fromisoformat(f"{month}-01")
    after = (first + timedelta(days=31)).replace(day=1)
    return (first - FIRST_DAY).days, (after - FIRST_DAY).days
