"""What people do on visits of their own accord, a month at a time: when, on what device, what.

The acts that lead to an order are `path_events`'; single acts such as a sign-up are `single_acts`'.
All three give rows of `ACT_COLUMNS`; `event_rows` makes the contract's text of them.
"""

from __future__ import annotations

from orchestration.demo_shop import behaviour_kinds as kinds
from orchestration.demo_shop.random_sql import Draw, pick_case
from orchestration.demo_shop.shop_calendar import HISTORY_SECONDS

ACT_COLUMNS = (
    "person_number",
    "visit_key",
    "event_key",
    "seconds",
    "device_number",
    "event_name",
    "style",
    "is_entry",
    "is_signed_in",
    "order_number",
    "engaged_seconds",
)
"""`device_number` null: not on a device. `order_number` null: not on the way to an order."""

_MOST_EVENTS = 40
_SECOND_VISIT_SHARE = 0.12
_FIRST_DEVICE_SHARE = 0.7


def visit_acts(first_day: int, stop_day: int, density: float) -> str:
    """SQL of all acts of visits that begin on the local days from one to before the other.

    Args:
        first_day: days since the first day.
        stop_day: likewise, not included.
        density: how many times the usual number of visits there are.
    """
    return f"""
with

days as (

    select range::bigint as day, (range + 1) % 7 in (6, 0) as is_weekend
    from range({first_day}, {stop_day})

),

person_days as (

    select
        shop_people.person_number,
        shop_people.timezone,
        shop_people.visits_a_day,
        shop_people.visit_pattern,
        shop_people.session_style,
        shop_people.sign_in_share,
        shop_people.signed_up_seconds,
        shop_people.visits_from_seconds,
        shop_people.visits_until_seconds,
        shop_people.device_count,
        days.day,
        days.is_weekend,
        mixed(drawn_for({int(Draw.VISIT)}, shop_people.person_number), days.day) as day_key
    from shop_people
    inner join days
        on days.day * 86400 + 86400 > shop_people.visits_from_seconds
        and days.day * 86400 <= shop_people.visits_until_seconds
    where shop_people.visits_a_day > 0

),

visits as (

    select
        person_days.*,
        mixed(day_key, visit_number) as visit_key
    from person_days
    cross join (values (0, 1.0), (1, {_SECOND_VISIT_SHARE})) as visit(visit_number, share)
    where unit(mixed(day_key, visit_number), 0)
        < share * (1 - exp(-visits_a_day * {density:.9f} * {_weekday_factor()}))

),

begun as (

    select
        visits.person_number,
        visits.visit_key,
        visits.day * 86400 + floor({_local_hour("unit(visit_key, 1)")} * 3600)::bigint
        - zone_offsets.offset_seconds as start_seconds,
        visits.signed_up_seconds,
        visits.visits_from_seconds,
        visits.visits_until_seconds,
        visits.sign_in_share,
        case
            when unit(visit_key, 2) < {_FIRST_DEVICE_SHARE} then 0
            else floor(unit(visit_key, 3) * visits.device_count)::int
        end as device_number,
        case
            when unit(visit_key, 4) < {kinds.OWN_STYLE_SHARE} then visits.session_style
            else 'reader'
        end as style,
        20 + floor(unit(visit_key, 5) * 100)::int as pace
    from visits
    inner join zone_offsets
        on visits.timezone = zone_offsets.timezone
        and visits.day = zone_offsets.day

),

counted as (

    select
        *,
        start_seconds >= signed_up_seconds and unit(visit_key, 6) < sign_in_share as is_signed_in,
        2 + least(floor(-ln(1 - unit(visit_key, 7)) * {_mean_more_events()}), {_MOST_EVENTS})::int
            as event_count
    from begun
    where start_seconds >= greatest(visits_from_seconds, 0)
        and start_seconds <= visits_until_seconds

),

acts as (

    select *, unnest(range(event_count)) as place
    from counted

),

timed as (

    select
        *,
        mixed(visit_key, 100 + place) as event_key
    from acts

)

select
    person_number,
    visit_key,
    event_key,
    start_seconds + place * pace + floor(unit(event_key, 1) * pace * 0.9)::bigint as seconds,
    device_number,
    case
        when place = 0 then 'page_view'
        when place = 1 and is_signed_in then 'login'
        else {_event_name("unit(event_key, 2)")}
    end as event_name,
    style,
    place = 0 as is_entry,
    is_signed_in and place > 0 as is_signed_in,
    null::bigint as order_number,
    floor(pace * 0.9)::int as engaged_seconds
from timed
where start_seconds + (place + 1) * pace < {HISTORY_SECONDS}
"""


def _weekday_factor() -> str:
    arms = []
    for pattern, (_, weekend) in kinds.VISIT_PATTERNS.items():
        if weekend != 1.0:
            weekday = 7 / (5 + 2 * weekend)
            arms.append(
                f"when '{pattern}' then case when is_weekend then {weekday * weekend:.6f}"
                f" else {weekday:.6f} end"
            )
    return f"case visit_pattern {' '.join(arms)} else 1 end"


def _local_hour(uniform: str) -> str:
    arms = []
    for pattern, (slots, _) in kinds.VISIT_PATTERNS.items():
        hours = sum(stop - first for first, stop in slots)
        passed, places = 0, []
        for first, stop in slots:
            places.append(
                f"when {uniform} * {hours} < {passed + stop - first}"
                f" then {first - passed} + {uniform} * {hours}"
            )
            passed += stop - first
        arms.append(f"when '{pattern}' then case {' '.join(places)} end")
    return f"case visit_pattern {' '.join(arms)} end"


def _mean_more_events() -> str:
    arms = " ".join(f"when '{style}' then {mean}" for style, mean in kinds.MEAN_MORE_EVENTS.items())
    return f"case style {arms} end"


def _event_name(uniform: str) -> str:
    arms = " ".join(
        f"when '{style}' then {pick_case(events, uniform)}"
        for style, events in kinds.STYLE_EVENTS.items()
    )
    return f"case style {arms} end"
