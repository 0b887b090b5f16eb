"""The columns that predictions are made of."""

import time

import numpy as np
import pytest
from simulated_customers import simulate_purchases

from orchestration.estimators import gamma_gamma, mbg_nbd, pareto_nbd
from orchestration.estimators.bg_nbd import BgNbdParams
from orchestration.estimators.gamma_gamma import GammaGammaParams, PlainMeanParams
from orchestration.estimators.lifetime_value import (
    score_outcomes,
    score_parameter_intervals,
    score_purchase_tuples,
    score_spend_tuples,
    score_value_outcomes,
)
from orchestration.estimators.mbg_nbd import MbgNbdParams
from orchestration.estimators.next_order import next_order_days
from orchestration.estimators.order_counts import order_count_interval
from orchestration.estimators.purchase_tuples import PurchaseTuples, SpendTuples

PARAMS = MbgNbdParams(0.5, 30, 0.8, 2.0)
TUPLES = PurchaseTuples([0, 2, 2, 9], [0, 40, 390, 30], [10, 400, 400, 400], [7, 1, 1, 2])


def test_the_columns_are_these_in_the_order_of_the_tuples():
    columns = score_purchase_tuples(TUPLES, PARAMS, annual_discount_rate=0.10)
    assert list(columns) == [
        "p_alive",
        "p_active_30_days",
        "p_active_90_days",
        "p_active_365_days",
        "expected_orders_30_days",
        "expected_orders_90_days",
        "expected_orders_365_days",
        "discounted_expected_orders_365_days",
    ]
    alone = PurchaseTuples([2], [390], [400], [1])
    for name, column in score_purchase_tuples(alone, PARAMS, annual_discount_rate=0.10).items():
        assert columns[name].shape == (4,)
        assert columns[name][2] == pytest.approx(column[0], rel=1e-11)


def test_the_columns_are_what_the_model_says():
    columns = score_purchase_tuples(TUPLES, PARAMS, annual_discount_rate=0.10)
    np.testing.assert_array_equal(columns["p_alive"], mbg_nbd.p_alive(TUPLES, PARAMS))
    np.testing.assert_array_equal(columns["p_active_90_days"], mbg_nbd.p_active(TUPLES, PARAMS, 90))
    for horizon in (30, 90, 365):
        np.testing.assert_allclose(
            columns[f"expected_orders_{horizon}_days"],
            mbg_nbd.expected_orders(TUPLES, PARAMS, horizon),
            rtol=1e-11,
        )


@pytest.mark.parametrize("params_type", [MbgNbdParams, BgNbdParams])
def test_value_grows_with_the_horizon_and_falls_with_the_discount(params_type):
    params = params_type(0.5, 30, 0.8, 2.0)
    values = []
    for horizon in (30, 90, 365, 1095):
        columns = score_purchase_tuples(TUPLES, params, [horizon], annual_discount_rate=0.10)
        values.append(columns[f"discounted_expected_orders_{horizon}_days"])
    assert np.all(np.diff(values, axis=0) > 0)
    at_rates = [
        score_purchase_tuples(TUPLES, params, annual_discount_rate=rate)[
            "discounted_expected_orders_365_days"
        ]
        for rate in (0.0, 0.05, 0.10, 1.0)
    ]
    assert np.all(np.diff(at_rates, axis=0) < 0)


def test_the_longest_horizon_is_the_discounted_one_wherever_it_stands():
    columns = score_purchase_tuples(TUPLES, PARAMS, [180, 60], annual_discount_rate=0.10)
    assert list(columns)[-1] == "discounted_expected_orders_180_days"
    assert np.all(
        columns["discounted_expected_orders_180_days"] > columns["expected_orders_60_days"]
    )


def test_no_tuples_give_empty_columns():
    nobody = PurchaseTuples([], [], [], [])
    for column in score_purchase_tuples(nobody, PARAMS, annual_discount_rate=0.10).values():
        assert column.shape == (0,)


@pytest.mark.parametrize("horizons", [[], [0, 30], [-5], [30, 30]])
def test_horizons_must_be_different_and_above_zero(horizons):
    with pytest.raises(ValueError, match="horizons_days must be different numbers above 0"):
        score_purchase_tuples(TUPLES, PARAMS, horizons, annual_discount_rate=0.10)


@pytest.mark.parametrize("rate", [-0.01, float("nan")])
def test_a_discount_rate_below_zero_is_refused(rate):
    with pytest.raises(ValueError, match="annual_discount_rate must be"):
        score_purchase_tuples(TUPLES, PARAMS, annual_discount_rate=rate)


def test_spend_scores_are_one_column_from_the_model_or_its_fallback():
    tuples = SpendTuples([1, 5], [10.0, 80.0], [3, 1])
    params = GammaGammaParams(4.0, 3.0, 20.0)
    columns = score_spend_tuples(tuples, params)
    assert list(columns) == ["expected_order_value"]
    np.testing.assert_array_equal(
        columns["expected_order_value"], gamma_gamma.expected_order_value(tuples, params)
    )
    fallback = score_spend_tuples(tuples, PlainMeanParams(33.0, uses_own_mean=False))
    assert fallback["expected_order_value"].tolist() == [33.0, 33.0]


def test_four_hundred_thousand_tuples_are_scored_in_seconds_even_if_no_two_share_an_age():
    draw = np.random.default_rng(1)
    size = 400_000
    age = draw.uniform(0, 1500, size)
    repeats = np.minimum(draw.geometric(0.3, size) - 1, np.floor(age))
    last = np.where(repeats > 0, np.maximum(draw.uniform(0, 1, size) * age, 1e-3), 0)
    tuples = PurchaseTuples(repeats, np.minimum(last, age), age, np.ones(size))
    began = time.perf_counter()
    columns = score_purchase_tuples(tuples, PARAMS, annual_discount_rate=0.10)
    assert time.perf_counter() - began < 10
    assert all(np.all(np.isfinite(column) & (column >= 0)) for column in columns.values())


def test_outcomes_are_these_columns_from_their_own_modules():
    columns = score_outcomes(TUPLES, PARAMS, 365, 0.8)
    assert list(columns) == [
        "orders_365_days_prediction_lower",
        "orders_365_days_prediction_upper",
        "next_order_days_lower",
        "next_order_days_median",
        "next_order_days_upper",
    ]
    lower, upper = order_count_interval(TUPLES, PARAMS, 365, 0.8)
    np.testing.assert_array_equal(columns["orders_365_days_prediction_lower"], lower)
    np.testing.assert_array_equal(columns["orders_365_days_prediction_upper"], upper)
    days = next_order_days(TUPLES, PARAMS, (0.1, 0.5, 0.9))
    np.testing.assert_allclose([columns[name] for name in list(columns)[2:]], days)


def test_value_outcomes_and_parameter_intervals_are_named_apart():
    spend = GammaGammaParams(4.0, 3.0, 20.0)
    factors, error = score_value_outcomes(TUPLES, PARAMS, spend, 365, 0.8, annual_discount_rate=0.1)
    assert list(factors) == [
        "value_365_days_prediction_lower_factor",
        "value_365_days_prediction_upper_factor",
    ]
    assert error < 1e-3
    tuples = simulate_purchases(
        2000, r=0.6, alpha=30, a=0.8, b=2.0, may_leave_after_first_order=True
    )
    fit = mbg_nbd.fit(tuples)
    columns, method, sampled = score_parameter_intervals(TUPLES, fit, 365, 0.8)
    assert list(columns) == [
        "expected_orders_365_days_parameter_lower",
        "expected_orders_365_days_parameter_upper",
        "expected_orders_365_days_parameter_log_standard_error",
    ]
    assert (method, sampled) == ("laplace", None)
    points = score_purchase_tuples(TUPLES, fit.params, annual_discount_rate=0.1)
    expected = points["expected_orders_365_days"]
    lower, upper, _ = columns.values()
    assert np.all((lower < expected) & (expected < upper))


@pytest.mark.parametrize("model", [mbg_nbd, pareto_nbd], ids=["mbg_nbd", "pareto_nbd"])
def test_scores_do_not_depend_on_the_order_of_the_tuples_that_were_fitted(model):
    tuples = simulate_purchases(
        1500, r=0.6, alpha=30, a=0.8, b=2.0, may_leave_after_first_order=True
    )
    order = np.random.default_rng(2).permutation(len(tuples))
    shuffled = PurchaseTuples(
        tuples.repeat_count[order],
        tuples.first_to_last_days[order],
        tuples.age_days[order],
        tuples.customer_count[order],
    )
    first, second = model.fit(tuples).params, model.fit(shuffled).params
    columns = score_purchase_tuples(TUPLES, first, annual_discount_rate=0.1)
    for name, column in score_purchase_tuples(TUPLES, second, annual_discount_rate=0.1).items():
        np.testing.assert_allclose(columns[name], column, rtol=1e-8)
