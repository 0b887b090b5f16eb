"""RFM, engagement and loyalty of random worlds are what plain Python makes of the same facts."""

from __future__ import annotations

import pytest

from tests.properties.compiled_project import Compiled, DbtCompiler
from tests.properties.random_habits import habit_world
from tests.properties.random_shop import random_world
from tests.properties.segment_oracle import differences
from tests.properties.world_build import build
from tests.properties.world_checks import see_it_fail, seeds

# Small enough that small worlds have people on both sides of each.
SMALL_NUMBERS = {
    "business_timezone": "America/New_York",
    "shop_currency": "USD",
    "max_reject_share": 1,
    "rfm_min_customers": 5,
    "usage_min_profiles": 4,
    "pattern_min_visits": 3,
    "channel_min_messages": 3,
    "interval_prior_count": 1,
}


@pytest.fixture(scope="module")
def small_numbers(compiler: DbtCompiler) -> Compiled:
    return compiler.compile(**SMALL_NUMBERS)


def check_people_with_habits(strata: Compiled, seed: int) -> None:
    with build(strata, habit_world(seed)) as built:
        assert differences(built) == []


@pytest.mark.parametrize("seed", seeds(8))
def test_people_with_habits_are_in_the_segments_that_plain_python_gives(small_numbers, seed):
    check_people_with_habits(small_numbers, seed)


@pytest.mark.parametrize("seed", seeds(4))
def test_dirty_worlds_are_in_the_segments_that_plain_python_gives(small_numbers, seed):
    with build(small_numbers, random_world(seed, with_visits=True)) as built:
        assert differences(built) == []


@pytest.mark.parametrize(
    ("model", "old", "new", "seed"),
    [
        ("int_rfm_cut_points", "then min(cumulated", "then max(cumulated", 0),
        ("int_rfm_scores", "> bands.lower_bound or", ">= bands.lower_bound or", 0),
        ("int_brand_points", "least(", "greatest(", 0),
        ("int_brand_scores", "<= evaluation_days.", "< evaluation_days.", 0),
        ("int_profile_message_events", "not coalesce(", "coalesce(", 0),
        ("int_usage_cut_points", "higher_count <", "higher_count <=", 6),
        ("int_visit_patterns", ">= fitting_visits.", "> fitting_visits.", 0),
        ("int_channel_contacts", "by_event.channel_kind, ", "", 0),
        ("int_content_interests", "signal_count >= 3", "signal_count > 3", 0),
        ("int_own_intervals", "(interval_count, ", "(interval_count + 2, ", 0),
        ("int_loyalty_scores", "last_order > 3", "last_order > 2", 0),
        ("loyalty_segments", "raw_tier_level desc, days_back", "days_back", 0),
        ("loyalty_segments", "desc, days_back", "desc, days_back desc", 0),
        ("int_programme_members", "<= (", "< (", 3),
        ("send_time", "expected_share desc, population_count", "population_count", 0),
    ],
)
def test_a_planted_bug_is_seen(small_numbers, model, old, new, seed):
    broken = small_numbers.with_bug(model, old, new)
    see_it_fail(check_people_with_habits, broken, [seed, *range(12)])
