"""The estimators find the planted parameters again, and foretell the hidden year.

Many people of each well-specified type, drawn as the demo shop draws them from a fresh seed. Times
are days of average demand, in which the planted process is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import chi2

from orchestration.demo_shop.demo_behaviours import draw_behaviours
from orchestration.demo_shop.demo_catalogue import draw_catalogue
from orchestration.demo_shop.demo_exchange_rates import draw_exchange_rates
from orchestration.demo_shop.demo_people import ACCOUNT, People
from orchestration.demo_shop.demo_pricing import Orders
from orchestration.demo_shop.demo_purchases import draw_purchases
from orchestration.demo_shop.planted_types import TYPES
from orchestration.demo_shop.shop_calendar import HISTORY_DAYS, season_clocks
from orchestration.estimators import gamma_gamma, mbg_nbd
from orchestration.estimators.purchase_tuples import PurchaseTuples, SpendTuples

# So many that chance moves a type's hidden orders by about one per cent.
PEOPLE = {
    "one_and_done": 12_000,
    "occasional": 30_000,
    "regular": 6_000,
    "loyal": 3_500,
    "big_spender": 14_000,
    "deal_seeker": 15_000,
}
CODES = [planted.code for planted in TYPES]
LEAST_HIDDEN_ORDERS = 1_000
# Planted parameters that are less likely than this, beside the fitted ones, are not those.
CHANCE = 1e-6


@dataclass(frozen=True)
class TypeHistory:
    """What one type bought, as the estimators see it."""

    purchases: PurchaseTuples
    spend: SpendTuples
    hidden_orders: int


@pytest.fixture(scope="module")
def histories(fresh_seed) -> dict[str, TypeHistory]:
    people = _people(fresh_seed)
    history = draw_purchases(
        fresh_seed,
        people,
        draw_behaviours(fresh_seed, people.type_index),
        draw_catalogue(fresh_seed),
        draw_exchange_rates(fresh_seed),
    )
    return {
        code: _seen(people, history.orders, history.future, CODES.index(code)) for code in PEOPLE
    }


def _people(seed: int) -> People:
    """People of the named types alone, with parameters drawn as planted."""
    draw = np.random.default_rng(seed)
    type_index = np.repeat([CODES.index(code) for code in PEOPLE], list(PEOPLE.values()))
    repeats = [TYPES[index].repeat for index in type_index]
    spending = [TYPES[index].spending for index in type_index]
    count = len(type_index)
    nu = draw.gamma([each.q for each in spending]) / np.array([each.gamma for each in spending])
    return People(
        type_index=type_index,
        kind=np.full(count, ACCOUNT),
        place=np.zeros(count, dtype=np.int64),
        orders_per_day=draw.gamma([each.r for each in repeats])
        / np.array([each.alpha for each in repeats]),
        dropout_probability=draw.beta([each.a for each in repeats], [each.b for each in repeats]),
        mean_spend=np.array([each.p for each in spending]) / nu,
        uniforms=draw.random((count, 16)),
    )


def _seen(people: People, orders: Orders, future: Orders, type_number: int) -> TypeHistory:
    clock = season_clocks()["year_round"]
    is_own = people.type_index[orders.person] == type_number
    person, day = orders.person[is_own], clock.days_of_demand(orders.seconds[is_own])
    _, first, count = np.unique(person, return_index=True, return_counts=True)
    first_day, last_day = day[first], day[first + count - 1]
    # Two orders within one second are apart by nothing; the models want a moment.
    last = np.where(count > 1, np.maximum(last_day - first_day, 1e-6), 0.0)
    age = np.maximum(HISTORY_DAYS - first_day, last)
    mean_spend = np.add.reduceat(orders.spend[is_own], first) / count
    ones = np.ones(len(count))
    return TypeHistory(
        PurchaseTuples(count - 1, last, age, ones),
        SpendTuples(count, mean_spend, ones),
        int((people.type_index[future.person] == type_number).sum()),
    )


@pytest.mark.parametrize("code", PEOPLE)
def test_purchase_parameters_are_found_again(histories, code):
    planted = TYPES[CODES.index(code)].repeat
    seen = histories[code].purchases
    result = mbg_nbd.fit(seen, prior=None)
    likelihood = mbg_nbd.log_likelihood(
        seen, mbg_nbd.MbgNbdParams(planted.r, planted.alpha, planted.a, planted.b)
    )
    # The ratio of likelihoods, and not standard errors: where few buy again the likelihood is so
    # lopsided that these say nothing.
    assert 2 * (result.log_likelihood - likelihood) < chi2.isf(CHANCE, df=4)


@pytest.mark.parametrize("code", PEOPLE)
def test_spend_parameters_are_found_again(histories, code):
    planted = TYPES[CODES.index(code)].spending
    seen = histories[code].spend
    result = gamma_gamma.fit(seen)
    likelihood = gamma_gamma.log_likelihood(
        seen, gamma_gamma.GammaGammaParams(planted.p, planted.q, planted.gamma)
    )
    assert 2 * (result.log_likelihood - likelihood) < chi2.isf(CHANCE, df=3)


@pytest.mark.parametrize("code", PEOPLE)
def test_the_hidden_years_orders_are_foretold(histories, code):
    seen = histories[code]
    if seen.hidden_orders < LEAST_HIDDEN_ORDERS:
        assert code == "one_and_done"  # Nearly all have left.
        return
    horizon = season_clocks()["year_round"].horizon - HISTORY_DAYS
    fitted = mbg_nbd.fit(seen.purchases).params
    foretold = mbg_nbd.expected_orders(seen.purchases, fitted, horizon).sum()
    assert 0.96 < foretold / seen.hidden_orders < 1.04


def test_a_wrong_model_does_not_foretell_as_well(histories):
    """The floor: what each bought before is no forecast of what those who may have left will."""
    seen = histories["occasional"]
    as_before = (seen.purchases.repeat_count / seen.purchases.age_days).sum() * 365
    assert as_before / seen.hidden_orders > 1.3
