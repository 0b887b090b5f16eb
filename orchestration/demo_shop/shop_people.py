"""The demo shop's people as SQL tables: what they are like, their devices, their clocks, machines.

`shop_people` joins what was drawn of each person; everything that people do is made from it.
"""

from __future__ import annotations

import duckdb

from orchestration.demo_shop import behaviour_kinds as kinds
from orchestration.demo_shop.event_dirt import MACHINE_DIRT
from orchestration.demo_shop.random_sql import Draw
from orchestration.demo_shop.shop_calendar import HISTORY_DAYS

_PEOPLE_A_MACHINE = 3000
"""A smaller shop has none."""
_FIRST_MACHINE = 10**12
"""Above every person's number."""
_AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) AppleWebKit/605.1.15 Version/18 Safari/605.1.15",
)
_DEVICE_TYPES = ("mobile", "desktop", "mobile", "tablet")

_LIKED_PRODUCTS = """
create table numbered_products as
select product_id::int - 1 as product_number, product_id, category, benefit_tags
from products where benefit_tags is not null
"""

_SHOP_PEOPLE = f"""
create table shop_people as
select
    drawn_people.* exclude (person_number),
    drawn_behaviours.*,
    sha256(lower(trim(drawn_people.email))) as email_hash,
    liked.product_numbers as liked_products
from drawn_people
inner join drawn_behaviours on drawn_people.person_number = drawn_behaviours.person_number
inner join (
    select
        wanted.benefit,
        coalesce(
            list(numbered_products.product_number order by numbered_products.product_number)
                filter (numbered_products.product_number is not null),
            [0]
        ) as product_numbers
    from (select unnest({list(kinds.BENEFITS)}) as benefit) as wanted
    left join numbered_products
        on list_contains(string_split(numbered_products.benefit_tags, '|'), wanted.benefit)
    group by wanted.benefit
) as liked on drawn_behaviours.benefit = liked.benefit
"""

_ZONE_OFFSETS = f"""
create table zone_offsets as
select
    zones.timezone,
    days.range::bigint as day,
    epoch(timezone(zones.timezone, instant(days.range * 86400 + 43200) at time zone 'UTC'))::bigint
    - epoch(instant(days.range * 86400 + 43200))::bigint as offset_seconds
from (select distinct timezone from drawn_people) as zones
cross join range(-1, {HISTORY_DAYS + 1}) as days
"""

# Nobody's visits: so many days of so many events each, from devices of their own.
_MACHINES = f"""
insert into shop_people by name
select
    {_FIRST_MACHINE} + range as person_number,
    {_FIRST_MACHINE} + range as first_device_of,
    'machine' as person_kind,
    0.0 as visits_a_day,
    1 as device_count,
    false as uses_app,
    'US' as country_code,
    'convenience' as motive,
    [0] as liked_products
from range(? // {_PEOPLE_A_MACHINE} * {len(MACHINE_DIRT)})
"""

_DEVICES = f"""
create table shop_devices as
select
    person_number,
    device_number,
    owner_number,
    'd' || id_text(
        mixed(drawn_for({int(Draw.DEVICE)}, owner_number), device_number)
    ) as anonymous_id,
    {list(_DEVICE_TYPES)}[agent_number] as device_type,
    {list(_AGENTS)}[agent_number] as user_agent,
    channel
from (
    select
    shop_people.person_number,
    device.device_number,
    case when device.device_number = 0 then shop_people.first_device_of
        else shop_people.person_number
    end as owner_number,
    1 + (mixed(drawn_for({int(Draw.DEVICE)}, shop_people.person_number),
        100 + device.device_number) % {len(_AGENTS)})::int as agent_number,
    case when device.device_number = 1 and shop_people.uses_app then 'app' else 'web' end as channel
from shop_people
cross join (select range::int as device_number from range({kinds.MOST_DEVICES})) as device
) as devices
"""

# The same people in the shop's outlet, with the same address.
_SECOND_ACCOUNTS = f"""
create table second_accounts as
select person_number, 'X' || customer_id(person_number) as customer_id
from shop_people
where person_kind = 'account'
    and unit(drawn_for({int(Draw.FACTS)}, person_number), 600) < {kinds.SECOND_SHOP_SHARE}
"""


def create_shop_people(connection: duckdb.DuckDBPyConnection, people_count: int) -> None:
    """Make `shop_people`, `shop_devices`, `zone_offsets`, `numbered_products`, `second_accounts`.

    Args:
        connection: with `drawn_people`, `drawn_behaviours` and `products`.
        people_count: a large shop has machines beside its people.
    """
    for statement in (_LIKED_PRODUCTS, _SHOP_PEOPLE, _ZONE_OFFSETS):
        connection.execute(statement)
    connection.execute(_MACHINES, [people_count])
    connection.execute(_DEVICES)
    connection.execute(_SECOND_ACCOUNTS)
