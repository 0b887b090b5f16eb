"""Quantiles of what customers spend, against draws order by order and against simulated years."""

import numpy as np
import pytest
from simulated_shops import STORIES, simulate_shop

from orchestration.estimators.gamma_gamma import GammaGammaParams, expected_order_value
from orchestration.estimators.mbg_nbd import MbgNbdParams
from orchestration.estimators.order_counts import order_count_distribution
from orchestration.estimators.order_value_interval import order_value_factors, value_of_factor
from orchestration.estimators.pareto_nbd import ParetoNbdParams
from orchestration.estimators.purchase_outlook import expected_orders_by_horizon, p_active
from orchestration.estimators.purchase_tuples import PurchaseTuples, SpendTuples

SPEND = GammaGammaParams(p=2.5, q=3.7, gamma=60.0)
ORDERS = {
    "mbg_nbd": MbgNbdParams(**STORIES["mbg_nbd"]),
    "pareto_nbd": ParetoNbdParams(**STORIES["pareto_nbd"]),
}
SOME = PurchaseTuples([0, 1, 2, 25, 300], [0, 20, 399, 360, 600], [30, 30, 400, 400, 600], [1] * 5)
LEVELS = (0.05, 0.25, 0.5, 0.8, 0.95, 0.99)


@pytest.mark.parametrize("story", ORDERS)
def test_quantiles_are_those_of_a_million_draws(story):
    told = order_value_factors(SOME, ORDERS[story], SPEND, 365, LEVELS)
    chances = order_count_distribution(SOME, ORDERS[story], 365, 900)
    draw = np.random.default_rng(4)
    for row in range(len(SOME)):
        orders = draw.choice(901, size=400_000, p=chances[row] / chances[row].sum())
        scale = draw.gamma(SPEND.q + SPEND.p * (SOME.repeat_count[row] + 1), size=orders.size)
        factor = draw.gamma(np.maximum(SPEND.p * orders, 1e-9)) / scale * (orders > 0)
        for level, quantile in zip(LEVELS, told.factors[:, row], strict=True):
            reached = (factor <= quantile).mean()
            if quantile == 0:
                assert reached >= level - 0.003
            else:
                assert reached == pytest.approx(level, abs=0.003)
    assert told.chance_error < 1e-3


def test_a_value_is_the_factor_times_what_stands_behind_it():
    # By hand: 2 · (60 + 3 · 20).
    assert value_of_factor(np.array([2.0]), np.array([3.0]), np.array([20.0]), SPEND)[0] == 240


@pytest.mark.parametrize("coverage", [0.8, 0.95])
def test_intervals_hold_what_a_simulated_year_brings(coverage):
    loyal = {"r": 1.2, "alpha": 40.0, "a": 0.3, "b": 9.0}
    tuples, after, _, _ = simulate_shop("mbg_nbd", 12_000, seed=31, **loyal).as_of(730, 365)
    draw = np.random.default_rng(5)
    count = tuples.repeat_count + 1
    rate = draw.gamma(SPEND.q, 1 / SPEND.gamma, count.size)
    mean = draw.gamma(SPEND.p * count) / rate / count
    spent = draw.gamma(np.maximum(SPEND.p * after, 1e-9)) / rate * (after > 0)
    tail = (1 - coverage) / 2
    told = order_value_factors(tuples, MbgNbdParams(**loyal), SPEND, 365, [tail, 1 - tail])
    lower, upper = (value_of_factor(factor, count, mean, SPEND) for factor in told.factors)
    held = (spent >= lower) & (spent <= upper)
    # Whoever may not order at all has a lower end of 0, and only the upper tail is outside.
    two_sided = lower > 0
    assert two_sided.sum() > 1000
    assert held[two_sided].mean() == pytest.approx(coverage, abs=0.02)
    one_sided = (upper > 0) & ~two_sided
    assert one_sided.sum() > 1000
    assert held[one_sided].mean() == pytest.approx(1 - tail, abs=0.01)


@pytest.mark.parametrize("story", ORDERS)
def test_the_mean_of_the_quantiles_is_the_expected_value(story):
    # The integral of the quantiles over all levels, by the rule of the midpoint.
    levels = (np.arange(1000) + 0.5) / 1000
    told = order_value_factors(SOME, ORDERS[story], SPEND, 365, levels.tolist())
    spend = SpendTuples(SOME.repeat_count + 1, [20.0, 35, 60, 25, 30], np.ones(5))
    mean = value_of_factor(told.factors, spend.order_count, spend.mean_order_value, SPEND).mean(
        axis=0
    )
    orders = expected_orders_by_horizon(SOME, ORDERS[story], [365])[0][0]
    np.testing.assert_allclose(mean, orders * expected_order_value(spend, SPEND), rtol=0.01)


def test_an_order_that_is_unlikely_has_no_value_below_its_chance():
    told = order_value_factors(SOME, ORDERS["mbg_nbd"], SPEND, 30, LEVELS)
    none = 1 - p_active(SOME, ORDERS["mbg_nbd"], 30)
    np.testing.assert_array_equal(told.factors > 0, np.array(LEVELS)[:, None] > none)
    assert np.all(np.diff(told.factors, axis=0) >= 0)


def test_discounting_lowers_all_quantiles_as_it_lowers_the_mean():
    params = ORDERS["mbg_nbd"]
    plain = order_value_factors(SOME, params, SPEND, 365, [0.9]).factors
    less = order_value_factors(SOME, params, SPEND, 365, [0.9], annual_discount_rate=0.1).factors
    undiscounted, discounted = expected_orders_by_horizon(SOME, params, [365], 0.1)
    np.testing.assert_allclose(less / plain, discounted / undiscounted, rtol=1e-12)


@pytest.mark.parametrize("spend", [(1e-2, 1.0001, 1e-8), (1e4, 1e4, 1e12), (0.5, 50.0, 1e12)])
@pytest.mark.parametrize(
    "orders",
    [
        MbgNbdParams(1e-4, 1e-3, 1e-4, 20.0),
        MbgNbdParams(1e3, 1e-1, 20.0, 1e-4),
        ParetoNbdParams(1e-3, 1e-2, 1e-3, 1e3),
        ParetoNbdParams(1e2, 1e-1, 1e2, 1e-2),
    ],
)
def test_everything_stays_finite_where_nothing_real_ever_is(orders, spend):
    tuples = PurchaseTuples([0, 1, 10_000], [0, 1e-3, 900], [0, 1, 1000], [1, 1, 1])
    told = order_value_factors(tuples, orders, GammaGammaParams(*spend), 365, [0.05, 0.5, 0.99])
    assert np.all(np.isfinite(told.factors))
    assert np.all(told.factors >= 0)
    assert np.isfinite(told.chance_error)


def test_nobody_gives_empty_answers_and_no_error():
    nobody = PurchaseTuples([], [], [], [])
    told = order_value_factors(nobody, ORDERS["mbg_nbd"], SPEND, 365, [0.1, 0.9])
    assert told.factors.shape == (2, 0)
    assert told.chance_error == 0
