"""Money and rows are conserved: from the raw rows to the marts, to the cent, in each currency."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from tests.dbt.contract_rows import profile_id
from tests.properties.random_shop import MONEY, random_world
from tests.properties.world_build import World, build
from tests.properties.world_checks import READ_TABLES, by_profile, facts, see_it_fail, seeds


@pytest.fixture(scope="module")
def strata(whole):
    """Orders, refunds and what they bring, where a test does not ask for the whole."""
    return whole.up_to(
        "rfm_segments",
        "refunds_without_order",
        "int_input_row_counts",
        "int_clv_scoring_order_tuples",
        "int_clv_scoring_spend_tuples",
    )


def times(world: World, factor: Decimal) -> World:
    """The world with all money multiplied."""

    def scaled(_, row):
        return {
            name: value * factor if name in MONEY and isinstance(value, Decimal) else value
            for name, value in row.items()
        }

    return world.mapped(scaled)


SUMMARIES = "intermediate.int_customer_purchase_summaries"
SUMS = [(SUMMARIES, "net_revenue"), ("rfm_segments", "monetary_total")]


def check_scale(strata, seed):
    # In the shop's currency alone: a rate rounds, and rounding is not proportional. Where only a
    # content's hash decides, another amount decides otherwise: there is no such row.
    world = random_world(seed, currencies=("USD",), by_arrival=False)
    same = "segment_code, recency_score, frequency_score, monetary_score"
    with build(strata, world) as built:
        segments = by_profile(built, same, "rfm_segments")
        sums = {(table, column): by_profile(built, column, table) for table, column in SUMS}
        average = by_profile(built, "average_order_value", "rfm_segments")
    for factor in (Decimal(3), Decimal(100)):
        with build(strata, times(world, factor)) as built:
            assert by_profile(built, same, "rfm_segments") == segments
            for (table, column), before in sums.items():
                assert by_profile(built, column, table) == {
                    profile: (amount * factor,) for profile, (amount,) in before.items()
                }
            means = by_profile(built, "average_order_value", "rfm_segments")
            for profile, (mean,) in means.items():
                before = average[profile][0]
                assert (mean is None) == (before is None)
                # Each mean is rounded once.
                rounding = Decimal("0.00005") * (factor + 1)
                assert mean is None or abs(mean - before * factor) <= rounding


@pytest.mark.parametrize("seed", seeds(2))
def test_money_times_a_constant_keeps_scores_and_multiplies_sums(strata, seed):
    check_scale(strata, seed)


def test_a_fixed_amount_in_a_rule_is_seen(strata):
    broken = strata.with_bug("int_orders_as_of", "shop_goods_amount = 0", "shop_goods_amount < 9")
    see_it_fail(check_scale, broken)


def check_row_counts(strata, seed):
    world = random_world(seed, with_visits=seed % 2 == 0)
    with build(strata, world) as built:
        counted = built.rows(
            "select input_name, delivered_row_count, accepted_row_count + duplicate_row_count"
            " + rejected_row_count + erased_row_count from intermediate.int_input_row_counts"
        )
    delivered = {name: len(world.rows(name)) for name in READ_TABLES}
    assert {name: rows for name, rows, _ in counted} == delivered
    assert {name: rows for name, _, rows in counted} == delivered


@pytest.mark.parametrize("seed", seeds(2))
def test_rows_in_are_rows_accepted_repeated_rejected_and_erased(strata, seed):
    check_row_counts(strata, seed)


@pytest.mark.parametrize(
    ("model", "old", "new"),
    [
        (
            "int_rejected_rows",
            "union all select 'orders' as input_name, 'conversion'",
            "union all select 'orders' as input_name, 'intake'",
        ),
        (
            "int_order_lines",
            "count(*) over (partition by source_system, order_item_id, content_hash)",
            "1",
        ),
        ("stg_orders", "from parsed", "from parsed where total_amount is not null"),
    ],
)
def test_a_row_that_gets_lost_is_seen(strata, model, old, new):
    see_it_fail(check_row_counts, strata.with_bug(model, old, new))


def newest_by_key(rows, key, day_end=None):
    """The version of each key that holds: the latest `updated_at` before the day's end."""
    found = {}
    for row in rows:
        version_at = row.get("updated_at") or row.get("ordered_at")
        if day_end is not None and version_at >= day_end:
            continue
        known = found.get((row["source_system"], row[key]))
        if known is None or version_at > known[0]:
            found[row["source_system"], row[key]] = (version_at, row)
    return {key: row for key, (_, row) in found.items()}


def goods_of(order, lines):
    """What the goods of an order cost, by the contract: lines, else header."""
    tax = order["tax_amount"] or 0
    if not lines:
        return max(order["total_amount"] - tax - (order["shipping_amount"] or 0), Decimal(0))
    goods = discounts = taxes = Decimal(0)
    for line in lines:
        if line["is_gift_card"] == "true":
            continue
        price = max(line["quantity"], 0) * line["unit_price"]
        goods += price
        discounts += min(line["discount_amount"] or 0, price)
        taxes += line["tax_amount"] or 0
    # Lines full of zeros say nothing: then the header does.
    discount = discounts or order["discount_amount"] or 0
    included = (taxes or tax) if order["taxes_included"] == "true" else 0
    return max(goods - discount - included, Decimal(0))


def check_reconciliation(strata, seed):
    world = random_world(seed, with_dirt=False, by_arrival=False)
    lines = defaultdict(list)
    for line in world.rows("order_items"):
        lines[line["source_system"], line["order_id"]].append(line)
    with build(strata, world) as built:
        [day_end] = built.rows(
            "select timezone('UTC', anchor_ends_at) from intermediate.int_anchors"
            " where anchor_role = 'as_of'"
        )[0]
        states = built.rows(
            "select source_system, order_id, currency, goods_amount"
            " from intermediate.int_order_states where anchor_role = 'as_of'"
        )
        orders = built.rows(
            "select order_outcome, goods_amount, refunded_amount"
            " from intermediate.int_orders_as_of where anchor_role = 'as_of'"
        )
        stray = built.one(
            "select coalesce(sum(refund_amount), 0) from marts.refunds_without_order"
            " where is_deducted"
        )
        published = built.one("select coalesce(sum(net_revenue), 0) from marts.customer_360")
    newest = newest_by_key(world.rows("orders"), "order_id", day_end)
    by_currency, expected = Counter(), Counter()
    for source, order_id, currency, goods in states:
        by_currency[currency] += goods
        expected[currency] += goods_of(newest[source, order_id], lines[source, order_id])
    assert by_currency == expected
    net = sum(
        goods - min(refunded, goods) for outcome, goods, refunded in orders if outcome == "valid"
    )
    assert published == net - stray


@pytest.mark.parametrize("seed", seeds(2))
def test_goods_of_raw_rows_reach_the_marts_to_the_cent_in_each_currency(whole, seed):
    check_reconciliation(whole, seed)


@pytest.mark.parametrize(
    ("model", "old", "new"),
    [
        ("int_order_line_totals", "sum(line_amount)", "max(line_amount)"),
        ("int_order_version_amounts", "- coalesce(discount_deducted, 0)", ""),
        ("int_customer_purchase_summaries", "coalesce(order_totals.net_revenue, 0) -", "0 -"),
        (
            "int_order_states",
            "case when is_known then version_at end desc, version_at",
            "version_at",
        ),
    ],
)
def test_a_cent_that_gets_lost_is_seen(whole, model, old, new):
    see_it_fail(check_reconciliation, whole.with_bug(model, old, new))


NOON = dt.time(12, tzinfo=dt.UTC)


def bought(world: World, days_ago: int, amount: Decimal, name: str) -> dict[str, object]:
    """A paid order of somebody whom the world does not know yet."""
    return {
        "source_system": "shop",
        "order_id": name,
        "customer_id": "somebody",
        "ordered_at": dt.datetime.combine(world.as_of_date - dt.timedelta(days=days_ago), NOON),
        "status": "paid",
        "currency": "USD",
        "total_amount": amount,
    }


SOMEBODY = profile_id("customer", "shop", "somebody")


def check_full_refund(strata, seed):
    world = random_world(seed, people=20)
    kept = bought(world, 100, Decimal("19.99"), "kept")
    returned = bought(world, 50, Decimal("35.01"), "returned")
    refunds = [
        {
            "source_system": "shop",
            "refund_id": f"back{number}",
            "order_id": "returned",
            "refunded_at": returned["ordered_at"] + dt.timedelta(days=number),
            "amount": amount,
        }
        for number, amount in enumerate((Decimal("20.00"), Decimal("15.01")))
    ]
    never = world.with_file("orders", [kept])
    undone = world.with_file("orders", [kept, returned]).with_file("refunds", refunds)
    with build(strata, never) as built:
        expected = facts(built, without={"returned_order_count"})
    with build(strata, undone) as built:
        assert facts(built, without={"returned_order_count"}) == expected
        counts = by_profile(built, "order_count, returned_order_count, net_revenue", SUMMARIES)
    assert counts[SOMEBODY] == (1, 1, Decimal("19.9900"))


@pytest.mark.parametrize("seed", seeds(1))
def test_an_order_given_back_in_full_is_as_if_it_had_never_been(whole, seed):
    check_full_refund(whole, seed)


def test_a_return_that_stays_an_order_is_seen(strata):
    broken = strata.with_bug(
        "int_orders_as_of", "refunded_amount >= shop", "refunded_amount > shop"
    )
    see_it_fail(check_full_refund, broken)


def check_split(strata, seed):
    world = random_world(seed, people=20)
    whole = bought(world, 50, Decimal("35.02"), "whole")
    halves = [bought(world, 50, Decimal("17.51"), name) for name in ("half1", "half2")]
    query = "order_count, net_revenue, mean_order_value, order_day_count, last_order_date"
    with build(strata, world.with_file("orders", [whole])) as built:
        [whole_orders, *expected] = by_profile(built, query, SUMMARIES)[SOMEBODY]
        tuples = built.table("intermediate.int_clv_scoring_order_tuples")
        means = built.table("intermediate.int_clv_scoring_spend_tuples")
    with build(strata, world.with_file("orders", halves)) as built:
        [half_orders, *found] = by_profile(built, query, SUMMARIES)[SOMEBODY]
        assert found == expected
        assert (whole_orders, half_orders) == (1, 2)
        # The CLV models count days with an order, so they see no difference.
        assert built.table("intermediate.int_clv_scoring_order_tuples") == tuples
        assert built.table("intermediate.int_clv_scoring_spend_tuples") == means


@pytest.mark.parametrize("seed", seeds(2))
def test_two_halves_on_one_day_are_the_same_money_and_one_order_more(strata, seed):
    check_split(strata, seed)


def test_a_day_that_keeps_only_one_of_its_orders_is_seen(strata):
    broken = strata.with_bug("int_order_days", "sum(net_revenue)", "max(net_revenue)")
    see_it_fail(check_split, broken)
