"""The demo shop's smaller tables: consents, feedback, traits, subscriptions, spend and the like.

One SQL statement per table, all text, all clean; from `shop_people` and `shop_campaigns`.
"""

from __future__ import annotations

import duckdb

from orchestration.demo_shop.demo_messages import is_held_out, is_reached
from orchestration.demo_shop.demo_tables import ORDER_TABLES
from orchestration.demo_shop.random_sql import Draw
from orchestration.demo_shop.shop_calendar import FIRST_DAY, HISTORY_DAYS, HISTORY_SECONDS

FACT_TABLES = (
    *("consents", "feedback", "customer_traits", "subscriptions", "experiment_assignments"),
    *("erasure_requests", "accounts", "marketing_spend", "calendar_annotations"),
)
WHOLE_TABLES = (*ORDER_TABLES, *FACT_TABLES)
"""What is made whole, dirt and all, before it is written: all but events and messages."""
ERASED_SHARE = 0.001
"""Of accounts."""
_SUBSCRIBER_SHARE = 0.04
_TRAIT_SHARE = 0.2
_KEY = f"drawn_for({int(Draw.FACTS)}, person_number)"
_FEEDBACK_KEY = f"drawn_for({int(Draw.FEEDBACK)}, person_number)"
_SINCE_SIGN_UP = "greatest(signed_up_seconds, 0)"
_ACCOUNT_PEOPLE = "(from shop_people where person_kind = 'account')"

_CONSENTS = f"""
create table consents as
with

choices as (

    select person_number, signed_up_seconds, withdrawn_seconds, 'email' as channel, 0 as place,
        takes_email as is_taken
    from {_ACCOUNT_PEOPLE}
    union all
    select person_number, signed_up_seconds, withdrawn_seconds, 'push', 1, takes_push
    from {_ACCOUNT_PEOPLE}
    union all
    select person_number, signed_up_seconds, withdrawn_seconds, 'sms', 2, takes_sms
    from {_ACCOUNT_PEOPLE}

),

given as (

    select *, case when is_taken then 'granted' else 'denied' end as status,
        signed_up_seconds as seconds
    from choices
    union all
    select *, 'withdrawn', withdrawn_seconds from choices
    where is_taken and withdrawn_seconds < {HISTORY_SECONDS}

)

select
    'webshop' as source_system,
    'k' || id_text(mixed({_KEY}, place * 10 + case status when 'withdrawn' then 1 else 0 end))
        as consent_id,
    customer_id(person_number) as customer_id,
    channel,
    'marketing' as purpose,
    status,
    instant_text(seconds) as effective_at,
    instant_text(seconds + 5) as recorded_at,
    case status when 'withdrawn' then 'unsubscribe link' else 'sign-up form' end as source
from given
"""

_FEEDBACK = f"""
create table feedback as
with

answers as (

    select *, 'nps' as kind, 0 as place, 0.25 as share, 10 as score_max from {_ACCOUNT_PEOPLE}
    union all
    select *, 'survey', 1, 0.12, null from {_ACCOUNT_PEOPLE} where first_order_seconds >= 0
    union all
    select *, 'review', 2, 0.15, 5 from {_ACCOUNT_PEOPLE} where first_order_seconds >= 0
    union all
    select *, 'support', 3, case attitude when 'detractor' then 0.25 else 0.03 end, null
    from {_ACCOUNT_PEOPLE}
    union all
    select *, 'csat', 4, 0.05, 5 from {_ACCOUNT_PEOPLE} where first_order_seconds >= 0

),

given as (

    select
        *,
        mixed({_FEEDBACK_KEY}, 10 + place) as feedback_key,
        {_SINCE_SIGN_UP} + floor(unit(mixed({_FEEDBACK_KEY}, 10 + place), 1)
            * ({HISTORY_SECONDS} - {_SINCE_SIGN_UP}))::bigint as seconds,
        unit(mixed({_FEEDBACK_KEY}, 10 + place), 2) as score_draw
    from answers
    where unit({_FEEDBACK_KEY}, place) < share

)

select
    'webshop' as source_system,
    'f' || id_text(feedback_key) as feedback_id,
    kind,
    instant_text(seconds) as submitted_at,
    customer_id(person_number) as customer_id,
    case when kind = 'review' then printf('%05d', 1 + (feedback_key % 120)::int) end as product_id,
    case when kind = 'survey' then 'why_bought' end as question_key,
    case kind
        when 'survey' then 'because of ' || replace(motive, '_', ' ')
        when 'support' then 'where is my order?'
    end as answer_text,
    case
        when kind = 'nps' then case attitude
            when 'promoter' then 9 + floor(score_draw * 2)
            when 'passive' then 7 + floor(score_draw * 2)
            else floor(score_draw * 7)
        end
        when kind in ('review', 'csat') then case attitude
            when 'promoter' then 4 + floor(score_draw * 2)
            when 'passive' then 3 + floor(score_draw * 2)
            else 1 + floor(score_draw * 2)
        end
    end::int::varchar as score,
    score_max::varchar as score_max,
    case kind when 'survey' then motive when 'support' then 'delivery' end as topic,
    case when kind in ('survey', 'review') then benefit end as benefit_tag,
    case attitude when 'promoter' then '0.8' when 'passive' then '0.1' else '-0.7' end
        as sentiment,
    case when kind = 'support'
        and seconds + 3600 + floor(score_draw * 400000)::bigint < {HISTORY_SECONDS}
            then instant_text(seconds + 3600 + floor(score_draw * 400000)::bigint)
    end as resolved_at
from given
"""

_TRAITS = f"""
create table customer_traits as
select
    'webshop' as source_system,
    customer_id(people.person_number) as customer_id,
    traits.trait,
    traits.options[1 + floor(unit({_KEY.replace("person_number", "people.person_number")},
        1000 + traits.place) * len(traits.options))::int] as value,
    'sign-up survey' as source,
    instant_text(people.signed_up_seconds + 300) as recorded_at
from {_ACCOUNT_PEOPLE} as people
cross join (values
    (0, 'income_band', ['low', 'middle', 'high']),
    (1, 'education', ['school', 'college', 'university']),
    (2, 'lifestyle', ['health_conscious', 'home_loving', 'outdoors', 'career']),
    (3, 'household', ['single', 'couple', 'family'])
) as traits(place, trait, options)
where unit({_KEY.replace("person_number", "people.person_number")}, 900) < {_TRAIT_SHARE}
"""

_SUBSCRIPTIONS = f"""
create table subscriptions as
with

drawn as (

    select
        *,
        signed_up_seconds + 3 * 86400 as started_seconds,
        unit({_KEY}, 801) as plan_draw,
        unit({_KEY}, 802) as end_draw
    from {_ACCOUNT_PEOPLE}
    where unit({_KEY}, 800) < {_SUBSCRIBER_SHARE}

),

dated as (

    select
        *,
        started_seconds + 30 * 86400 as trial_ends_seconds,
        started_seconds + floor((0.1 + end_draw) * 500 * 86400)::bigint as cancelled_seconds
    from drawn

)

select
    'webshop' as source_system,
    'S' || customer_id(person_number) as subscription_id,
    customer_id(person_number) as customer_id,
    case when plan_draw < 0.6 then 'monthly box' else 'club' end as plan,
    case
        when cancelled_seconds < {HISTORY_SECONDS} then 'cancelled'
        when trial_ends_seconds >= {HISTORY_SECONDS} then 'trial'
        when plan_draw > 0.95 then 'paused'
        else 'active'
    end as status,
    instant_text(started_seconds) as started_at,
    instant_text(trial_ends_seconds) as trial_ends_at,
    case when cancelled_seconds < {HISTORY_SECONDS} then instant_text(cancelled_seconds) end
        as cancelled_at,
    case when plan_draw < 0.6 then '19.90' else '9.90' end as recurring_amount,
    'USD' as currency
from dated
where started_seconds < {HISTORY_SECONDS}
"""

_ASSIGNMENTS = f"""
create table experiment_assignments as
select
    'webshop' as source_system,
    campaigns.campaign_id || '-holdout' as experiment_id,
    customer_id(people.person_number) as customer_id,
    case when {is_held_out("campaigns", "people")} then 'holdout' else 'treatment' end as variant,
    instant_text(campaigns.send_seconds - 3600) as assigned_at
from shop_people as people
inner join shop_campaigns as campaigns
    on campaigns.is_experiment and {is_reached("campaigns", "people")}
"""

_ERASURES = f"""
create table erasure_requests as
select
    'webshop' as source_system,
    'Q' || customer_id(person_number) as request_id,
    customer_id(person_number) as customer_id,
    instant_text({HISTORY_SECONDS} - 86400 - floor(unit({_KEY}, 701) * 2000000)::bigint)
        as requested_at
from {_ACCOUNT_PEOPLE}
where unit({_KEY}, 700) < {ERASED_SHARE}
"""

_ACCOUNTS = f"""
create table accounts as
select
    'webshop' as source_system,
    'A' || printf('%05d', account_number) as account_id,
    'Company ' || account_number as name,
    ['retail', 'offices', 'hospitality', 'schools'][1 + (account_number % 4)::int] as industry,
    ['1-9', '10-49', '50-249'][1 + (account_number % 3)::int] as size_band,
    ['north', 'south'][1 + (account_number % 2)::int] as owner
from (select distinct account_number from {_ACCOUNT_PEOPLE} where account_number is not null)
"""

_SPEND = f"""
create table marketing_spend as
select
    'webshop' as source_system,
    (date '{FIRST_DAY}' + days.range::int)::varchar as spend_date,
    channels.channel,
    null::varchar as campaign_id,
    money_text((channels.cents * (0.7 + 0.6 * unit(drawn_for({int(Draw.FACTS)}, channels.place),
        days.range)))::bigint) as amount,
    'USD' as currency
from range({HISTORY_DAYS}) as days
cross join (values
    (0, 'paid_search', 42000), (1, 'social', 30000), (2, 'referral', 6000), (3, 'email', 2500)
) as channels(place, channel, cents)
union all
select
    'webshop',
    instant(send_seconds)::date::varchar,
    'email',
    campaign_id,
    '480.00',
    'USD'
from shop_campaigns
"""

_ANNOTATIONS = """
create table calendar_annotations as
select 'webshop' as source_system, * from (values
    ('2024-11-29', 'promotion', 'Black Friday'),
    ('2025-11-28', 'promotion', 'Black Friday'),
    ('2024-11-28', 'promotion', 'Thanksgiving'),
    ('2025-11-27', 'promotion', 'Thanksgiving'),
    ('2025-02-11', 'outage', 'The checkout was down for four hours'),
    ('2025-09-03', 'stock_out', 'No tents; "rain jackets" neither'),
    ('2026-03-16', 'shock', 'Carriers on strike')
) as noted(date, kind, label)
"""


def shape_facts(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `FACT_TABLES`, after `prepare_messages`."""
    for statement in (
        *(_CONSENTS, _FEEDBACK, _TRAITS, _SUBSCRIPTIONS, _ASSIGNMENTS),
        *(_ERASURES, _ACCOUNTS, _SPEND, _ANNOTATIONS),
    ):
        connection.execute(statement)
