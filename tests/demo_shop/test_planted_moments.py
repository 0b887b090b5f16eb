"""The planted parameters come back out of the truth and of the files."""

from __future__ import annotations

import csv
import math
from collections import defaultdict

import numpy as np
import pytest

from orchestration.demo_shop.demo_purchases import buy_until_gone
from orchestration.demo_shop.planted_types import TYPES
from orchestration.demo_shop.random_streams import Concern, pick, stream
from orchestration.demo_shop.shop_calendar import (
    HISTORY_DAYS,
    HISTORY_SECONDS,
    history_months,
    season_clocks,
)

REPEATING = [planted for planted in TYPES if planted.repeat is not None]
IDS = [planted.code for planted in REPEATING]
# A mean farther off than this many standard errors would be seen once in 15,000 draws.
SIGMAS = 4


def of_type(people, planted):
    return [row for row in people if row["planted_type"] == planted.code]


def numbers(rows, column):
    return np.array([float(row[column]) for row in rows])


def assert_mean(values, expected, standard_deviation=None):
    spread = values.std() if standard_deviation is None else standard_deviation
    assert abs(values.mean() - expected) < SIGMAS * spread / math.sqrt(len(values))


def test_types_are_as_frequent_as_planted(people):
    assert len(people) == 3000
    assert sum(planted.share for planted in TYPES) == pytest.approx(1)
    for planted in TYPES:
        tolerance = SIGMAS * math.sqrt(planted.share * (1 - planted.share) / 3000)
        assert len(of_type(people, planted)) / 3000 == pytest.approx(planted.share, abs=tolerance)


@pytest.mark.parametrize("planted", REPEATING, ids=IDS)
def test_rates_and_dropout_have_the_planted_means_and_spreads(people, planted):
    rows, repeat = of_type(people, planted), planted.repeat
    rates = numbers(rows, "orders_per_demand_day")
    assert_mean(rates, repeat.r / repeat.alpha, math.sqrt(repeat.r) / repeat.alpha)
    total = repeat.a + repeat.b
    variance = repeat.a * repeat.b / (total**2 * (total + 1))
    assert_mean(numbers(rows, "dropout_probability"), repeat.a / total, math.sqrt(variance))


@pytest.mark.parametrize("planted", REPEATING, ids=IDS)
def test_mean_order_values_have_the_planted_mean(people, planted):
    spending = planted.spending
    own_means = numbers(of_type(people, planted), "mean_spend_usd")
    assert_mean(own_means, spending.p * spending.gamma / (spending.q - 1))


@pytest.mark.parametrize("planted", REPEATING, ids=IDS)
def test_repeat_orders_are_as_many_as_the_process_expects(people, files, planted):
    # Given rate L, dropout p and time T, MBG/NBD expects (1 - p) / p * (1 - exp(-L p T)).
    rows = [row for row in of_type(people, planted) if row["exposure_demand_days"]]
    of_campaigns = dict(
        files.execute(
            "select person_number, count(*) from planted_orders where campaign_id is not null"
            " group by person_number"
        ).fetchall()
    )
    more = np.array([of_campaigns.get(int(row["person_number"]), 0) for row in rows])
    assert planted.answers_campaigns == bool(more.sum())
    rate, dropout = numbers(rows, "orders_per_demand_day"), numbers(rows, "dropout_probability")
    exposure = numbers(rows, "exposure_demand_days")
    expected = (1 - dropout) / dropout * -np.expm1(-rate * dropout * exposure)
    assert_mean(numbers(rows, "order_count") - more - 1 - expected, 0.0)


def test_the_parameters_stand_in_the_truth_as_planted(shop):
    with (shop.truth / "planted_types.csv").open(newline="", encoding="utf-8") as lines:
        rows = {row["planted_type"]: row for row in csv.DictReader(lines)}
    assert len(rows) == 13
    loyal = rows["loyal"]
    assert [loyal[name] for name in ("r", "alpha", "a", "b")] == ["5.0", "90.0", "1.0", "60.0"]
    assert [loyal[name] for name in ("p", "q", "gamma")] == ["6.0", "5.0", "50.0"]
    assert rows["prospect"]["r"] == rows["prospect"]["p"] == ""


def test_orders_in_the_files_are_the_planted_ones(people, clean_orders):
    by_customer = defaultdict(int)
    for row in clean_orders.values():
        if row["customer_id"] not in ("", "0", "-1"):
            by_customer[row["customer_id"]] += 1
    accounts = [row for row in people if row["person_kind"] == "account"]
    assert {row["customer_id"]: int(row["order_count"]) for row in accounts} == {
        row["customer_id"]: by_customer[row["customer_id"]] for row in accounts
    }
    guests = [row for row in clean_orders.values() if row["customer_id"] in ("", "0", "-1")]
    assert len(guests) == sum(
        int(row["order_count"]) for row in people if row["person_kind"] != "account"
    )


def test_goods_in_the_files_are_worth_the_planted_spend(people, tables, clean_orders):
    rates = {row["rate_date"]: float(row["rate"]) for row in tables["fx_rates"]}
    worth = 0.0
    for row in clean_orders.values():
        goods = float(row["gross_amount"]) - float(row["discount_amount"])
        if row["currency"] == "EUR":
            goods = (goods - float(row["tax_amount"])) * rates[row["ordered_at"][:10]]
        worth += goods
    planted = sum(float(row["spend_usd"]) for row in people if row["spend_usd"])
    # Prices are rounded to cents, line by line, up and down alike.
    assert worth == pytest.approx(planted, rel=1e-4)


def test_deal_seekers_use_coupons_as_often_as_planted(people, clean_orders):
    seekers = {row["email"] for row in people if row["planted_type"] == "deal_seeker"}
    orders = [row for row in clean_orders.values() if row["email"].strip().lower() in seekers]
    share = sum(row["coupon_codes"] != "" for row in orders) / len(orders)
    assert share == pytest.approx(0.85, abs=SIGMAS * math.sqrt(0.85 * 0.15 / len(orders)))


def test_year_end_shoppers_buy_in_their_season(people, clean_orders):
    shoppers = {row["email"] for row in people if row["planted_type"] == "year_end_shopper"}
    days = [
        row["ordered_at"][5:10]
        for row in clean_orders.values()
        if row["email"].strip().lower() in shoppers
    ]
    assert sum("11-15" <= day <= "12-24" for day in days) / len(days) > 0.8


def test_a_season_clock_spans_the_history_and_never_turns_back():
    for clock in season_clocks().values():
        seconds = clock.seconds(np.linspace(0, HISTORY_DAYS, 5001))
        assert seconds[0] == 0
        assert HISTORY_SECONDS - 600 < seconds[-1] < HISTORY_SECONDS
        assert (np.diff(seconds) >= 0).all()


def test_december_has_more_demand_than_february():
    seconds = season_clocks()["year_round"].seconds(np.arange(0, HISTORY_DAYS, 0.01))
    days = seconds // 86_400
    december, february = (days >= 153) & (days < 184), (days >= 215) & (days < 243)
    assert december.sum() / 31 > 1.8 * (february.sum() / 28)


def test_the_history_is_two_years_of_months():
    months = history_months()
    assert (months[0], months[5], months[6], months[-1]) == (
        "2024-07",
        "2024-12",
        "2025-01",
        "2026-06",
    )
    assert len(months) == 24


def test_a_customer_who_always_leaves_buys_once_and_one_who_never_does_stays():
    random = np.random.default_rng(1)
    once = buy_until_gone(random, 3.0, rate=1.0, dropout=1.0)
    assert once.demand_days == [3.0]
    assert not once.is_active
    faithful = buy_until_gone(random, 3.0, rate=1.0, dropout=0.0)
    assert faithful.is_active
    assert len(faithful.demand_days) == pytest.approx(728, abs=4 * math.sqrt(728))


def test_streams_of_two_people_or_two_concerns_differ():
    first = stream(7, 1, Concern.PERSON).random(3).tolist()
    assert first == stream(7, 1, Concern.PERSON).random(3).tolist()
    assert first != stream(7, 2, Concern.PERSON).random(3).tolist()
    assert first != stream(7, 1, Concern.PURCHASES).random(3).tolist()
    assert first != stream(8, 1, Concern.PERSON).random(3).tolist()


def test_pick_cuts_the_unit_interval_by_shares():
    picked = pick(np.array([1.0, 2.0, 1.0]), np.array([0.0, 0.2499, 0.25, 0.7499, 0.75, 0.9999]))
    assert picked.tolist() == [0, 0, 1, 1, 2, 2]
