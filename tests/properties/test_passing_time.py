"""What time may change: nothing when all of it is shifted, nothing by what comes after the day."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from tests.properties.local_days import day_bounds
from tests.properties.random_shop import ZONE, random_world
from tests.properties.world_build import World, build
from tests.properties.world_checks import by_profile, facts, see_it_fail, seeds

# When a row says that something happened.
MOMENTS = {
    "orders": ("ordered_at", "updated_at"),
    "refunds": ("refunded_at",),
    "customers": ("created_at", "updated_at"),
    "events": ("occurred_at",),
    "messages": ("occurred_at",),
    "feedback": ("submitted_at",),
}


def shifted(world: World, days: int) -> World:
    """The same world some days later, or earlier."""
    distance = dt.timedelta(days=days)

    def later(_, row):
        return {
            name: value + distance if isinstance(value, dt.date) else value
            for name, value in row.items()
        }

    return world.mapped(later).on(world.as_of_date + distance)


def until(world: World, day: dt.date) -> World:
    """The world without rows dated after the day. Rates have a day, all else an instant."""
    end = day_bounds(day, ZONE)[1]

    def kept(input_name, row):
        moments = [row.get(name) for name in MOMENTS.get(input_name, ())]
        if any(isinstance(moment, dt.datetime) and moment >= end for moment in moments):
            return None
        rate_day = row.get("rate_date")
        return None if isinstance(rate_day, dt.date) and rate_day > day else row

    return world.mapped(kept)


@pytest.fixture(scope="module")
def in_utc(compiler, strata):
    """Days of 24 hours, and cut points of the day: a quarter's start can't be shifted with it."""
    return compiler.compile(
        **{**strata.dbt_vars, "business_timezone": "UTC", "rfm_cut_points": "as_of_date"}
    )


def undated_facts(built):
    dates = built.rows(
        "select column_name from information_schema.columns"
        " where table_schema = 'marts' and data_type in ('DATE', 'TIMESTAMP')"
    )
    return facts(built, without={name for (name,) in dates})


def check_shift(in_utc, seed):
    # Where only a content's hash decides, another instant decides otherwise.
    world = random_world(seed, zone="UTC", by_arrival=False)
    with build(in_utc, world) as built:
        expected = undated_facts(built)
    for years in (-7, 1, 12):
        with build(in_utc, shifted(world, 364 * years)) as built:
            assert undated_facts(built) == expected


@pytest.mark.parametrize("seed", seeds(1))
def test_shifting_all_times_and_the_day_by_whole_weeks_changes_nothing(in_utc, seed):
    check_shift(in_utc, seed)


def test_a_model_that_reads_the_clock_is_seen(in_utc):
    broken = in_utc.up_to("rfm_segments").with_bug(
        "int_orders_as_of", "anchor_date::timestamp ))", "current_date))"
    )
    see_it_fail(check_shift, broken)


def check_later_rows(strata, seed):
    world = random_world(seed)
    with build(strata, until(world, world.as_of_date)) as built:
        expected = facts(built)
    with build(strata, world) as built:
        assert facts(built) == expected


@pytest.mark.parametrize("seed", seeds(2))
def test_rows_dated_after_the_day_change_nothing(strata, seed):
    check_later_rows(strata, seed)


@pytest.mark.parametrize(
    ("model", "old", "new"),
    [
        ("int_order_states", "ranked.ordered_at < ranked.anchor_ends_at", "true"),
        ("int_order_states", "order_versions.version_at < anchors.anchor_ends_at", "true"),
        ("int_refunds_as_of", "refunds.refunded_at < anchors.anchor_ends_at", "true"),
        ("int_customer_states", "versions.created_at < anchors.anchor_ends_at", "true"),
    ],
)
def test_a_look_into_the_future_is_seen(strata, model, old, new):
    narrow = strata.up_to("rfm_segments", "probabilistic_segments")
    see_it_fail(check_later_rows, narrow.with_bug(model, old, new))


FADING = {"engagement_segments": "brand_score", "loyalty_segments": "loyalty_score"}


@pytest.fixture(scope="module")
def fading(strata):
    """What falls when nothing happens."""
    return strata.up_to("rfm_segments", *FADING)


LEAVING = """
    select profile_id, count(case when is_order then 1 end), coalesce(sum(amount), 0)
    from (
        select profile_id, not is_renewal as is_order, net_revenue as amount, days_before_anchor
        from intermediate.int_orders_as_of
        where anchor_role = 'as_of' and order_outcome = 'valid'
        union all
        select unlinked_profile_id, false, -shop_goods_amount, anchor_date - refunded_date
        from intermediate.int_refunds_as_of
        where
            anchor_role = 'as_of' and unlinked_profile_id is not null and reject_reason is null
    )
    where days_before_anchor < 730 and days_before_anchor + {days} >= 730
    group by profile_id
"""


def check_quiet_days(strata, seed):
    world = random_world(seed)
    # What is dated later must not take effect on the way, a cancellation that is known included.
    quiet = until(world, world.as_of_date).mapped(
        lambda name, row: None if row.get("status") == "cancelled" else row
    )
    query = "recency_days is not null, recency_days, order_count, monetary_total"
    with build(strata, quiet) as built:
        before = by_profile(built, query, "rfm_segments")
        scores = {mart: by_profile(built, score, mart) for mart, score in FADING.items()}
        leaving = {
            days: {row[0]: row[1:] for row in built.rows(LEAVING.format(days=days))}
            for days in (1, 90, 500)
        }
    for days, left in leaving.items():
        expected = {}
        for profile, (is_buyer, recency, orders, money) in before.items():
            orders_left, money_left = left.get(profile, (0, 0)) if is_buyer else (0, 0)
            expected[profile] = (
                is_buyer,
                recency + days if is_buyer else None,
                orders - orders_left,
                money - money_left,
            )
        later = quiet.on(world.as_of_date + dt.timedelta(days=days))
        with build(strata, later) as built:
            assert by_profile(built, query, "rfm_segments") == expected
            for mart, score in FADING.items():
                risen = {
                    profile: found
                    for profile, found in by_profile(built, score, mart).items()
                    if (found[0] or 0) > (scores[mart][profile][0] or 0)
                }
                assert risen == {}


@pytest.mark.parametrize("seed", seeds(1))
def test_on_days_without_events_recency_grows_and_all_else_falls_by_what_leaves(fading, seed):
    check_quiet_days(fading, seed)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("min(days_before_anchor) as recency", "least(min(days_before_anchor), 30) as recency"),
        ("when days_before_anchor < 730 then net_revenue", "when true then net_revenue"),
    ],
)
def test_time_that_stands_still_is_seen(fading, old, new):
    see_it_fail(check_quiet_days, fading.with_bug("int_purchase_windows", old, new))


def test_a_score_that_rises_by_waiting_is_seen(fading):
    broken = fading.with_bug(
        "loyalty_segments",
        "decided.loyalty_score,",
        "decided.loyalty_score + (decided.evaluated_date - date '2000-01-01') / 1000"
        " as loyalty_score,",
    )
    see_it_fail(check_quiet_days, broken)


def written_in_other_zones(world: World, chance: random.Random) -> World:
    """The same instants as other sources write them: with an offset, with Z, as plain UTC."""

    def written(moment):
        offset = dt.timezone(chance.choice(OFFSETS) * dt.timedelta(minutes=1))
        plain = moment.astimezone(dt.UTC).replace(tzinfo=None)
        return chance.choice(
            [
                moment.astimezone(offset).isoformat(),
                moment.astimezone(offset).isoformat(" "),
                f"{plain.isoformat()}Z",
                plain.isoformat(" "),
            ]
        )

    return world.mapped(
        lambda _, row: {
            name: written(value) if isinstance(value, dt.datetime) else value
            for name, value in row.items()
        }
    )


# Minutes east of Greenwich, quarters and date lines among them.
OFFSETS = (0, 60, 330, 345, 765, 840, -150, -300, -570, -720)


def check_offsets(strata, seed):
    world = random_world(seed)
    with build(strata, world) as built:
        expected = facts(built)
    with build(strata, written_in_other_zones(world, random.Random(seed))) as built:
        assert facts(built) == expected


@pytest.mark.parametrize("seed", seeds(1))
def test_an_instant_is_the_same_whatever_offset_it_is_written_with(strata, seed):
    check_offsets(strata, seed)


def test_an_offset_that_is_dropped_is_seen(strata):
    broken = strata.up_to("rfm_segments").with_bug("stg_orders", "as timestamptz", "as timestamp")
    see_it_fail(check_offsets, broken)
