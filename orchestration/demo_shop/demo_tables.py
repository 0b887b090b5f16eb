"""Shape what was drawn into the contract's tables: all text, all clean.

One SQL statement per table. Dirt is planted later, by `dirt_planter`; the truth is `demo_truth`'s.
`file_month` says which file a row goes to and is not written.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import duckdb
import numpy as np
import pyarrow as pa

from orchestration.demo_shop.demo_behaviours import Behaviours, behaviour_table
from orchestration.demo_shop.demo_catalogue import product_id
from orchestration.demo_shop.demo_people import People, people_table
from orchestration.demo_shop.demo_pricing import Lines, Orders
from orchestration.demo_shop.demo_purchases import PurchaseHistory
from orchestration.demo_shop.demo_returns import OrderChanges, Refunds
from orchestration.demo_shop.shop_calendar import HISTORY_SECONDS, PAYMENT_SECONDS, START

MONTHLY_TABLES = ("orders", "order_items", "refunds")
ORDER_TABLES = (*MONTHLY_TABLES, "customers", "products", "fx_rates")

_START_SECONDS = int(START.timestamp())
_MACROS = f"""
create macro instant(seconds) as
    make_timestamp(({_START_SECONDS} + seconds::bigint) * 1000000);
create macro instant_text(seconds) as instant(seconds)::varchar;
create macro month_text(seconds) as strftime(instant(seconds), '%Y-%m');
create macro money_text(cents) as printf('%d.%02d', cents // 100, cents % 100);
create macro customer_id(person_number) as printf('%06d', person_number);
create macro order_id(order_number) as printf('%08d', order_number);
"""

# Of guests without an address, half leave no trace at all.
_NUMBERED_ORDERS = """
create table numbered_orders as
select
    *,
    case
        when person_kind = 'guest_without_email' and order_number % 2 = 1 then null
        when channel = 'web' then 0
        when channel = 'app' then 1
    end as device_number
from (
    select
        drawn_orders.*,
        drawn_people.person_kind,
        drawn_people.email,
        drawn_people.country_code,
        drawn_people.region,
        row_number() over (order by drawn_orders.seconds, drawn_orders."order") as order_number
    from drawn_orders
    inner join drawn_people on drawn_orders.person + 1 = drawn_people.person_number
)
"""

# A guest's customer id comes in all the ways that shops write "nobody".
_ORDERS = f"""
create table orders as
select
    'webshop' as source_system,
    order_id(numbered_orders.order_number) as order_id,
    instant_text(numbered_orders.seconds) as ordered_at,
    case
        when numbered_orders.person_kind = 'account' then customer_id(numbered_orders.person + 1)
        else ['', '0', '-1', null][1 + numbered_orders.order_number % 4]
    end as customer_id,
    case
        when numbered_orders.person_kind <> 'guest_without_email' then numbered_orders.email
    end as email,
    instant_text(versions.seconds) as updated_at,
    case when versions.status = 'cancelled' then instant_text(versions.seconds) end as cancelled_at,
    versions.status as status,
    numbered_orders.currency as currency,
    money_text(numbered_orders.gross) as gross_amount,
    money_text(numbered_orders.discount) as discount_amount,
    money_text(numbered_orders.shipping) as shipping_amount,
    money_text(numbered_orders.tax) as tax_amount,
    money_text(numbered_orders.total) as total_amount,
    case numbered_orders.currency when 'EUR' then 'true' else 'false' end as taxes_included,
    numbered_orders.channel as channel,
    devices.anonymous_id as anonymous_id,
    case when numbered_orders.campaign >= 0
        then printf('C%03d', numbered_orders.campaign + 1)
    end as campaign_id,
    case
        when numbered_orders.coupon_percent > 0
            then printf('SAVE%d', numbered_orders.coupon_percent)
    end as coupon_codes,
    'false' as is_test,
    numbered_orders.country_code as ship_country,
    numbered_orders.region as ship_region,
    month_text(versions.seconds) as file_month
from numbered_orders
inner join (
    select "order", seconds + {PAYMENT_SECONDS} as seconds, 'paid' as status from drawn_orders
    union all
    select "order", seconds, status from drawn_changes
) as versions on numbered_orders."order" = versions."order"
left join shop_devices as devices
    on numbered_orders.person + 1 = devices.person_number
    and numbered_orders.device_number = devices.device_number
"""

_ORDER_ITEMS = """
create table order_items as
select
    'webshop' as source_system,
    order_id(numbered_orders.order_number) || '-' || (
        drawn_lines.line - min(drawn_lines.line) over (partition by drawn_lines."order") + 1
    ) as order_item_id,
    order_id(numbered_orders.order_number) as order_id,
    drawn_lines.product_id as product_id,
    drawn_lines.quantity::varchar as quantity,
    money_text(drawn_lines.unit_price) as unit_price,
    money_text(drawn_lines.discount) as discount_amount,
    money_text(drawn_lines.tax) as tax_amount,
    money_text(drawn_lines.unit_cost) as unit_cost,
    'false' as is_gift_card,
    month_text(numbered_orders.seconds) as file_month
from drawn_lines
inner join numbered_orders on drawn_lines."order" = numbered_orders."order"
"""

_REFUNDS = """
create table refunds as
with

numbered as (

    select
        drawn_refunds.*,
        numbered_orders.order_number,
        numbered_orders.currency,
        printf(
            'R%07d',
            dense_rank() over (order by drawn_refunds.seconds, numbered_orders.order_number)
        ) as refund_id,
        drawn_refunds.line
        - min(drawn_refunds.line) over (partition by drawn_refunds."order") + 1 as line_number
    from drawn_refunds
    inner join numbered_orders on drawn_refunds."order" = numbered_orders."order"

)

select
    'webshop' as source_system,
    numbered.refund_id,
    case when numbered.line >= 0 then numbered.refund_id || '-' || numbered.line_number end
        as refund_line_id,
    order_id(numbered.order_number) as order_id,
    null::varchar as customer_id,
    case when numbered.line >= 0
        then order_id(numbered.order_number) || '-' || numbered.line_number
    end as order_item_id,
    instant_text(numbered.seconds) as refunded_at,
    money_text(numbered.amount) as amount,
    numbered.currency as currency,
    money_text(numbered.tax) as tax_amount,
    money_text(numbered.shipping) as shipping_amount,
    nullif(numbered.quantity, 0)::varchar as quantity,
    case
        when numbered.quantity = 0 then 'goodwill'
        when numbered.line >= 0 then 'item returned'
        else 'order returned'
    end as reason,
    month_text(numbered.seconds) as file_month
from numbered
"""

_IS_MEMBER = f"signed_up_seconds + joined_loyalty_after_seconds < {HISTORY_SECONDS}"
_CUSTOMERS = f"""
create table customers as
select
    'webshop' as source_system,
    customer_id(person_number) as customer_id,
    instant_text(signed_up_seconds) as created_at,
    instant_text(signed_up_seconds) as updated_at,
    email,
    (make_date(birth_year, 1, 1) + birth_day_of_year::int)::date::varchar as birth_date,
    gender,
    country_code,
    region,
    city,
    timezone,
    account_type,
    acquisition_channel,
    customer_id(referrer_number) as referrer_customer_id,
    case when {_IS_MEMBER} then 'L' || customer_id(person_number) end as loyalty_member_id,
    case when {_IS_MEMBER}
        then instant_text(signed_up_seconds + joined_loyalty_after_seconds)
    end as loyalty_joined_at,
    case when {_IS_MEMBER}
        then ['bronze', 'silver', 'gold'][1 + (joined_loyalty_after_seconds % 3)::int]
    end as loyalty_tier,
    case when account_number is not null then 'A' || printf('%05d', account_number) end
        as account_id,
    case when account_number is not null
        then ['buyer', 'office manager', 'owner'][1 + person_number % 3]
    end as job_role
from drawn_people
where person_kind = 'account'
"""
_OUTLET_CUSTOMERS = f"""
insert into customers by name
select
    'outlet' as source_system,
    second_accounts.customer_id,
    instant_text(least(drawn_people.signed_up_seconds + 2592000, {HISTORY_SECONDS} - 1))
        as created_at,
    instant_text(least(drawn_people.signed_up_seconds + 2592000, {HISTORY_SECONDS} - 1))
        as updated_at,
    drawn_people.email,
    drawn_people.country_code,
    drawn_people.timezone,
    drawn_people.account_type
from second_accounts
inner join drawn_people on second_accounts.person_number = drawn_people.person_number
"""


@dataclass(frozen=True, slots=True)
class DrawnShop:
    """All that was drawn for one shop."""

    people: People
    behaviours: Behaviours
    history: PurchaseHistory
    changes: OrderChanges
    refunds: Refunds
    products: pa.Table
    fx_rates: pa.Table


def load_drawn(connection: duckdb.DuckDBPyConnection, shop: DrawnShop) -> None:
    """Make the typed tables `drawn_...`, `numbered_orders`, `products` and `fx_rates`."""
    connection.execute(_MACROS)
    people = _people(shop)
    _load(connection, "drawn_people", people)
    _load(connection, "drawn_behaviours", behaviour_table(shop.behaviours, people))
    currency = shop.people.currency[shop.history.orders.person]
    _load(connection, "drawn_orders", _numbered(shop.history.orders, "order", currency=currency))
    products = np.array([product_id(product) for product in shop.history.lines.product], object)
    lines = _numbered(shop.history.lines, "line", product_id=products)
    _load(connection, "drawn_lines", lines)
    _load(connection, "drawn_future", _numbered(shop.history.future, "order"))
    _load(connection, "drawn_changes", _numbered(shop.changes, "change"))
    _load(connection, "drawn_refunds", _numbered(shop.refunds, "refund"))
    _load(connection, "products", shop.products)
    _load(connection, "fx_rates", shop.fx_rates)
    connection.execute(_NUMBERED_ORDERS)


def shape_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `ORDER_TABLES` (every column text), after `create_shop_people`."""
    for statement in (_ORDERS, _ORDER_ITEMS, _REFUNDS, _CUSTOMERS, _OUTLET_CUSTOMERS):
        connection.execute(statement)


def _people(shop: DrawnShop) -> pa.Table:
    orders = shop.history.orders
    first_order_seconds = np.full(len(shop.people.kind), -1)
    # Orders stand by person and time, so the first that is found is a person's first.
    buyers, first = np.unique(orders.person, return_index=True)
    first_order_seconds[buyers] = orders.seconds[first]
    last_order_seconds = np.full(len(shop.people.kind), -1)
    np.maximum.at(last_order_seconds, orders.person, orders.seconds)
    table = people_table(shop.people, first_order_seconds, shop.history.arrival_seconds)
    for name, values in (
        ("first_order_seconds", first_order_seconds),
        ("last_order_seconds", last_order_seconds),
        ("first_demand_day", shop.history.first_demand_day),
        ("is_active", shop.history.is_active),
    ):
        table = table.append_column(name, pa.array(values))
    return table


def _numbered(
    drawn: Orders | Lines | OrderChanges | Refunds, number_column: str, **more: np.ndarray
) -> pa.Table:
    """The arrays of one dataclass as columns, with their place as a number from 0."""
    columns = {field.name: getattr(drawn, field.name) for field in fields(drawn)} | more
    count = len(next(iter(columns.values())))
    return pa.table({number_column: np.arange(count)} | columns)


def _load(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.register("rows_to_load", rows)
    connection.execute(f"create table {name} as select * from rows_to_load")
    connection.unregister("rows_to_load")
