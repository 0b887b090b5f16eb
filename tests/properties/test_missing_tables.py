"""An input table that isn't there switches off what `capabilities` says, and nothing else.

One entry of `ABSENCES` for each table that a model reads: who may change without it, and which
columns then say nothing. A test below says what becomes of those who do change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from tests.properties.random_shop import random_world
from tests.properties.world_build import World, build
from tests.properties.world_checks import ABSOLUTE, by_profile, see_it_fail, seeds


@dataclass(frozen=True, slots=True)
class Absence:
    """What taking a table away may do.

    Attributes:
        touched: a query on the world with the table: profiles that may change.
        nulled: columns by mart that are null for everybody without the table: not 0.
    """

    touched: str = "select null"
    nulled: tuple[tuple[str, str], ...] = ()


PEOPLE = """
    select profile_id
    from intermediate.int_order_people
    inner join {facts} using (source_system, order_id)
"""
# Whom a row tells of, and those who may be one person with them because of it.
IDENTIFIED = """
    select profile_id
    from intermediate.int_identifier_profiles
    inner join {facts} using (identifier_kind, identifier_source, identifier_value)
"""
ABSENCES = {
    "orders": Absence(
        touched="select profile_id from marts.customer_360",
        nulled=(
            (
                "rfm_segments",
                "recency_score, frequency_score, monetary_score, recency_days, tenure_days,"
                " average_order_value",
            ),
            (
                "probabilistic_segments",
                "churn_probability, p_alive, p_active_30_days, expected_orders_365_days,"
                " expected_order_value, predicted_clv_365_days, total_clv, model_name",
            ),
            ("customer_360", "first_order_date, last_order_date"),
        ),
    ),
    "order_items": Absence(touched=PEOPLE.format(facts="intermediate.int_order_lines")),
    "refunds": Absence(
        touched=PEOPLE.format(facts="intermediate.int_refunds")
        + " union select unlinked_profile_id from intermediate.int_refunds_as_of"
    ),
    "customers": Absence(
        touched="""
            select profile_id from intermediate.int_identifier_profiles
            inner join intermediate.int_customer_states
                on identifier_kind = 'customer'
                and identifier_source = source_system
                and identifier_value = customer_id
        """
    ),
    "events": Absence(
        touched=IDENTIFIED.format(facts="intermediate.int_events")
        + """
            union
            select profile_id from intermediate.int_identifier_profiles
            inner join intermediate.int_identity_link_months
                on identifier_kind = 'anonymous'
                and identifier_source = anonymous_source
                and identifier_value = anonymous_value
        """,
        nulled=(
            (
                "engagement_segments",
                "brand_score, recent_active_day_count, trend, visit_count, visit_pattern,"
                " top_daypart, top_content_topic",
            ),
            ("loyalty_segments", "brand_interaction_points, content_points"),
        ),
    ),
    "messages": Absence(
        touched=IDENTIFIED.format(facts="intermediate.int_message_events"),
        nulled=(("engagement_segments", "message_count, message_reaction_count"),),
    ),
    "feedback": Absence(touched=IDENTIFIED.format(facts="intermediate.int_feedback")),
    "products": Absence(),
    "fx_rates": Absence(
        touched=PEOPLE.format(
            facts="(from intermediate.int_order_versions where currency <> 'USD')"
        )
        + " union "
        + PEOPLE.format(facts="(from intermediate.int_refunds where currency <> 'USD')")
        + " union select unlinked_profile_id from intermediate.int_refunds_as_of"
        " where fx_rate is distinct from 1"
    ),
}


def without(world: World, input_name: str) -> World:
    return replace(world, files=tuple(f for f in world.files if f.input_name != input_name))


def whole_world(seed: int) -> World:
    """Every table, and what a row says depends on no other table but by its ids.

    So e-mails tie no accounts to orders, and no visit is by a device that ordered. An account's
    type excludes orders, but only its own.
    """

    def untied(input_name, row):
        if input_name == "orders" and row.get("anonymous_id"):
            row = {**row, "anonymous_id": f"till-{row['anonymous_id']}"}
        is_known = input_name == "orders" and row.get("customer_id")
        return {**row, "email_hash": None} if is_known or input_name == "customers" else row

    return random_world(seed, people=20, with_dirt=False, with_visits=True).mapped(untied)


def capabilities(built):
    return {
        (input_name, column_name, feature): (is_on, reason)
        for input_name, column_name, feature, is_on, reason in built.rows(
            "select input_name, column_name, feature_code, is_on, reason from marts.capabilities"
        )
    }


def check_capabilities(strata, input_name):
    world = whole_world(0)
    with build(strata, world) as built:
        whole = capabilities(built)
        switched = {key for key in whole if key[0] == input_name}
    with build(strata, without(world, input_name)) as built:
        found = capabilities(built)
    assert {key: told for key, told in found.items() if key not in switched} == {
        key: told for key, told in whole.items() if key not in switched
    }
    for key in switched:
        is_on, reason = found[key]
        assert not is_on
        assert reason.startswith(f"no row with {input_name}.{key[1]}: ")


@pytest.mark.parametrize("input_name", ABSENCES)
def test_a_missing_table_switches_off_its_own_features_and_no_other(strata, input_name):
    check_capabilities(strata.up_to("capabilities"), input_name)


def test_every_feature_is_on_where_every_table_is_there(strata):
    with build(strata, whole_world(0)) as built:
        off = {key for key, (is_on, _) in capabilities(built).items() if not is_on}
    assert off == set()


def test_a_feature_that_stays_on_is_seen(strata):
    broken = strata.up_to("capabilities").with_bug(
        "capabilities", "coalesce(input_coverage.filled_row_count, 0) > 0", "true"
    )
    see_it_fail(check_capabilities, broken, ABSENCES)


def check_others(strata, case):
    input_name, seed = case
    world, absence = whole_world(seed), ABSENCES[input_name]
    with build(strata, world) as built:
        touched = {profile for (profile,) in built.rows(absence.touched)}
        whole = by_profile(built, ABSOLUTE)
    with build(strata, without(world, input_name)) as built:
        found = by_profile(built, ABSOLUTE)
        for mart, columns in absence.nulled:
            for column in columns.split(","):
                assert built.one(f"select count({column}) from marts.{mart}") == 0, column
    assert found.keys() <= whole.keys()
    assert {profile: found.get(profile) for profile in whole if profile not in touched} == {
        profile: told for profile, told in whole.items() if profile not in touched
    }


@pytest.mark.parametrize("seed", seeds(1, 20))
@pytest.mark.parametrize("input_name", ABSENCES)
def test_a_missing_table_changes_nobody_whom_it_does_not_tell_of(strata, input_name, seed):
    check_others(strata, (input_name, seed))


@pytest.mark.parametrize(
    ("input_name", "model", "relation"),
    [
        ("order_items", "int_order_version_amounts", "line_totals"),
        ("refunds", "int_orders_as_of", "order_refunds"),
        ("customers", "int_order_people", "excluded_accounts"),
        ("fx_rates", "int_order_version_amounts", "fx_rates"),
    ],
)
def test_people_who_go_with_a_table_are_seen(strata, input_name, model, relation):
    broken = strata.with_bug(
        model,
        f"left join {relation} on",
        f"inner join (select 1 from {relation} limit 1) as any_row on true left join {relation} on",
    )
    see_it_fail(check_others, broken, [(input_name, seed) for seed in range(3)])


def test_a_number_made_up_without_orders_is_seen(strata):
    broken = strata.with_bug(
        "rfm_segments", "purchase_windows.tenure_days", "coalesce(tenure_days, 0) as tenure_days"
    )
    see_it_fail(check_others, broken, [("orders", 0)])


def test_without_lines_the_header_tells_what_goods_cost(strata):
    world = without(whole_world(0), "order_items")
    with build(strata, world) as built:
        differing = built.rows(
            "select order_id from intermediate.int_order_version_amounts"
            " inner join intermediate.int_order_versions"
            "   using (source_system, order_id, content_hash)"
            " where goods_amount"
            "   <> total_amount - coalesce(tax_amount, 0) - coalesce(shipping_amount, 0)"
            "   and total_amount > coalesce(tax_amount, 0) + coalesce(shipping_amount, 0)"
        )
        assert differing == []
        assert built.one("select sum(goods_amount) from intermediate.int_order_version_amounts") > 0


def test_without_refunds_only_a_status_tells_that_an_order_came_back(strata):
    with build(strata, without(whole_world(0), "refunds")) as built:
        assert built.rows("from marts.refunds_without_order") == []
        assert (
            built.rows(
                "select distinct status_in_force from intermediate.int_orders_as_of"
                " where order_outcome = 'returned'"
                " and status_in_force not in ('refunded', 'voided', 'failed')"
            )
            == []
        )


def test_without_rates_an_amount_in_another_currency_is_no_amount_and_never_taken_at_par(strata):
    world = without(whole_world(0), "fx_rates")
    with build(strata, world) as built:
        foreign = built.one(
            "select count(*) from intermediate.int_order_version_amounts where currency <> 'USD'"
        )
        assert foreign > 0
        assert (
            built.one(
                "select count(fx_rate) from intermediate.int_order_version_amounts"
                " where currency <> 'USD'"
            )
            == 0
        )
        assert (
            built.one(
                "select count(*) from marts.rejected_records where reason_code = 'missing_fx_rate'"
                " and input_name = 'orders'"
            )
            == foreign
        )
        # What is left is what the shop's own currency brought in.
        own = built.one(
            "select coalesce(sum(net_revenue), 0) from intermediate.int_orders_as_of"
            " where anchor_role = 'as_of'"
        )
        stray = built.one(
            "select coalesce(sum(refund_amount), 0) from marts.refunds_without_order"
            " where is_deducted"
        )
        assert built.one("select sum(net_revenue) from marts.customer_360") == own - stray
        assert own > Decimal(0)


def test_without_accounts_only_people_who_bought_or_gave_back_are_there(strata):
    world = whole_world(0)
    for input_name in ("events", "messages", "feedback"):
        world = without(world, input_name)
    with build(strata, world) as built:
        prospects = built.one(
            "select count(*) from marts.customer_360 where order_count = 0"
            " and last_order_date is null"
        )
        assert prospects > 0
    with build(strata, without(world, "customers")) as built:
        people = {profile for (profile,) in built.rows("select profile_id from marts.customer_360")}
        assert people == {
            profile
            for (profile,) in built.rows(
                "select profile_id from intermediate.int_orders_as_of where anchor_role = 'as_of'"
                " union select unlinked_profile_id from intermediate.int_refunds_as_of"
                " where anchor_role = 'as_of' and unlinked_profile_id is not null"
            )
        }
