"""Others don't change what is absolute about a person: newcomers, other names, another tenant."""

from __future__ import annotations

import pytest

from tests.properties.random_shop import random_world
from tests.properties.world_build import File, World, build
from tests.properties.world_checks import ABSOLUTE, by_profile, facts, see_it_fail, seeds

NAMES = frozenset(
    {
        "source_system",
        "customer_id",
        "order_id",
        "order_item_id",
        "refund_id",
        "product_id",
        "email_hash",
        "anonymous_id",
        "event_id",
        "session_id",
        "message_id",
        "feedback_id",
    }
)


def with_newcomer(world: World, seed: int) -> World:
    """The world and one more person, of a shop of theirs; rates and products stay."""
    newcomer = random_world(
        seed + 1000,
        people=1,
        sources=("new",),
        as_of_date=world.as_of_date,
        with_dirt=False,
    )
    for file in newcomer.files:
        if file.input_name not in ("fx_rates", "products"):
            world = world.with_file(file.input_name, file.rows)
    return world


def check_newcomer(strata, seed):
    world = random_world(seed, people=20)
    with build(strata, world) as built:
        before = by_profile(built, ABSOLUTE)
    with build(strata, with_newcomer(world, seed)) as built:
        after = by_profile(built, ABSOLUTE)
    assert len(after) > len(before)
    assert {profile: after.get(profile) for profile in before} == before


@pytest.mark.parametrize("seed", seeds(2))
def test_a_newcomer_changes_nothing_absolute_about_others(strata, seed):
    check_newcomer(strata, seed)


def test_a_threshold_that_depends_on_the_population_is_seen(strata):
    broken = strata.with_bug(
        "probabilistic_segments",
        "1 - order_scores.p_active_365_days",
        "(1 - order_scores.p_active_365_days) / count(*) over ()",
    )
    see_it_fail(check_newcomer, broken)


def check_moved_scores(strata, seed):
    world = random_world(seed, people=20)
    columns = "recency_score, monetary_score, recency_days, monetary_total"
    with build(strata, world) as built:
        before = by_profile(built, columns, "rfm_segments")
    with build(strata, with_newcomer(world, seed)) as built:
        after = by_profile(built, columns, "rfm_segments")
    for profile, (recency, money, *measured) in before.items():
        assert list(after[profile][2:]) == measured
        if recency is not None:
            assert abs(after[profile][0] - recency) <= 1
            assert abs(after[profile][1] - money) <= 1


@pytest.mark.parametrize("seed", seeds(2))
def test_a_newcomer_moves_a_quantile_score_by_one_at_most(strata, seed):
    check_moved_scores(strata, seed)


def test_cut_points_that_jump_are_seen(strata):
    broken = strata.with_bug(
        "int_rfm_cut_points",
        "cutoffs.lower_bound * populations.customer_count",
        "cutoffs.lower_bound * (populations.customer_count % 2 * 17 + 1)",
    )
    see_it_fail(check_moved_scores, broken)


def renamed(world: World) -> World:
    """All ids and e-mails under other names, in another order of the alphabet."""

    def other_name(_, row):
        return {
            name: f"ж{str(value)[::-1]}'" if name in NAMES and value and value.strip() else value
            for name, value in row.items()
        }

    return world.mapped(other_name)


def check_renaming(strata, seed):
    # Where only a content's hash decides, another name decides otherwise.
    world = random_world(seed, by_arrival=False)
    ids = {"profile_id", "key_pseudonym"}
    with build(strata, world) as built:
        expected = facts(built, without=ids)
        sources = {row.get("source_system", "shop") for file in world.files for row in file.rows}
    assert sources <= {"shop", "web"}
    with build(strata, renamed(world)) as built:
        assert facts(built, without=ids) == expected


@pytest.mark.parametrize("seed", seeds(2))
def test_other_names_give_the_same_tables_up_to_the_names(strata, seed):
    check_renaming(strata, seed)


def test_a_choice_by_the_alphabet_is_seen(strata):
    broken = strata.with_bug(
        "int_orders_as_of",
        "case when exclusion_reason is not null",
        "case when order_id > 'c3' or exclusion_reason is not null",
    )
    see_it_fail(check_renaming, broken)


def two_tenants(seed: int) -> tuple[World, World, World]:
    """Two shops with the same ids and the same rates: each alone, and both in one warehouse."""
    first = random_world(seed, sources=("shop",))
    second = random_world(seed + 500, sources=("web",), as_of_date=first.as_of_date)
    rates = [file for file in first.files if file.input_name == "fx_rates"]
    own = [file for file in second.files if file.input_name != "fx_rates"]

    def world(files: list[File]) -> World:
        return World(first.as_of_date, tuple(files))

    return first, world([*rates, *own]), world([*first.files, *own])


def check_tenants(strata, seed):
    first, second, both = two_tenants(seed)
    alone = {}
    for world in (first, second):
        with build(strata, world) as built:
            alone |= by_profile(built, ABSOLUTE.replace("frequency_score, ", ""))
    with build(strata, both) as built:
        together = by_profile(built, ABSOLUTE.replace("frequency_score, ", ""))
    assert together == alone


@pytest.mark.parametrize("seed", seeds(2))
def test_two_tenants_together_are_each_as_alone(strata, seed):
    check_tenants(strata, seed)


def test_a_key_without_its_source_is_seen(strata):
    broken = strata.with_bug(
        "int_order_states", "source_system, order_id order by", "order_id order by"
    )
    see_it_fail(check_tenants, broken)
