"""Pareto/NBD: its likelihood, its fit, and the estimates published for the CDNOW sample."""

import itertools
import warnings

import mpmath
import numpy as np
import pytest
from simulated_shops import STORIES, simulate_shop

from orchestration.estimators import pareto_nbd
from orchestration.estimators.fit_outcome import FitResult, InsufficientData, SufficiencyRule
from orchestration.estimators.pareto_nbd import (
    DEFAULT_PRIOR,
    PARAM_NAMES,
    ParetoNbdParams,
    log_likelihood_gradient,
)
from orchestration.estimators.pareto_nbd_integral import dropout_integral
from orchestration.estimators.pareto_nbd_outlook import expected_orders_by_horizon
from orchestration.estimators.purchase_tuples import PurchaseTuples

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifetimes import ParetoNBDFitter

FOUR_WEEKS = SufficiencyRule(minimum_span_days=4)
PARAMS = ParetoNbdParams(0.6, 9.0, 0.5, 14.0)


def estimates(result):
    assert isinstance(result, FitResult), result
    return np.array([getattr(result.params, name) for name in PARAM_NAMES])


@pytest.fixture(scope="module")
def shop() -> PurchaseTuples:
    return simulate_shop("pareto_nbd", 1500).as_of(730, 365)[0]


def test_the_published_estimates_are_met(cdnow_in_weeks):
    # Fader & Hardie and the R package BTYD: LL -9594.976. Theirs stopped a step before the top,
    # where the likelihood is flat: the fourth digit of r and s is as far as they agree.
    result = pareto_nbd.fit(cdnow_in_weeks, prior=None, rule=FOUR_WEEKS)
    assert result.log_likelihood == pytest.approx(-9594.976, abs=5e-4)
    assert result.params.r == pytest.approx(0.5532, abs=1.5e-4)
    assert result.params.alpha == pytest.approx(10.578, abs=1e-3)
    assert result.params.s == pytest.approx(0.6061, abs=1.5e-4)
    assert result.params.beta == pytest.approx(11.669, abs=1e-3)
    published = ParetoNbdParams(0.5532, 10.578, 0.6061, 11.669)
    assert result.log_likelihood > pareto_nbd.log_likelihood(cdnow_in_weeks, published)
    assert result.converged


def test_the_published_example_customer_is_met():
    # BTYD's vignette, customer 1516 of CDNOW: x 26, t_x 30.86, T 31; 25.46 orders expected in 52
    # weeks, alive with 0.998.
    params = ParetoNbdParams(0.5533971, 10.5801985, 0.6060625, 11.6562237)
    customer = PurchaseTuples([26], [30.86], [31.0], [1])
    assert pareto_nbd.p_alive(customer, params)[0] == pytest.approx(0.9979, abs=5e-4)
    plain, _ = expected_orders_by_horizon(customer, params, [52], 0.0)
    assert plain[0, 0] == pytest.approx(25.46, abs=5e-3)


def reference_log_integral(shape, alpha, s, beta, start, end):
    """The integral over log time by mpmath's own rule, at 40 digits."""
    with mpmath.workdps(40):
        k, alpha, s, beta, start, end = map(mpmath.mpf, (shape, alpha, s, beta, start, end))
        least = min(alpha, beta)

        def integrand(w):
            y = (least + start) * mpmath.exp(w) - least
            return (alpha + y) ** -k * s * beta**s * (beta + y) ** (-s - 1) * (least + y)

        width = mpmath.log((least + end) / (least + start))
        cuts = {width * step / 8 for step in range(9)}
        cuts |= {cut for power in range(-4, 12) if (cut := 10 / k / 2**power) < width}
        return float(mpmath.log(mpmath.quad(integrand, sorted(cuts))))


@pytest.mark.parametrize(
    ("r", "alpha", "s", "beta"),
    [
        (0.55, 10.6, 0.6, 11.7),
        (5, 500, 0.02, 0.01),
        (2, 50, 200, 1000),
        # mpmath takes seconds for these.
        pytest.param(0.05, 0.01, 3, 500, marks=pytest.mark.long),
    ],
)
def test_the_integral_agrees_with_mpmath_at_extremes(r, alpha, s, beta):
    spans = [(0.0, 1.0), (0.0, 2000.0), (50.0, 51.0), (900.0, 1500.0)]
    for count, (start, end) in itertools.product([0, 1, 30, 1000], spans):
        told = dropout_integral(
            np.array([r + count]), np.array([start]), end, alpha=alpha, s=s, beta=beta
        )
        expected = reference_log_integral(r + count, alpha, s, beta, start, end)
        assert told.log_value[0] == pytest.approx(expected, abs=2e-9), (count, start, end)


def test_an_empty_interval_has_no_dropout():
    told = dropout_integral(np.array([3.0]), np.array([9.0]), 9.0, alpha=1.0, s=1.0, beta=2.0)
    assert told.log_value.tolist() == [-np.inf]
    assert told.gradient.tolist() == [[0.0]] * 4


@pytest.mark.parametrize("point", [(0.6, 9.0, 0.5, 14.0), (0.6, 14.0, 3.0, 9.0), (5, 90, 0.1, 0.2)])
def test_the_gradient_is_that_of_the_likelihood(shop, point):
    _, gradient = log_likelihood_gradient(shop, ParetoNbdParams(*point))
    for index, value in enumerate(point):
        above, below = list(point), list(point)
        above[index] *= 1 + 1e-5
        below[index] *= 1 - 1e-5
        slope = pareto_nbd.log_likelihood(shop, ParetoNbdParams(*above))
        slope -= pareto_nbd.log_likelihood(shop, ParetoNbdParams(*below))
        scale = abs(gradient[index]) + len(shop) / value * 1e-3
        assert slope / (2e-5 * value) == pytest.approx(gradient[index], abs=1e-5 * scale)


def test_the_gradient_of_the_prior_is_its_slope():
    point = np.log([2.0, 9.0, 0.3, 5.0])
    value, gradient = DEFAULT_PRIOR.log_density(point)
    for index in range(4):
        step = np.eye(4)[index] * 1e-6
        slope = DEFAULT_PRIOR.log_density(point + step)[0]
        slope -= DEFAULT_PRIOR.log_density(point - step)[0]
        assert slope / 2e-6 == pytest.approx(gradient[index], abs=1e-8)
    in_another_unit = point + np.log([1.0, 7.0, 1.0, 7.0])
    assert DEFAULT_PRIOR.log_density(in_another_unit)[0] == pytest.approx(value, rel=1e-12)


def test_lifetimes_gives_the_same_numbers(cdnow_in_weeks):
    fitter = ParetoNBDFitter()
    fitter.params_ = dict(zip(PARAM_NAMES, (0.6, 9.0, 0.5, 14.0), strict=True))
    tuples = cdnow_in_weeks
    columns = tuples.repeat_count, tuples.first_to_last_days, tuples.age_days
    theirs = fitter._negative_log_likelihood(
        [0.6, 9.0, 0.5, 14.0], *columns, tuples.customer_count, 0.0
    )
    assert pareto_nbd.log_likelihood(tuples, PARAMS) == pytest.approx(-theirs, rel=1e-11)
    np.testing.assert_allclose(
        pareto_nbd.p_alive(tuples, PARAMS),
        fitter.conditional_probability_alive(*columns),
        rtol=1e-9,
    )
    for horizon in (1, 39, 520):
        plain, _ = expected_orders_by_horizon(tuples, PARAMS, [horizon], 0.0)
        np.testing.assert_allclose(
            plain[0],
            fitter.conditional_expected_number_of_purchases_up_to_time(horizon, *columns),
            rtol=1e-9,
        )


def test_lifetimes_fits_the_same_on_a_simulated_shop(shop):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitter = ParetoNBDFitter()
        fitter.fit(shop.repeat_count, shop.first_to_last_days, shop.age_days)
    ours = pareto_nbd.fit(shop, prior=None)
    np.testing.assert_allclose(estimates(ours), fitter.params_[list(PARAM_NAMES)], rtol=5e-3)
    theirs = ParetoNbdParams(*fitter.params_[list(PARAM_NAMES)])
    assert ours.log_likelihood >= pareto_nbd.log_likelihood(shop, theirs)


def test_planted_parameters_are_recovered_from_twenty_thousand():
    result = pareto_nbd.fit(simulate_shop("pareto_nbd", 20_000).as_of(730, 365)[0])
    for name, value in STORIES["pareto_nbd"].items():
        assert result.standard_errors[name] < 0.3 * value
        assert abs(getattr(result.params, name) - value) < 3.5 * result.standard_errors[name]


def test_unit_order_and_weights_change_nothing_but_the_scales(shop):
    in_days = estimates(pareto_nbd.fit(shop))
    columns = shop.repeat_count, shop.first_to_last_days, shop.age_days
    in_weeks = PurchaseTuples(columns[0], columns[1] / 7, columns[2] / 7, shop.customer_count)
    weekly = estimates(pareto_nbd.fit(in_weeks, rule=FOUR_WEEKS))
    np.testing.assert_allclose(weekly * [1, 7, 1, 7], in_days, rtol=1e-6)
    order = np.random.default_rng(3).permutation(len(shop))
    shuffled = PurchaseTuples(*(column[order] for column in columns), shop.customer_count)
    np.testing.assert_allclose(estimates(pareto_nbd.fit(shuffled)), in_days, rtol=1e-7)
    weight = 1 + np.arange(len(shop)) % 3
    weighted = pareto_nbd.fit(PurchaseTuples(*columns, weight))
    repeated = pareto_nbd.fit(
        PurchaseTuples(*(np.repeat(column, weight) for column in columns), np.ones(weight.sum()))
    )
    np.testing.assert_allclose(estimates(weighted), estimates(repeated), rtol=1e-7)


def test_the_prior_hardly_moves_a_fit_on_two_thousand_customers(cdnow_in_days):
    without = pareto_nbd.fit(cdnow_in_days, prior=None)
    with_prior = pareto_nbd.fit(cdnow_in_days)
    assert 0 <= without.log_likelihood - with_prior.log_likelihood < 0.01
    totals = [
        expected_orders_by_horizon(cdnow_in_days, result.params, [365], 0.0)[0].sum()
        for result in (without, with_prior)
    ]
    assert totals[1] == pytest.approx(totals[0], rel=4e-3)


ODD_SHOPS = {
    "subscribers who never leave": (np.arange(2.0, 24), np.arange(60.0, 720, 30), 5),
    "customers who are all alike": (np.array([3.0]), np.array([100.0]), 500),
    "an order a day for years": (np.arange(500.0, 3000, 100), np.arange(500.0, 3000, 100), 2),
    "a buyer in bulk": (np.array([0.0, 1, 100_000]), np.array([0.0, 50, 899]), 40),
    "hardly anybody returning": (np.array([0.0, 0, 0, 1]), np.array([0.0, 0, 0, 3]), 3000),
}


@pytest.mark.parametrize("name", ODD_SHOPS)
def test_odd_shops_get_a_usable_fit(name):
    repeats, last, customers = ODD_SHOPS[name]
    age = np.maximum(last, 200.0)
    tuples = PurchaseTuples(repeats, last, age, np.full(repeats.size, float(customers)))
    result = pareto_nbd.fit(tuples)
    assert isinstance(result, FitResult), result
    assert np.all(np.isfinite(estimates(result)))
    plain, discounted = expected_orders_by_horizon(tuples, result.params, [30, 365], 0.1)
    for column in (plain, discounted, pareto_nbd.p_alive(tuples, result.params)):
        assert np.all(np.isfinite(column))
        assert np.all(column >= 0)


@pytest.mark.parametrize("customer_count", [45, 150])
@pytest.mark.parametrize("seed", range(3))
def test_small_shops_get_a_usable_fit(customer_count, seed):
    tuples = simulate_shop("mbg_nbd", customer_count, seed=seed).as_of(730, 365)[0]
    assert np.all(np.isfinite(estimates(pareto_nbd.fit(tuples))))


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (([], [], [], []), "no_customers"),
        (([50], [360], [365], [1]), "too_few_repeat_customers"),
        (([0], [0], [365], [9000]), "too_few_repeat_customers"),
        (([0, 1, 1], [0, 1, 2], [2, 2, 2], [500, 80, 60]), "span_too_short"),
    ],
)
def test_too_little_data_are_refused_with_the_reason(columns, reason):
    refusal = pareto_nbd.fit(PurchaseTuples(*columns))
    assert isinstance(refusal, InsufficientData)
    assert refusal.reason == reason
