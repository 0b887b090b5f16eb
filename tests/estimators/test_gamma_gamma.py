"""The spend model: limits, invariances, gradient, and data that no model fits."""

import numpy as np
import pytest
from scipy import special
from simulated_customers import simulate_spend

from orchestration.estimators import gamma_gamma
from orchestration.estimators.fit_outcome import FitResult, InsufficientData, InsufficientReason
from orchestration.estimators.gamma_gamma import GammaGammaParams, PlainMeanParams
from orchestration.estimators.purchase_tuples import SpendTuples


@pytest.fixture(scope="module")
def shop() -> SpendTuples:
    return simulate_spend(2000, p=4.0, q=3.0, gamma=20.0)


def estimates(result):
    assert isinstance(result, FitResult), result
    return np.array([result.params.p, result.params.q, result.params.gamma])


def refusal(tuples) -> InsufficientData:
    result = gamma_gamma.fit(tuples)
    assert isinstance(result, InsufficientData), result
    return result


@pytest.mark.parametrize(("count", "mean"), [(1, 5.0), (3, 0.7)])
def test_the_likelihood_is_that_of_the_story_integrated(count, mean):
    # The density of a gamma mean at one rate, averaged by the Gauss rule of the rate's density.
    p, q, gamma = 2.0, 2.5, 3.0
    rate, weight = special.roots_genlaguerre(150, q - 1)
    rate = rate / gamma * count
    shape = p * count
    density = rate**shape * mean ** (shape - 1) * np.exp(-rate * mean) / special.gamma(shape)
    expected = np.log(weight @ density / weight.sum())
    value = gamma_gamma.log_likelihood(
        SpendTuples([count], [mean], [1]), GammaGammaParams(p, q, gamma)
    )
    assert value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("point", [(4.0, 3.0, 20.0), (0.3, 9.0, 400.0)])
def test_the_gradient_is_that_of_the_likelihood(shop, point):
    _, gradient = gamma_gamma.log_likelihood_gradient(shop, GammaGammaParams(*point))
    for index, value in enumerate(point):
        step = np.eye(3)[index] * value * 1e-5
        slope = gamma_gamma.log_likelihood(shop, GammaGammaParams(*(point + step)))
        slope -= gamma_gamma.log_likelihood(shop, GammaGammaParams(*(point - step)))
        scale = np.abs(gradient[index]) + len(shop) / value * 1e-3
        assert slope / (2e-5 * value) == pytest.approx(gradient[index], abs=1e-5 * scale)


def test_no_order_count_means_the_population_and_many_orders_mean_the_customer():
    params = GammaGammaParams(p=4.0, q=3.0, gamma=20.0)
    assert params.population_mean == 40.0
    values = gamma_gamma.expected_order_value(
        SpendTuples([1, 1, 3, 1_000_000], [40.0, 10.0, 10.0, 10.0], [1] * 4), params
    )
    # By hand: own weight 4x/(4x+2), the rest to 40.
    expected = [40.0, 10 * 4 / 6 + 40 * 2 / 6, 10 * 12 / 14 + 40 * 2 / 14, 10.0]
    assert values == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("currency", [1e-6, 160.0, 1e12])
def test_the_currency_changes_gamma_and_nothing_else(shop, currency):
    converted = SpendTuples(shop.order_count, shop.mean_order_value * currency, shop.customer_count)
    result = gamma_gamma.fit(converted)
    np.testing.assert_allclose(
        estimates(result) / [1, 1, currency], estimates(gamma_gamma.fit(shop)), rtol=1e-7
    )
    told = gamma_gamma.log_likelihood(converted, result.params)
    assert result.log_likelihood == pytest.approx(told, rel=1e-12)


def test_weights_equal_repetition_and_order_does_not_matter(shop):
    weight = 1 + np.arange(len(shop)) % 3
    rows = np.random.default_rng(4).permutation(np.repeat(np.arange(len(shop)), weight))
    repeated = SpendTuples(shop.order_count[rows], shop.mean_order_value[rows], np.ones(rows.size))
    weighted = SpendTuples(shop.order_count, shop.mean_order_value, weight)
    np.testing.assert_allclose(
        estimates(gamma_gamma.fit(weighted)), estimates(gamma_gamma.fit(repeated)), rtol=1e-8
    )


def test_orders_without_value_are_left_out_of_the_fit_but_are_scored(shop):
    with_free = SpendTuples(
        np.append(shop.order_count, [1, 5]),
        np.append(shop.mean_order_value, [0, 0]),
        np.append(shop.customer_count, [70, 3]),
    )
    result = gamma_gamma.fit(with_free)
    np.testing.assert_array_equal(estimates(result), estimates(gamma_gamma.fit(shop)))
    assert result.customer_count == 2000
    values = gamma_gamma.expected_order_value(with_free, result.params)
    assert 0 < values[-1] < values[-2] < result.params.population_mean
    with pytest.raises(ValueError, match="mean_order_value must be above 0"):
        gamma_gamma.log_likelihood(with_free, result.params)


def test_one_price_for_everybody_falls_back_to_that_price():
    tuples = SpendTuples([1, 2, 9], [19.99] * 3, [300, 100, 20])
    refused = refusal(tuples)
    assert refused.reason is InsufficientReason.IDENTICAL_VALUES
    values = gamma_gamma.expected_order_value(tuples, gamma_gamma.plain_mean(tuples, refused))
    assert values == pytest.approx([19.99] * 3)


def test_one_price_per_customer_is_expected_to_last():
    # Subscriptions: no spread within a customer, so p has no limit but its bound.
    tuples = SpendTuples([2, 3, 12] * 3, [5.0] * 3 + [10.0] * 3 + [25.0] * 3, [50] * 9)
    result = gamma_gamma.fit(tuples)
    assert result.parameters_at_bound == ("p",)
    assert "p" not in result.standard_errors
    values = gamma_gamma.expected_order_value(tuples, result.params)
    assert values == pytest.approx(tuples.mean_order_value, rel=1e-3)


def test_customers_without_differences_of_their_own_get_the_mean_of_all():
    # Values spread, but means of many orders agree: q has no limit but its bound.
    draw = np.random.default_rng(2)
    orders = np.repeat([1, 4, 16, 64], 500)
    tuples = SpendTuples(orders, draw.gamma(3 * orders) / (0.1 * orders), np.ones(2000))
    values = gamma_gamma.expected_order_value(tuples, gamma_gamma.fit(tuples).params)
    assert values == pytest.approx(np.full(2000, 30.0), rel=0.1)


def test_one_time_buyers_alone_fall_back_to_everybodys_mean():
    tuples = SpendTuples([1] * 45, np.arange(1.0, 46.0), [1] * 45)
    refused = refusal(tuples)
    assert refused.reason is InsufficientReason.TOO_FEW_REPEAT_CUSTOMERS
    assert gamma_gamma.plain_mean(tuples, refused) == PlainMeanParams(23.0, False)


def test_everybodys_mean_is_per_order_not_per_customer():
    tuples = SpendTuples([1, 4], [10.0, 60.0], [2, 1])
    assert gamma_gamma.plain_mean(tuples, refusal(tuples)).pooled_mean == pytest.approx(260 / 6)


def test_spend_without_a_finite_mean_falls_back_to_the_customers_own():
    draw = np.random.default_rng(2)
    whales = np.where(draw.random(400) < 0.1, 1e12, 10.0) * draw.uniform(0.5, 2.0, 400)
    tuples = SpendTuples(1 + np.arange(400) % 4, whales, np.ones(400))
    refused = refusal(tuples)
    assert refused.reason is InsufficientReason.NO_FINITE_MEAN
    assert refused.rejected_fit.params.population_mean is None
    values = gamma_gamma.expected_order_value(tuples, gamma_gamma.plain_mean(tuples, refused))
    np.testing.assert_array_equal(values, whales)
    with pytest.raises(ValueError, match="q must be above 1"):
        gamma_gamma.expected_order_value(tuples, refused.rejected_fit.params)


@pytest.mark.parametrize("tuples", [SpendTuples([], [], []), SpendTuples([1, 2], [0, 0], [9, 9])])
def test_without_any_order_value_there_is_no_fit_and_the_mean_is_zero(tuples):
    refused = refusal(tuples)
    assert refused.reason is InsufficientReason.NO_CUSTOMERS
    fallback = gamma_gamma.plain_mean(tuples, refused)
    assert fallback == PlainMeanParams(0.0, False)
    assert gamma_gamma.expected_order_value(tuples, fallback).tolist() == [0.0] * len(tuples)
