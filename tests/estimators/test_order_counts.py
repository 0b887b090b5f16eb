"""Chances, quantiles and intervals of order counts, by formula and by what simulated shops do."""

import dataclasses
import itertools

import mpmath
import numpy as np
import pytest
from simulated_shops import STORIES, simulate_shop

from orchestration.estimators import beta_geometric_outlook, mbg_nbd
from orchestration.estimators.bg_nbd import BgNbdParams
from orchestration.estimators.mbg_nbd import MbgNbdParams
from orchestration.estimators.next_order import next_order_days
from orchestration.estimators.order_counts import (
    order_count_chance,
    order_count_distribution,
    order_count_interval,
    order_count_quantile,
)
from orchestration.estimators.pareto_nbd import ParetoNbdParams
from orchestration.estimators.pareto_nbd_outlook import days_until_order
from orchestration.estimators.purchase_outlook import (
    expected_orders_by_horizon,
    p_active,
    p_alive,
    p_more_orders,
)
from orchestration.estimators.purchase_tuples import PurchaseTuples

TRUTHS = {
    "mbg_nbd": MbgNbdParams(**STORIES["mbg_nbd"]),
    "bg_nbd": BgNbdParams(**STORIES["bg_nbd"]),
    "pareto_nbd": ParetoNbdParams(**STORIES["pareto_nbd"]),
}
ALL = pytest.mark.parametrize("story", TRUTHS)
SOME = PurchaseTuples(
    repeat_count=[0, 0, 0, 1, 2, 2, 25, 300],
    first_to_last_days=[0, 0, 0, 20, 5, 399, 360, 600],
    age_days=[0, 30, 700, 30, 400, 400, 400, 600],
    customer_count=[1, 1, 1, 1, 1, 1, 1, 1],
)


LOYAL = {
    "mbg_nbd": MbgNbdParams(1.2, 40.0, 0.3, 9.0),
    "bg_nbd": BgNbdParams(1.2, 40.0, 0.3, 9.0),
    "pareto_nbd": ParetoNbdParams(1.2, 40.0, 0.6, 1500.0),
}


@pytest.fixture(scope="module", params=LOYAL)
def lived(request):
    """A shop of the story, what its customers did in the year after, and the true parameters."""
    params = LOYAL[request.param]
    shop = simulate_shop(request.param, 12_000, seed=21, **dataclasses.asdict(params))
    tuples, after, _, _ = shop.as_of(730, 365)
    return tuples, after, params


@ALL
def test_the_distribution_sums_to_one_and_has_the_expected_mean(story):
    params = TRUTHS[story]
    chances = order_count_distribution(SOME, params, 90, 400)
    assert chances.shape == (8, 401)
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=0, atol=1e-6)
    expected = expected_orders_by_horizon(SOME, params, [90])[0][0]
    np.testing.assert_allclose(chances @ np.arange(401), expected, rtol=1e-5)
    np.testing.assert_allclose(1 - chances[:, 0], p_active(SOME, params, 90), rtol=1e-9)


@pytest.mark.parametrize("story", ["mbg_nbd", "bg_nbd"])
def test_it_is_the_published_distribution(story):
    params = TRUTHS[story]
    published = beta_geometric_outlook.order_count_distribution(SOME, params, 90, 60)
    np.testing.assert_allclose(
        order_count_distribution(SOME, params, 90, 60), published, atol=1e-12
    )


def more_orders_by_mpmath(params, repeat, age, count, horizon):
    """Density of the time of order n+1 times being there, integrated over log time."""
    with mpmath.workdps(25):
        shape, alpha = mpmath.mpf(params.r + repeat), mpmath.mpf(params.alpha + age)
        ratio, order = alpha / (params.beta + age), count + 1

        def density(zeta):
            odds = mpmath.exp(zeta)
            return (
                (odds / (1 + odds)) ** order
                * (1 + odds) ** -shape
                * (1 + ratio * odds) ** -params.s
                / mpmath.beta(order, shape)
            )

        end, centre = mpmath.log(horizon / alpha), mpmath.log(order / shape)
        shifts = (-80, -40, -20, -10, -5, -2, -1, -0.5, -0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2)
        cuts = [centre + shift for shift in (*shifts, 0.5, 1, 2, 5, 10, 20)]
        return float(mpmath.quad(density, [*(cut for cut in cuts if cut < end), end]))


@pytest.mark.parametrize(
    "point", [(0.55, 10.6, 0.6, 11.7), (5, 500, 0.02, 0.01), (2, 50, 200, 1e3)]
)
def test_pareto_counts_agree_with_mpmath_at_extremes(point):
    params = ParetoNbdParams(*point)
    for repeat, age, count, horizon in itertools.product(
        [0, 30, 1000], [0.0, 1000.0], [0, 1, 50], [30.0, 1e5]
    ):
        told = p_more_orders(
            np.array([float(repeat)]), np.array([age]), params, horizon, np.array([float(count)])
        )
        expected = more_orders_by_mpmath(params, repeat, age, count, horizon)
        assert told[0] == pytest.approx(expected, rel=2e-6, abs=1e-9), (repeat, age, count, horizon)


@pytest.mark.parametrize(
    "point", [(0.24, 4.4, 0.79, 2.43), (1e-3, 1e3, 1e-3, 0.1), (50, 1, 9, 1e4)]
)
def test_beta_geometric_counts_agree_with_mpmath_at_extremes(point):
    params = MbgNbdParams(*point)
    for repeat, age, count, horizon in itertools.product(
        [0, 30, 3000], [0.0, 1000.0], [0, 1, 50, 2000], [0.01, 365.0, 1e5]
    ):
        told = beta_geometric_outlook.p_more_orders(
            np.array([float(repeat)]), np.array([age]), params, horizon, np.array([float(count)])
        )
        with mpmath.workdps(30):
            a, stays_b = mpmath.mpf(params.a), mpmath.mpf(params.b) + repeat + 1
            shape = mpmath.mpf(params.r) + repeat
            z = horizon / (mpmath.mpf(params.alpha) + age + horizon)
            due = mpmath.betainc(count + 1, shape, 0, z, regularized=True)
            stays = mpmath.beta(a, stays_b + count) / mpmath.beta(a, stays_b)
            expected = float(stays * due)
        assert told[0] == pytest.approx(expected, rel=1e-8, abs=1e-12), (repeat, age, count)


def test_what_comes_is_distributed_as_told(lived):
    tuples, after, params = lived
    told = order_count_distribution(tuples, params, 365, 8)
    for group in (tuples.repeat_count == 0, (tuples.repeat_count > 0) & (tuples.repeat_count < 4)):
        size = group.sum()
        for count in range(9):
            chance = told[group, count]
            error = np.sqrt((chance * (1 - chance)).sum()) / size
            seen = (after[group] == count).mean()
            assert seen == pytest.approx(chance.mean(), abs=4 * error), count


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.95])
def test_intervals_hold_what_they_promise(lived, coverage):
    tuples, after, params = lived
    lower, upper = order_count_interval(tuples, params, 365, coverage)
    held = (after >= lower) & (after <= upper)
    # Whole counts: the interval is told to hold at least the coverage, so both are compared with
    # what the distribution gives to its very interval.
    promised = order_count_chance(tuples, params, 365, lower, upper)
    assert np.all(promised >= coverage - 1e-9)
    assert held.mean() == pytest.approx(promised.mean(), abs=0.015)
    # Far from 0 counts are nearly continuous, and the coverage is what was asked.
    busy = lower >= 5
    assert busy.sum() > 60
    assert held[busy].mean() == pytest.approx(promised[busy].mean(), abs=0.1)
    assert promised[busy].mean() == pytest.approx(coverage, abs=0.06)


def test_intervals_of_small_shops_hold_nearly_what_they_promise():
    # Forty-five customers, fitted: what is not known of the parameters costs little.
    held, promised = [], []
    for seed in range(40):
        tuples, after, _, _ = simulate_shop("mbg_nbd", 45, seed=900 + seed).as_of(730, 365)
        params = mbg_nbd.fit(tuples).params
        lower, upper = order_count_interval(tuples, params, 365, 0.8)
        held.append(((after >= lower) & (after <= upper)).mean())
        promised.append(order_count_chance(tuples, params, 365, lower, upper).mean())
    assert np.mean(held) >= 0.9
    assert np.mean(held) == pytest.approx(np.mean(promised), abs=0.025)


@ALL
def test_the_chance_of_a_range_is_the_sum_of_its_counts(story):
    lower, upper = np.array([0, 0, 0, 1, 1, 2, 3, 40.0]), np.array([0, 1, 5, 1, 4, 2, 30, 60.0])
    chances = order_count_distribution(SOME, TRUTHS[story], 90, 60)
    counts = np.arange(61)
    expected = [
        row[(counts >= low) & (counts <= high)].sum()
        for row, low, high in zip(chances, lower, upper, strict=True)
    ]
    told = order_count_chance(SOME, TRUTHS[story], 90, lower, upper)
    np.testing.assert_allclose(told, expected, atol=1e-9)


@ALL
def test_a_quantile_is_the_least_count_that_reaches_its_level(story):
    params = TRUTHS[story]
    for level in (0.05, 0.5, 0.9, 0.999):
        quantile = order_count_quantile(SOME, params, 730, level)
        assert np.all(quantile == np.floor(quantile))
        chances = np.cumsum(
            order_count_distribution(SOME, params, 730, int(quantile.max())), axis=1
        )
        rows, at = np.arange(len(SOME)), quantile.astype(int)
        assert np.all(chances[rows, at] >= level - 1e-9)
        assert np.all((at == 0) | (chances[rows, np.maximum(at - 1, 0)] < level + 1e-9))


def test_many_orders_ahead_are_found_by_halving():
    # A thousand a year for years: next year's count has the same mean and is nearly normal.
    customer = PurchaseTuples([5000], [1825], [1825], [1])
    params = MbgNbdParams(1.0, 1.0, 1e-3, 100.0)
    lower, upper = order_count_interval(customer, params, 365, 0.8)
    expected = expected_orders_by_horizon(customer, params, [365])[0][0, 0]
    spread = 1.2816 * np.sqrt(expected * (1 + 365 / 1826))
    assert lower[0] == pytest.approx(expected - spread, abs=4)
    assert upper[0] == pytest.approx(expected + spread, abs=4)


@ALL
def test_next_orders_come_when_told(story):
    shop = simulate_shop(story, 30_000, seed=22)
    tuples, _, _, known = shop.as_of(730, 365)
    later = shop.day > 730
    first = np.full(shop.customer.max() + 1, np.inf)
    np.minimum.at(first, shop.customer[later], shop.day[later] - 730)
    waited = first[known]
    params = TRUTHS[story]
    days = next_order_days(tuples, params)
    assert np.all(np.diff(np.where(np.isfinite(days), days, 1e9), axis=0) >= 0)
    for level, told in zip((0.1, 0.5, 0.9), days, strict=True):
        known_to_come = told < 365
        assert known_to_come.sum() > 100
        assert (waited <= told)[known_to_come].mean() == pytest.approx(level, abs=0.025)


@ALL
def test_who_may_never_order_again_has_no_date(story):
    params = TRUTHS[story]
    alive = p_alive(SOME, params)
    days = next_order_days(SOME, params, [0.5, 0.99])
    assert np.all(np.isinf(days[0][alive < 0.5]))
    assert np.all(days >= 0)
    assert days[0, -1] < 5
    assert np.all(np.isinf(next_order_days(SOME, params, [0.5], longest_days=0.01)))


def test_the_day_of_a_pareto_order_inverts_its_chance():
    repeat, age = np.repeat([0.0, 3.0, 200.0], 3), np.full(9, 400.0)
    chance = np.tile([0.05, 0.3, 0.5], 3)
    days = days_until_order(repeat, age, TRUTHS["pareto_nbd"], chance, 3650.0)
    for row in np.flatnonzero(np.isfinite(days)):
        reached = p_more_orders(
            repeat[row : row + 1], age[row : row + 1], TRUTHS["pareto_nbd"], days[row], np.zeros(1)
        )
        assert reached[0] == pytest.approx(chance[row], rel=1e-6)
    assert np.isfinite(days).sum() >= 7


@ALL
def test_nobody_gives_empty_answers(story):
    nobody = PurchaseTuples([], [], [], [])
    assert order_count_distribution(nobody, TRUTHS[story], 30, 3).shape == (0, 4)
    assert [end.shape for end in order_count_interval(nobody, TRUTHS[story], 30, 0.8)] == [(0,)] * 2
    assert next_order_days(nobody, TRUTHS[story]).shape == (3, 0)


@pytest.mark.parametrize("level", [0, 1, -0.5, float("nan")])
def test_levels_that_are_none_are_refused(level):
    params = TRUTHS["mbg_nbd"]
    for question in (
        lambda: order_count_quantile(SOME, params, 30, level),
        lambda: order_count_interval(SOME, params, 30, level),
        lambda: next_order_days(SOME, params, [level]),
    ):
        with pytest.raises(ValueError, match="must be within"):
            question()
