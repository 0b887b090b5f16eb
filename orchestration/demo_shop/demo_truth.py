"""What was planted, as tables beside the landing files: never an input of the pipeline.

`planted_types` has the parameters by type, `planted_customers` one row per person with their own
parameters, behaviour and clean order count, `planted_accounts` and `planted_devices` whose they
are, `planted_orders` what led to each, `planted_campaigns` effects and holdouts, `future_orders`
the hidden year, `planted_dirt` how many rows of every kind that the contract has a rule for.
"""

from __future__ import annotations

import duckdb

from orchestration.demo_shop.behaviour_kinds import PROCESSES
from orchestration.demo_shop.demo_messages import is_held_out, is_reached
from orchestration.demo_shop.demo_returns import LATE_AFTER_DAYS
from orchestration.demo_shop.event_dirt import EVENT_DIRT, MACHINE_DIRT, MESSAGE_DIRT
from orchestration.demo_shop.planted_types import TYPES
from orchestration.demo_shop.shop_calendar import HISTORY_DAYS

TRUTH_TABLES = (
    *("planted_types", "planted_customers", "planted_accounts", "planted_devices"),
    *("planted_orders", "planted_campaigns", "future_orders", "planted_dirt"),
)
_ANSWERING = f"({', '.join(repr(each.code) for each in TYPES if each.answers_campaigns)})"
_BEHAVIOUR_COLUMNS = (
    *("engagement_level", "visits_a_day", "purchase_process", "session_style", "visit_pattern"),
    *("content_topic", "content_format", "motive", "benefit", "attitude", "preferred_channel"),
    *("reading_hour", "device_count", "sign_in_share", "takes_email", "takes_push", "takes_sms"),
)

_PLANTED_TYPES = """
create table planted_types (
    planted_type varchar, share double, r double, alpha double, a double, b double, p double,
    q double, gamma double, guest_share double, discounted_share double, returned_share double,
    season varchar, interval_shape double, mean_days_to_convert double, answers_campaigns boolean,
    is_well_specified boolean
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
    {", ".join(f"drawn_behaviours.{column}" for column in _BEHAVIOUR_COLUMNS)},
    instant_text(drawn_people.signed_up_seconds) as signed_up_at,
    instant_text(drawn_behaviours.visits_from_seconds) as visits_from_at,
    instant_text(drawn_behaviours.visits_until_seconds) as visits_until_at,
    nullif({HISTORY_DAYS} - drawn_people.first_demand_day, 'nan'::double) as exposure_demand_days,
    drawn_people.is_active as is_active_at_end,
    instant_text(min(drawn_orders.seconds)) as first_order_at,
    instant_text(max(drawn_orders.seconds)) as last_order_at,
    count(drawn_orders."order") as order_count,
    sum(drawn_orders.spend order by drawn_orders.seconds) as spend_usd
from drawn_people
inner join drawn_behaviours on drawn_people.person_number = drawn_behaviours.person_number
left join drawn_orders on drawn_people.person_number = drawn_orders.person + 1
group by all
"""

_PLANTED_ACCOUNTS = """
create table planted_accounts as
select 'webshop' as source_system, customer_id(person_number) as customer_id, person_number
from drawn_people where person_kind = 'account'
union all
select 'outlet', customer_id, person_number from second_accounts
"""

_PLANTED_DEVICES = """
create table planted_devices as
select
    anonymous_id,
    min(person_number) as person_number,
    count(*) > 1 as is_shared
from shop_devices
group by anonymous_id
"""

_PLANTED_ORDERS = f"""
create table planted_orders as
select
    order_id(numbered_orders.order_number) as order_id,
    numbered_orders.person + 1 as person_number,
    {list(PROCESSES)}[numbered_orders.process + 1] as purchase_process,
    case when numbered_orders.campaign >= 0
        then printf('C%03d', numbered_orders.campaign + 1)
    end as campaign_id,
    numbered_orders.spend as spend_usd
from numbered_orders
"""

_PLANTED_CAMPAIGNS = f"""
create table planted_campaigns as
select
    shop_campaigns.campaign_id,
    instant_text(shop_campaigns.send_seconds) as sent_at,
    shop_campaigns.topic,
    shop_campaigns.benefit_tag,
    shop_campaigns.effect as effect_on_responders,
    shop_campaigns.holdout_share,
    shop_campaigns.is_experiment,
    count(*) filter (not people.is_held_out) as treated_count,
    count(*) filter (people.is_held_out) as held_out_count,
    count(*) filter (not people.is_held_out and people.answers) as treated_responder_count
from shop_campaigns
left join (
    select
        campaigns.campaign_number,
        {is_held_out("campaigns", "people")} as is_held_out,
        people.planted_type in {_ANSWERING} and people.first_order_seconds >= 0
            and people.first_order_seconds < campaigns.send_seconds as answers
    from shop_people as people
    inner join shop_campaigns as campaigns on {is_reached("campaigns", "people")}
) as people on shop_campaigns.campaign_number = people.campaign_number
group by all
"""

_FUTURE_ORDERS = f"""
create table future_orders as
select
    person + 1 as person_number,
    instant_text(seconds) as ordered_at,
    spend as spend_usd,
    {list(PROCESSES)}[process + 1] as purchase_process
from drawn_future
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
union all
select 'events', 'shared_device', '15', count(*) from planted_devices where is_shared
union all
select 'customers', 'account_in_two_shops', '18', count(*) from second_accounts
union all
select 'erasure_requests', 'erased_person', '20', count(*) from erasure_requests
"""


def shape_truth(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `TRUTH_TABLES` from what `shape_tables` left, before any dirt is planted.

    `planted_dirt` counts what the behaviour itself brought about; `plant_dirt` adds its own rows.
    """
    connection.execute(_PLANTED_TYPES)
    connection.executemany(
        f"insert into planted_types values ({', '.join('?' * 17)})", _type_rows()
    )
    for statement in (
        *(_PLANTED_CUSTOMERS, _PLANTED_ACCOUNTS, _PLANTED_DEVICES, _PLANTED_ORDERS),
        *(_PLANTED_CAMPAIGNS, _FUTURE_ORDERS, _NATURAL_KINDS),
    ):
        connection.execute(statement)
    connection.execute("alter table planted_dirt add column is_rejected boolean default false")
    connection.execute(
        "create table month_dirt_counts (table_name varchar, kind varchar, row_count bigint)"
    )


def add_month_dirt(connection: duckdb.DuckDBPyConnection) -> None:
    """Add what was planted month by month to `planted_dirt`."""
    kinds = (*EVENT_DIRT, *MACHINE_DIRT, *MESSAGE_DIRT)
    connection.execute(
        "create temp table month_kinds"
        " (table_name varchar, kind varchar, contract_case varchar, is_rejected boolean)"
    )
    connection.executemany(
        "insert into month_kinds values (?, ?, ?, ?)",
        [
            ["messages", "machine_open", "16", False],
            *([each.table, each.code, each.contract_case, each.is_rejected] for each in kinds),
        ],
    )
    connection.execute(
        """
        insert into planted_dirt
        select
            month_kinds.table_name,
            month_kinds.kind,
            month_kinds.contract_case,
            sum(month_dirt_counts.row_count)::bigint,
            month_kinds.is_rejected
        from month_kinds
        inner join month_dirt_counts
            on month_kinds.table_name = month_dirt_counts.table_name
            and month_kinds.kind = month_dirt_counts.kind
        group by all
        """
    )


def _type_rows() -> list[list[str | float | bool | None]]:
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
                planted.interval_shape,
                planted.mean_days_to_convert,
                planted.answers_campaigns,
                planted.is_well_specified,
            ]
        )
    return rows
