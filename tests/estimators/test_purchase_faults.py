"""Whole chains on shops with something wrong, and on numbers no shop has: finite, and flagged."""

import dataclasses
import itertools

import mpmath
import numpy as np
import pytest
from simulated_shops import simulate_shop

from orchestration.estimators import bg_nbd, gamma_gamma, mbg_nbd, pareto_nbd
from orchestration.estimators.bg_nbd import BgNbdParams
from orchestration.estimators.champion import choose_champion
from orchestration.estimators.confidence import combined, order_confidence, spend_confidence
from orchestration.estimators.fit_outcome import FitResult
from orchestration.estimators.lifetime_value import (
    score_outcomes,
    score_parameter_intervals,
    score_purchase_tuples,
    score_spend_tuples,
    score_value_outcomes,
)
from orchestration.estimators.mbg_nbd import MbgNbdParams
from orchestration.estimators.order_backtest import HoldoutOrders, backtest_orders
from orchestration.estimators.order_value_interval import value_of_factor
from orchestration.estimators.pareto_nbd import ParetoNbdParams
from orchestration.estimators.purchase_models import (
    MODEL_NAMES,
    fit_purchase_model,
    fit_purchase_models,
    log_posterior,
)
from orchestration.estimators.purchase_outlook import expected_orders_by_horizon
from orchestration.estimators.purchase_tuples import PurchaseTuples, SpendTuples


def shop_of(columns):
    return PurchaseTuples(*columns)


ORDERS = {
    "no customers": shop_of(([], [], [], [])),
    "one customer": shop_of(([4], [200], [300], [1])),
    "three customers": shop_of(([0, 1, 4], [0, 10, 200], [5, 90, 300], [1, 1, 1])),
    "one-time buyers": shop_of(([0, 0, 0], [0, 0, 0], [3, 90, 700], [400, 30, 80])),
    "all the same": shop_of(([2], [100], [200], [800])),
    "two days": shop_of(([0, 1], [0, 1], [1, 1], [900, 40])),
    "two days and one old customer": shop_of(([0, 1, 0], [0, 1, 0], [1, 1, 900], [900, 40, 1])),
    "an order a day": shop_of(([900, 1400, 0], [900, 1400, 0], [900, 1400, 1400], [60, 40, 900])),
    "last order today": shop_of(([1, 2, 3], [50, 80, 90], [50, 80, 90], [60, 60, 60])),
}
SPEND = {
    "no orders": SpendTuples([], [], []),
    "all free": SpendTuples([1, 3], [0.0, 0.0], [900, 300]),
    "all the same": SpendTuples([1, 3], [20.0, 20.0], [900, 300]),
    "huge": SpendTuples([1, 2, 5], [1e12, 3e12, 2e11], [40, 60, 70]),
    "one huge among small": SpendTuples([1, 2, 5, 3], [20.0, 25.0, 18.0, 1e12], [40, 60, 70, 1]),
    "cents and billions": SpendTuples([1, 2, 5], [0.01, 1e9, 30.0], [40, 60, 70]),
    "few": SpendTuples([1, 2], [20.0, 31.0], [3, 2]),
}


def assert_sound(columns, may_be_never=()):
    for name, column in columns.items():
        assert not np.any(np.isnan(column)), name
        assert np.all(column >= 0), name
        if name not in may_be_never:
            assert np.all(np.isfinite(column)), name


NEXT = ("next_order_days_lower", "next_order_days_median", "next_order_days_upper")


@pytest.mark.parametrize("model", MODEL_NAMES)
@pytest.mark.parametrize("name", ORDERS)
def test_orders_of_odd_shops_are_sound_or_refused(name, model):
    tuples = ORDERS[name]
    fit = fit_purchase_model(model, tuples)
    told = order_confidence(tuples, fit, [])
    assert told.level == "low"
    if not isinstance(fit, FitResult):
        assert name not in {"all the same", "an order a day", "last order today"}
        return
    assert_sound(score_purchase_tuples(tuples, fit.params, annual_discount_rate=0.1))
    assert_sound(score_outcomes(tuples, fit.params, 365, 0.8), NEXT)
    columns, _, _ = score_parameter_intervals(
        tuples, fit, 365, 0.8, log_posterior(tuples, fit.params)
    )
    assert_sound(columns)
    lower, upper, _ = columns.values()
    assert np.all(lower <= upper)


@pytest.mark.parametrize("name", SPEND)
def test_spend_of_odd_shops_is_sound_or_flagged(name):
    spend = SPEND[name]
    fit = gamma_gamma.fit(spend)
    if not isinstance(fit, FitResult):
        assert spend_confidence(fit).level == "low"
        mean = gamma_gamma.plain_mean(spend, fit)
        assert_sound(score_spend_tuples(spend, mean))
        return
    assert name in {"huge", "one huge among small", "cents and billions"}
    assert_sound(score_spend_tuples(spend, fit.params))
    tuples = PurchaseTuples([0, 1, 4], [0, 50, 90], [100, 100, 100], [1, 1, 1])
    factors, error = score_value_outcomes(
        tuples, MbgNbdParams(0.6, 20, 0.8, 2.5), fit.params, 365, 0.8, annual_discount_rate=0.1
    )
    assert_sound(factors)
    assert error < 0.01
    for factor in factors.values():
        assert_sound(
            {
                name: value_of_factor(
                    factor, np.array([1.0, 2, 5]), spend.mean_order_value[:3], fit.params
                )
            }
        )


def test_negative_spend_is_refused_where_it_comes_in():
    with pytest.raises(ValueError, match="mean_order_value is negative in 1 of 2 tuples"):
        SpendTuples([1, 2], [20.0, -5.0], [1, 1])


@pytest.mark.parametrize("name", ORDERS)
def test_backtests_of_odd_shops_have_figures_or_none(name):
    tuples = ORDERS[name]
    holdout = HoldoutOrders(tuples, np.zeros(len(tuples)), np.zeros(len(tuples)), 90)
    results = backtest_orders(holdout, fit_purchase_models(tuples))
    for result in results:
        figures = (result.mean_absolute_error, result.brier_score, result.interval_coverage)
        assert all(figure is None or np.isfinite(figure) for figure in figures)
        # Nothing came, so there is no ratio to it and nothing to rank.
        assert result.forecast_to_actual is None
        assert result.normalised_gini is None
    champion = choose_champion(results)
    assert champion.totals.reason
    assert champion.tiers.model_name == "mbg_nbd"


EXTREME_PARAMS = [
    MbgNbdParams(1e-4, 1e-3, 1e-4, 1e4),
    MbgNbdParams(1e3, 1e6, 20.0, 1e-4),
    BgNbdParams(1e-3, 1e6, 1e-4, 1e-4),
    BgNbdParams(1e3, 1e-3, 1e4, 20.0),
    *(
        ParetoNbdParams(*point)
        for point in itertools.product((1e-4, 1e3), (1e-3, 1e6), (1e-4, 1e3), (1e-3, 1e6))
    ),
]


@pytest.mark.parametrize("params", EXTREME_PARAMS, ids=str)
def test_everything_is_sound_where_nothing_real_ever_is(params):
    for age in (1e-3, 1e5):
        counts = np.array([0.0, 1, 1000, 100_000])
        last = np.where(counts > 0, age / 2, 0)
        tuples = PurchaseTuples(counts, last, np.full(4, age), np.ones(4))
        for horizon in (1, 100_000):
            assert_sound(score_purchase_tuples(tuples, params, [horizon], annual_discount_rate=0.1))
            columns = score_outcomes(tuples, params, horizon, 0.8)
            assert_sound(columns, NEXT)
            lower, upper = list(columns.values())[:2]
            assert np.all(lower <= upper)


@pytest.mark.parametrize("model", [mbg_nbd, bg_nbd, pareto_nbd], ids=MODEL_NAMES)
def test_the_posterior_is_likelihood_times_prior(model):
    tuples = simulate_shop("mbg_nbd", 300).as_of(730, 365)[0]
    params = fit_purchase_model(model.__name__.rpartition(".")[2], tuples).params
    other = dataclasses.replace(params, r=2 * params.r, alpha=3 * params.alpha)

    def by_hand(at):
        logs = np.log(dataclasses.astuple(at))
        return model.log_likelihood(tuples, at) + model.DEFAULT_PRIOR.log_density(logs)[0]

    told = log_posterior(tuples, params)
    assert told(params) == pytest.approx(by_hand(params), rel=1e-12)
    assert told(other) == pytest.approx(by_hand(other), rel=1e-12)
    plain = log_posterior(tuples, params, with_prior=False)
    assert plain(other) == pytest.approx(model.log_likelihood(tuples, other), rel=1e-12)
    assert told(other) < told(params)


def test_pareto_expectations_agree_with_the_published_form_at_extremes():
    # Schmittlein et al. (1987), eq. 22, at 40 digits; s = 1 by its limit, the logarithm.
    for (r, alpha, s, beta), count, horizon in itertools.product(
        [(0.55, 10.6, 0.6, 11.7), (3.0, 0.01, 1.0, 900.0), (0.01, 500.0, 40.0, 1e-3)],
        [0, 1, 300, 5000],
        [0.01, 365.0, 1e5],
    ):
        age = 1.2 * count + 3
        customer = PurchaseTuples([count], [age if count else 0], [age], [1])
        params = ParetoNbdParams(r, alpha, s, beta)
        told = expected_orders_by_horizon(customer, params, [horizon])[0][0, 0]
        alive = score_purchase_tuples(customer, params, annual_discount_rate=0.0)["p_alive"][0]
        with mpmath.workdps(40):
            base = mpmath.mpf(beta) + age
            stay = base / (base + horizon)
            days = (
                base * mpmath.log(1 / stay)
                if s == 1
                else base / (mpmath.mpf(s) - 1) * (1 - stay ** (mpmath.mpf(s) - 1))
            )
            expected = float((mpmath.mpf(r) + count) / (mpmath.mpf(alpha) + age) * days)
        assert told == pytest.approx(alive * expected, rel=1e-9), (r, count, horizon)


def test_discounted_pareto_orders_are_what_a_sum_over_days_gives():
    tuples = PurchaseTuples([0, 2, 60], [0, 40, 390], [10, 400, 400], [1, 1, 1])
    for params in (ParetoNbdParams(0.6, 20, 0.6, 60), ParetoNbdParams(0.6, 20, 500.0, 9000.0)):
        daily, _ = expected_orders_by_horizon(tuples, params, list(range(1, 366)), 0.0)
        per_day = np.diff(daily, axis=0, prepend=0)
        midday = (np.arange(365) + 0.5) / 365
        by_sum = (per_day * 1.1 ** -midday[:, None]).sum(axis=0)
        _, discounted = expected_orders_by_horizon(tuples, params, [365], 0.10)
        np.testing.assert_allclose(discounted[0], by_sum, rtol=2e-6)


@pytest.mark.parametrize("model", MODEL_NAMES)
def test_more_orders_and_later_ones_promise_more_and_horizons_grow(model):
    tuples = simulate_shop("mbg_nbd", 800).as_of(730, 365)[0]
    params = fit_purchase_model(model, tuples).params
    steps = expected_orders_by_horizon(tuples, params, [1, 30, 90, 365, 3650])[0]
    assert np.all(np.diff(steps, axis=0) >= 0)
    later = PurchaseTuples(np.full(300, 5), np.arange(1, 301), np.full(300, 300), np.ones(300))
    assert np.all(np.diff(expected_orders_by_horizon(later, params, [365])[0][0]) > 0)
    # The more often a customer used to order, the more a long silence says.
    silent = PurchaseTuples([1, 5, 25], [100] * 3, [400] * 3, [1] * 3)
    alive = score_purchase_tuples(silent, params, annual_discount_rate=0.0)["p_alive"]
    assert np.all(np.diff(alive) < 0)


def test_a_good_shop_is_told_to_be_one():
    tuples, after, before, _ = simulate_shop("mbg_nbd", 1500).as_of(730, 365)
    holdout = HoldoutOrders(tuples, after, before, 365)
    fits = fit_purchase_models(tuples)
    results = backtest_orders(holdout, fits)
    name = choose_champion(results).totals.model_name
    used = [result for result in results if result.is_naive or result.model_name == name]
    spend = SpendTuples([1, 2, 5], [20.0, 25.0, 18.0], [40, 60, 70])
    told = combined(
        order_confidence(tuples, fits[name], used), spend_confidence(gamma_gamma.fit(spend))
    )
    assert told.level == "normal", told
