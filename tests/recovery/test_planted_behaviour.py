"""A whole run finds again what was planted: sessions, people, engagement, loyalty, preferences.

Each figure is held against the best that any classifier could do, and against the same guess with
its labels shuffled. One run of a shop of a fresh seed, and one of its clean copy.
"""

from __future__ import annotations

import numpy as np
import pytest

from orchestration.demo_shop.demo_events import EVENTS_BESIDE_VISITS, EVENTS_OF_VISITS
from tests.recovery.best_classifiers import LOYAL_TYPES, engaged_log_odds, loyal_log_odds
from tests.recovery.conftest import EVENTS_PER_PERSON
from tests.recovery.published_truth import area_under_curve, columns, of_the_possible

pytestmark = pytest.mark.long

LEAST_OF_THE_BEST = 0.8
# What a shuffled guess may differ from none at all by, among a thousand people and more.
FLOOR_MARGIN = 0.07
GUESSED = 0.5
LAST_DAY = "2026-06-30"
# Visits of their own accord; the others lead to orders.
OWN_STYLES = "('reader', 'browser', 'searcher', 'deal_hunter', 'shopper')"
SECOND_VISITS = 1.12


def shuffled(values: np.ndarray) -> np.ndarray:
    return np.random.default_rng(1).permutation(values)


SESSIONS = """
with

devices as (

    select distinct pseudonym, clear_value as anonymous_id
    from vault where kind = 'anonymous'

),

found as (

    select
        devices.anonymous_id,
        sessions.session_started_at as started_at,
        max(sessions.last_event_at) as ended_at
    from build.intermediate.int_session_days as sessions
    inner join devices on sessions.device_value = devices.pseudonym
    where sessions.device_kind = 'anonymous'
    group by devices.anonymous_id, sessions.session_started_at

),

planted as (

    select
        *,
        lag(ended_at) over device_visits as ended_before,
        lead(started_at) over device_visits as started_after,
        lead(anonymous_id, 7) over (order by visit_id) as other_device
    from planted_visits
    where anonymous_id in (select anonymous_id from devices)
    window device_visits as (partition by anonymous_id order by started_at, visit_id)

)

select
    count(*) as visits,
    count(found.started_at) as recovered,
    count(*) filter (
        coalesce(planted.started_at - planted.ended_before >= interval 30 minute, true)
        and coalesce(planted.started_after - planted.ended_at >= interval 30 minute, true)
    ) as separable,
    count(shuffled.started_at) as by_chance
from planted
left join found
    on planted.anonymous_id = found.anonymous_id
    and planted.started_at = found.started_at
    and planted.ended_at = found.ended_at
left join found as shuffled
    on planted.other_device = shuffled.anonymous_id
    and planted.started_at = shuffled.started_at
"""


def test_planted_visits_are_sessions(both):
    [(visits, recovered, separable, by_chance)] = both.execute(SESSIONS).fetchall()
    assert visits > 10_000
    assert recovered > 0.99 * separable
    assert by_chance < 0.01 * visits


DEVICES = """
with

seen as (

    select anonymous_id, bool_or(is_signed_in) as signed_in
    from planted_visits group by anonymous_id

)

select
    planted_devices.is_shared,
    seen.signed_in,
    people.profile_id as planted_profile,
    identifiers.profile_id as found_profile
from planted_devices
inner join seen on planted_devices.anonymous_id = seen.anonymous_id
inner join people on planted_devices.person_number = people.person_number
inner join identifiers
    on identifiers.identifier_kind = 'anonymous'
    and planted_devices.anonymous_id = identifiers.clear_value
where people.profile_id is not null
order by planted_devices.anonymous_id
"""


def test_devices_belong_to_those_who_were_planted_with_them(both):
    found = columns(both, DEVICES)
    planted, profile = found["planted_profile"], found["found_profile"]
    is_right = np.ma.filled(planted == profile, False) & ~np.ma.getmaskarray(profile)
    # What nobody signed in on, nobody can give to anybody.
    best = found["signed_in"] & ~found["is_shared"]
    assert best.sum() > 3000
    assert is_right[best].mean() > 0.99
    assert (shuffled(np.ma.filled(profile, "")) == np.ma.filled(planted, "")).mean() < 0.01


def test_no_two_people_are_one_profile_and_no_one_is_two(both):
    accounts = both.execute(
        """
        select
            count(distinct identifiers.profile_id),
            count(distinct planted_accounts.person_number),
            count(*)
        from planted_accounts
        inner join identifiers
            on identifiers.identifier_kind = 'customer'
            and planted_accounts.source_system = identifiers.identifier_source
            and planted_accounts.customer_id = identifiers.clear_value
        """
    ).fetchall()
    [(profiles, people, account_count)] = accounts
    assert profiles == people < account_count


ENGAGEMENT = f"""
select
    people.engagement_level,
    engagement.brand_score::double as score,
    coalesce(visits.visit_count, 0)::double as visit_count,
    date_diff('day', greatest(people.visits_from_at, timestamp '2026-04-01'),
        timestamp '{LAST_DAY}')::double as exposure_days
from people
inner join build.marts.engagement_segments as engagement
    on people.profile_id = engagement.profile_id
left join (
    select person_number, count(*) as visit_count
    from planted_visits
    where style in {OWN_STYLES} and started_at >= '2026-04-01'
    group by person_number
) as visits on people.person_number = visits.person_number
where people.visits_until_at >= '{LAST_DAY}' and people.visits_from_at < '2026-05-01'
order by people.person_number
"""


def test_engagement_is_recovered(both):
    found = columns(both, ENGAGEMENT)
    level = found["engagement_level"].astype(str)
    is_engaged = np.isin(level, ["steady", "devoted"])
    assert len(level) > 1000
    density = SECOND_VISITS * (EVENTS_PER_PERSON - EVENTS_BESIDE_VISITS) / EVENTS_OF_VISITS
    best = area_under_curve(
        engaged_log_odds(
            found["visit_count"],
            found["exposure_days"],
            density,
            {name: float((level == name).mean()) for name in np.unique(level)},
        ),
        is_engaged,
    )
    reached = area_under_curve(found["score"], is_engaged)
    print(f"engagement: {reached:.3f}, best {best:.3f}")
    assert of_the_possible(reached, best, GUESSED) > LEAST_OF_THE_BEST
    floor = area_under_curve(shuffled(found["score"]), is_engaged)
    assert abs(floor - GUESSED) < FLOOR_MARGIN


LOYALTY = """
select
    people.planted_type,
    people.is_active_at_end,
    people.engagement_level,
    people.attitude,
    loyalty.loyalty_score::double as score,
    (people.order_count - 1)::double as repeats,
    date_diff('second', people.first_order_at, people.last_order_at) / 86400.0 as first_to_last,
    date_diff('second', people.first_order_at, timestamp '2026-07-01') / 86400.0 as age
from people
inner join build.marts.loyalty_segments as loyalty on people.profile_id = loyalty.profile_id
where people.order_count > 0 and loyalty.loyalty_score is not null
order by people.person_number
"""


def test_loyalty_is_recovered(both):
    found = columns(both, LOYALTY)
    is_loyal = np.isin(found["planted_type"].astype(str), LOYAL_TYPES) & found["is_active_at_end"]
    assert is_loyal.sum() > 200
    best = area_under_curve(
        loyal_log_odds(
            found["repeats"],
            found["first_to_last"],
            found["age"],
            found["engagement_level"].astype(str),
            found["attitude"].astype(str),
        ),
        is_loyal,
    )
    reached = area_under_curve(found["score"], is_loyal)
    print(f"loyalty: {reached:.3f}, best {best:.3f}")
    assert of_the_possible(reached, best, GUESSED) > LEAST_OF_THE_BEST
    floor = area_under_curve(shuffled(found["score"]), is_loyal)
    assert abs(floor - GUESSED) < FLOOR_MARGIN


@pytest.mark.parametrize(
    ("planted", "found", "table", "enough"),
    [
        ("reading_hour", "best_hour", "send_time", "reaction_count >= 3"),
        ("content_topic", "top_content_topic", "engagement_segments", "brand_score > 15"),
    ],
)
def test_hours_and_topics_are_recovered(both, planted, found, table, enough):
    rows = columns(
        both,
        f"""
        select people.{planted}::varchar as planted, made.{found}::varchar as found
        from people inner join build.marts.{table} as made on people.profile_id = made.profile_id
        where made.{enough} and made.{found} is not null
        order by people.person_number
        """,
    )
    is_right = rows["planted"] == rows["found"]
    assert len(is_right) > 300
    assert is_right.mean() > LEAST_OF_THE_BEST
    assert (rows["planted"] == shuffled(rows["found"])).mean() < 0.4


def test_people_are_in_the_segments_of_the_clean_copy(both, clean_home):
    both.execute(f"attach if not exists '{clean_home.build_db}' as clean (read_only)")
    differing = both.execute(
        """
        select clean.segment_type, clean.segment_code, dirty.segment_code, count(*)
        from clean.marts.segment_memberships as clean
        left join build.marts.segment_memberships as dirty
            on clean.profile_id = dirty.profile_id and clean.segment_type = dirty.segment_type
        where clean.segment_code is distinct from dirty.segment_code
        group by all
        """
    ).fetchall()
    assert differing == []
    # A guest's failed order without an address is a person of its own, who bought nothing.
    more = both.execute(
        """
        select dirty.segment_code, count(*)
        from build.marts.segment_memberships as dirty
        left join clean.marts.segment_memberships as clean
            on dirty.profile_id = clean.profile_id and dirty.segment_type = clean.segment_type
        where clean.profile_id is null and dirty.segment_type = 'rfm'
        group by all
        """
    ).fetchall()
    assert {code for code, _ in more} <= {"prospect", "returned_only"}
    assert sum(count for _, count in more) < 20
