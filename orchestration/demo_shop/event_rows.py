"""Shape acts into rows of the contract's `events`: all text, dirt included where it was marked.

What was done, when and by whom is decided in `visit_events` and `path_events`.
"""

from __future__ import annotations

from orchestration.demo_shop import behaviour_kinds as kinds
from orchestration.demo_shop.demo_catalogue import BRANDS
from orchestration.demo_shop.event_dirt import EVENT_DIRT, MACHINE_DIRT
from orchestration.demo_shop.month_dirt import with_dirt
from orchestration.demo_shop.random_sql import pick_even

_PRODUCT_EVENTS = (
    *("product_view", "compare", "review_view", "cart_add", "cart_remove"),
    *("checkout_start", "checkout_step", "purchase", "review"),
)
_CONTENT_EVENTS = ("content_view", "video_view", "download", "social_comment", "share")
_LOOKING_EVENTS = ("page_view", "list_view", "product_view", "content_view", "video_view")
# What brings people with a motive here: (source, medium), on their first page.
_SOURCES = {
    "low_price": ("pricewatch", "comparison"),
    "value_for_money": ("testlab", "comparison"),
    "word_of_mouth": ("friend", "referral"),
    "influencer": ("instagram", "influencer"),
    "brand_seeking": ("google", "brand_search"),
}
_SEARCHES = {
    "low_price": "cheap ",
    "value_for_money": "best value ",
    "exclusivity": "limited edition ",
    "scarcity": "last chance ",
    "convenience": "easy ",
    "urgency": "same day ",
}

EVENT_COLUMNS = (
    *("source_system", "event_id", "occurred_at", "received_at", "event_name", "customer_id"),
    *("anonymous_id", "email_hash", "session_id", "product_id", "category", "content_id"),
    *("content_topic", "content_format", "page_path", "search_term", "result_count", "value"),
    *("currency", "channel", "source", "medium", "campaign_id", "device_type", "user_agent"),
    *("country_code", "is_bot", "engaged_seconds"),
)


def event_rows(acts: str) -> str:
    """SQL of the text rows of acts, in the acts' order.

    Args:
        acts: a relation of `ACT_COLUMNS` with `dirt_kind` beside.
    """
    dirty = (*EVENT_DIRT, *MACHINE_DIRT)
    columns = ",\n    ".join(
        f"{with_dirt(column, column, dirty)} as {column}" for column in EVENT_COLUMNS
    )
    return f"""
with

known as (

    select
        acts.*,
        shop_people.person_kind,
        shop_people.email_hash,
        shop_people.country_code,
        shop_people.motive,
        shop_people.content_topic as own_topic,
        shop_people.content_format as own_format,
        shop_people.acquisition_channel,
        shop_people.liked_products,
        shop_devices.anonymous_id,
        shop_devices.device_type,
        shop_devices.user_agent,
        coalesce(shop_devices.channel, 'pos') as channel,
        event_products.product_number as ordered_product
    from {acts} as acts
    inner join shop_people on acts.person_number = shop_people.person_number
    left join shop_devices
        on acts.person_number = shop_devices.person_number
        and acts.device_number = shop_devices.device_number
    left join event_products on acts.order_number = event_products.order_number

),

chosen as (

    select
        *,
        case
            when event_name not in {_PRODUCT_EVENTS} then null
            when ordered_product is not null then ordered_product
            when unit(event_key, 3) < {kinds.OWN_BENEFIT_SHARE}
                then liked_products[
                    1 + floor(unit(event_key, 4) * len(liked_products))::int
                ]
            else floor(unit(event_key, 4) * product_count)::int
        end as product_number,
        case
            when event_name not in {_CONTENT_EVENTS} then null
            when unit(event_key, 5) < {kinds.OWN_TOPIC_SHARE} then own_topic
            else {pick_even(kinds.TOPICS, "unit(event_key, 6)")}
        end as topic
    from known
    cross join (select count(*) as product_count from numbered_products) as counted

),

clean as (

    select
        chosen.dirt_kind,
        chosen.seconds,
        chosen.event_key,
        'webshop' as source_system,
        'e' || id_text(chosen.event_key) as event_id,
        instant_text(chosen.seconds) as occurred_at,
        instant_text(chosen.seconds + 1 + (chosen.event_key % 4)::bigint) as received_at,
        chosen.event_name,
        case when chosen.is_signed_in and chosen.person_kind = 'account'
            then customer_id(chosen.person_number)
        end as customer_id,
        chosen.anonymous_id,
        case when chosen.is_signed_in and chosen.person_kind = 'guest_with_email'
            then chosen.email_hash
        end as email_hash,
        case when chosen.anonymous_id is not null then 's' || id_text(chosen.visit_key) end
            as session_id,
        numbered_products.product_id,
        numbered_products.category,
        case when chosen.topic is not null
            then chosen.topic || '-' || (chosen.event_key % 12)::varchar
        end as content_id,
        chosen.topic as content_topic,
        case
            when chosen.topic is null then null
            when chosen.event_name = 'video_view' then 'video'
            else chosen.own_format
        end as content_format,
        case
            when chosen.topic is not null then '/stories/' || chosen.topic
            when numbered_products.product_id is not null
                then '/products/' || numbered_products.product_id
            when chosen.event_name = 'search' then '/search'
            when chosen.style = 'deal_hunter' then '/sale'
            when chosen.event_name = 'list_view' then '/products'
            when chosen.is_entry and chosen.anonymous_id is not null then '/?utm=1'
        end as page_path,
        case when chosen.event_name = 'search' then {_search_term()} end as search_term,
        case when chosen.event_name = 'search'
            then (floor(unit(chosen.event_key, 8) * 40))::int::varchar
        end as result_count,
        null::varchar as value,
        null::varchar as currency,
        chosen.channel,
        case when chosen.is_entry and chosen.anonymous_id is not null
            then {_entry(0, "chosen.acquisition_channel")}
        end as source,
        case when chosen.is_entry and chosen.anonymous_id is not null
            then {_entry(1, "'organic'")}
        end as medium,
        null::varchar as campaign_id,
        chosen.device_type,
        chosen.user_agent,
        chosen.country_code,
        'false' as is_bot,
        case when chosen.event_name in {_LOOKING_EVENTS} then chosen.engaged_seconds::varchar end
            as engaged_seconds
    from chosen
    left join numbered_products on chosen.product_number = numbered_products.product_number

)

select
    {columns}
from clean
"""


def _entry(place: int, usual: str) -> str:
    arms = " ".join(f"when '{motive}' then '{told[place]}'" for motive, told in _SOURCES.items())
    return f"case chosen.motive {arms} else {usual} end"


def _search_term() -> str:
    arms = " ".join(f"when '{motive}' then '{words}'" for motive, words in _SEARCHES.items())
    brands = ", ".join("'" + brand.replace("'", "''") + "'" for brand in BRANDS)
    brand = f"[{brands}][1 + floor(unit(chosen.event_key, 7) * {len(BRANDS)})::int]"
    return (
        f"case chosen.motive when 'brand_seeking' then {brand} {arms} else '' end"
        " || ['kettle', 'cream', 'tent', 'puzzle', 'litter', 'seeds', 'atlas', 'lamp']"
        "[1 + floor(unit(chosen.event_key, 7) * 8)::int]"
    )
