"""What people do on the way to an order, and the single acts beside: a month at a time.

The steps of each process stand in `behaviour_kinds`. Orders of the hidden year cast their shadow
before them: earlier visits that fall into the history are there.
"""

from __future__ import annotations

from orchestration.demo_shop.behaviour_kinds import path_steps
from orchestration.demo_shop.random_sql import Draw
from orchestration.demo_shop.shop_calendar import HISTORY_SECONDS

CREATE_PATH_STEPS = f"""
create table path_steps as
select * from (values {
    ", ".join(
        f"('{step.process}', {step.visit}, {step.days_before[0]}, {step.days_before[1]}, "
        f"{step.step}, '{step.event_name}', {step.seconds})"
        for step in path_steps()
    )
}) as steps(process, visit, least_days, most_days, step, event_name, step_seconds)
"""
_MOST_DAYS_BEFORE = max(step.days_before[1] for step in path_steps())

# (act, who may do it, chance in a month). Acts of one time have their own rules below.
_MONTHLY_ACTS = (
    ("share", "attitude = 'promoter'", 0.10),
    ("referral", "attitude = 'promoter'", 0.05),
    ("review", "attitude = 'promoter'", 0.06),
    ("review", "attitude = 'passive'", 0.005),
    ("social_comment", "attitude = 'promoter'", 0.06),
    ("support_contact", "attitude = 'detractor'", 0.06),
    ("support_contact", "attitude <> 'detractor'", 0.006),
    ("sales_contact", "account_type = 'business'", 0.08),
)


def path_acts(first_second: int, stop_second: int) -> str:
    """SQL of the acts of all visits on the way to an order that begin in a span of seconds."""
    return f"""
with

steps as (

    select
        path_orders.*,
        path_steps.visit,
        path_steps.event_name,
        path_steps.step,
        path_steps.step_seconds,
        path_steps.least_days,
        path_steps.most_days,
        mixed(
            drawn_for({int(Draw.PATH)}, path_orders.path_key), path_steps.visit
        ) as visit_key
    from path_orders
    inner join path_steps on path_orders.process = path_steps.process
    where path_orders.channel <> 'pos'
        and path_orders.seconds >= {first_second}
        and path_orders.seconds < {stop_second} + {int(_MOST_DAYS_BEFORE * 86400)}

),

timed as (

    select
        steps.*,
        mixed(visit_key, 100 + step) as event_key,
        case
            when visit = 0 then seconds - step_seconds
            else seconds + step_seconds
                - floor(
                    (least_days + unit(visit_key, 1) * (most_days - least_days)) * 86400
                )::bigint
        end as act_seconds
    from steps

),

begun as (

    select
        *,
        min(act_seconds) over (partition by visit_key) as start_seconds
    from timed

)

select
    begun.person_number,
    begun.visit_key,
    begun.event_key,
    begun.act_seconds as seconds,
    case when begun.channel = 'app' then 1 else 0 end as device_number,
    begun.event_name,
    begun.process as style,
    begun.step = 0 as is_entry,
    begun.event_name in ('checkout_start', 'checkout_step', 'purchase') as is_signed_in,
    begun.order_number,
    60 as engaged_seconds
from begun
where begun.start_seconds >= {first_second}
    and begun.start_seconds < {stop_second}
    and begun.act_seconds >= 0
    and begun.act_seconds < {HISTORY_SECONDS}
union all
select
    person_number,
    mixed(drawn_for({int(Draw.PATH)}, path_key), 99) as visit_key,
    mixed(drawn_for({int(Draw.PATH)}, path_key), 98) as event_key,
    seconds,
    null as device_number,
    'store_visit' as event_name,
    'store' as style,
    true as is_entry,
    true as is_signed_in,
    order_number,
    null as engaged_seconds
from path_orders
where channel = 'pos'
    and person_kind <> 'guest_without_email'
    and seconds >= {first_second}
    and seconds < {stop_second}
    and seconds < {HISTORY_SECONDS}
"""


def single_acts(month: int, first_second: int, stop_second: int) -> str:
    """SQL of the acts that stand alone, of one month of the history (from 0)."""
    monthly = " union all ".join(
        f"select {place} as act, '{name}' as event_name, shop_people.* from shop_people"
        f" where {who} and unit(drawn_for({int(Draw.ACT)}, person_number), {1000 * month + place})"
        f" < {chance}"
        for place, (name, who, chance) in enumerate(_MONTHLY_ACTS)
    )
    return f"""
with

monthly as ({monthly}),

dated as (

    select
        person_number,
        act,
        event_name,
        {first_second} + floor(
            unit(drawn_for({int(Draw.ACT)}, person_number), {1000 * month} + 500 + act)
            * {stop_second - first_second}
        )::bigint as seconds,
        greatest(signed_up_seconds, visits_from_seconds) as from_seconds,
        visits_until_seconds
    from monthly
    where person_kind = 'account' and visits_a_day > 0

),

once as (

    select person_number, 900 as act, 'signup' as event_name, signed_up_seconds as seconds
    from shop_people where person_kind = 'account'
    union all
    select person_number, 901, 'newsletter_signup', signed_up_seconds + 40
    from shop_people where person_kind = 'account' and takes_email
    union all
    select person_number, 902, 'social_follow', signed_up_seconds + 86400
    from shop_people where person_kind = 'account' and attitude = 'promoter'

),

acts as (

    select person_number, act, event_name, seconds from dated
    where seconds >= from_seconds and seconds <= visits_until_seconds
    union all
    select * from once

)

select
    person_number,
    mixed(drawn_for({int(Draw.ACT)}, person_number), {1000 * month + 100000} + act) as visit_key,
    mixed(drawn_for({int(Draw.ACT)}, person_number), {1000 * month + 200000} + act) as event_key,
    seconds,
    0 as device_number,
    event_name,
    'single_act' as style,
    true as is_entry,
    true as is_signed_in,
    null::bigint as order_number,
    null::int as engaged_seconds
from acts
where seconds >= greatest({first_second}, 0) and seconds < least({stop_second}, {HISTORY_SECONDS})
"""
