"""What else the parameters might be: Laplace and sampling, against known curves and repetition."""

import numpy as np
import pytest
from simulated_customers import simulate_spend
from simulated_shops import STORIES, simulate_shop

from orchestration.estimators import gamma_gamma, mbg_nbd, pareto_nbd
from orchestration.estimators.fit_outcome import FitResult
from orchestration.estimators.gamma_gamma import GammaGammaParams
from orchestration.estimators.lifetime_value import score_spend_parameter_intervals
from orchestration.estimators.mbg_nbd import MbgNbdParams
from orchestration.estimators.parameter_uncertainty import (
    laplace_interval,
    parameter_interval,
    product_interval,
    sample_parameters,
    sampled_interval,
)
from orchestration.estimators.purchase_outlook import expected_orders_by_horizon
from orchestration.estimators.purchase_tuples import SpendTuples

NORMAL = FitResult(
    params=GammaGammaParams(2.0, 3.0, 5.0),
    standard_errors={},
    log_param_names=("p", "q"),
    log_param_covariance=np.array([[0.04, 0.012], [0.012, 0.09]]),
    log_likelihood=0.0,
    converged=True,
    message="",
    parameters_at_bound=("gamma",),
    tuple_count=1,
    customer_count=100.0,
)


def product(params):
    return np.array([params.p * params.q, params.p, params.gamma, 0.0])


def normal_log_density(params):
    offset = np.log([params.p / 2, params.q / 3])
    return float(-offset @ np.linalg.solve(NORMAL.log_param_covariance, offset) / 2)


def test_laplace_of_a_product_is_the_normal_of_its_logarithm():
    told = laplace_interval(NORMAL, product, 0.95)
    # Variance of log p + log q: 0.04 + 0.09 + 2 · 0.012.
    error = np.sqrt(0.154)
    assert told.log_standard_error == pytest.approx([error, 0.2, 0, 0], abs=1e-9)
    assert told.upper[0] == pytest.approx(6 * np.exp(1.95996 * error), rel=1e-4)
    assert told.lower[0] == pytest.approx(6 * np.exp(-1.95996 * error), rel=1e-4)
    # What ended at its bound counts as known, and nothing stays nothing.
    assert told.lower[2:] == pytest.approx([5.0, 0.0], rel=1e-12)
    assert told.upper[2:] == pytest.approx([5.0, 0.0], rel=1e-12)


def test_sampling_a_normal_gives_the_normal():
    sample = sample_parameters(NORMAL, normal_log_density, 1024)
    assert sample.weight.sum() == pytest.approx(1)
    assert sample.effective_sample_size > 600
    told = sampled_interval(sample, product, 0.8)
    expected = laplace_interval(NORMAL, product, 0.8)
    np.testing.assert_allclose(told.lower, expected.lower, rtol=0.02)
    np.testing.assert_allclose(told.upper, expected.upper, rtol=0.02)
    np.testing.assert_allclose(
        told.log_standard_error, expected.log_standard_error, rtol=0.04, atol=1e-9
    )
    assert told.method == "importance_sampling"


def test_the_effective_sample_size_falls_where_the_normal_is_wrong():
    def elsewhere(params):
        return -50 * (np.log(params.p / 2) - 0.9) ** 2 * 25

    assert sample_parameters(NORMAL, elsewhere, 256).effective_sample_size < 30
    told = parameter_interval(NORMAL, product, 0.8, elsewhere)
    assert told.method == "laplace"


def test_the_same_points_come_again():
    first, second = (sample_parameters(NORMAL, normal_log_density, 64) for _ in range(2))
    np.testing.assert_array_equal(first.weight, second.weight)
    assert first.params == second.params


@pytest.mark.parametrize("model", [mbg_nbd, pareto_nbd], ids=["mbg_nbd", "pareto_nbd"])
def test_a_small_shop_is_sampled_and_a_large_one_is_not(model):
    tuples = simulate_shop("mbg_nbd", 300, seed=3).as_of(730, 365)[0]
    fit = model.fit(tuples)

    def total(params):
        return expected_orders_by_horizon(tuples, params, [365])[0][0].sum(keepdims=True)

    def density(params):
        prior = model.DEFAULT_PRIOR.log_density(
            np.log([getattr(params, name) for name in fit.log_param_names])
        )
        return model.log_likelihood(tuples, params) + prior[0]

    small = parameter_interval(fit, total, 0.8, density)
    assert small.method == "importance_sampling"
    assert small.effective_sample_size > 50
    assert small.lower[0] < total(fit.params)[0] < small.upper[0]
    assert 0.05 < small.log_standard_error[0] < 0.6
    without = parameter_interval(fit, total, 0.8)
    assert without.method == "laplace"
    assert without.log_standard_error[0] == pytest.approx(small.log_standard_error[0], rel=0.35)


def test_parameter_intervals_of_spend_work_alike():
    spend = simulate_spend(800, p=2.5, q=3.7, gamma=60.0)
    fit = gamma_gamma.fit(spend)
    density = gamma_gamma.log_likelihood_function(spend)
    assert density(fit.params) == pytest.approx(fit.log_likelihood, rel=1e-12)
    some = SpendTuples([1, 5], [10.0, 80.0], [1, 1])
    sampled, method, size = score_spend_parameter_intervals(some, fit, 0.9, density)
    assert method == "importance_sampling"
    assert size > 50
    plain, method, _ = score_spend_parameter_intervals(some, fit, 0.9)
    assert method == "laplace"
    expected = gamma_gamma.expected_order_value(some, fit.params)
    for columns in (sampled, plain):
        lower, upper, error = columns.values()
        assert np.all((lower < expected) & (expected < upper))
        assert np.all(error < 0.1)
    # A prior's shape is not sampled away: both methods are near one another.
    for one, other in zip(sampled.values(), plain.values(), strict=True):
        np.testing.assert_allclose(one, other, rtol=0.15)


def test_draws_where_no_mean_exists_are_never_asked_for_one():
    # So few and so different customers that q may well be below 1.
    spend = simulate_spend(60, p=1.0, q=1.3, gamma=60.0, seed=4)
    fit = gamma_gamma.fit(spend)
    assert isinstance(fit, FitResult)
    some = SpendTuples([1, 5], [10.0, 80.0], [1, 1])
    density = gamma_gamma.log_likelihood_function(spend)
    for told in (density, None):
        columns, _, _ = score_spend_parameter_intervals(some, fit, 0.9, told)
        assert all(np.all(np.isfinite(column)) for column in columns.values())


def test_errors_of_a_product_add_up_in_squares():
    # By hand: √(0.3² + 0.4²) = 0.5, and the normal quantile of 95 % is 1.95996.
    lower, upper = product_interval(
        np.array([100.0, 0.0]), [np.array([0.3, 0.0]), np.array([0.4, 9.0])], 0.95
    )
    assert lower == pytest.approx([100 * np.exp(-0.97998), 0], rel=1e-5)
    assert upper == pytest.approx([100 * np.exp(0.97998), 0], rel=1e-5)


def test_intervals_of_the_total_hold_the_truth_as_often_as_told():
    # The expectation under the true parameters, of shops of 400 customers.
    truth, shops = MbgNbdParams(**STORIES["mbg_nbd"]), 30
    held = {0.5: 0, 0.8: 0, 0.95: 0}
    for seed in range(shops):
        tuples = simulate_shop("mbg_nbd", 400, seed=100 + seed).as_of(730, 365)[0]
        fit = mbg_nbd.fit(tuples)

        def total(params, tuples=tuples):
            return expected_orders_by_horizon(tuples, params, [365])[0][0].sum(keepdims=True)

        for coverage in held:
            told = laplace_interval(fit, total, coverage)
            held[coverage] += bool(told.lower[0] <= total(truth)[0] <= told.upper[0])
    for coverage, count in held.items():
        # Three standard errors of a share of 30.
        error = np.sqrt(coverage * (1 - coverage) / shops)
        assert count / shops == pytest.approx(coverage, abs=3 * error), held


def test_a_coverage_that_is_none_is_refused():
    with pytest.raises(ValueError, match="must be within"):
        parameter_interval(NORMAL, product, 1.0)
