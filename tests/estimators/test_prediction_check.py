"""What keeps predictions from being published."""

import numpy as np
import pytest

from orchestration.estimators.forecast_backtest import ForecastBacktest
from orchestration.estimators.prediction_check import faulty_columns, total_fault


def test_sound_columns_have_no_fault():
    columns = {
        "p_alive": np.array([0.0, 1.0]),
        "orders_lower": np.array([0.0, 2.0]),
        "orders_upper": np.array([0.0, 2.0]),
        "next_order_days_median": np.array([3.0, np.inf]),
    }
    assert faulty_columns(columns, ["next_order_days_median"]) == ()


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -1e-9])
def test_a_number_that_is_none_is_told_with_its_column(wrong):
    told = faulty_columns({"expected_orders_30_days": np.array([1.0, wrong, 2.0])})
    assert told == ("expected_orders_30_days: 1 of 3 are no sound numbers",)


def test_never_is_no_fault_but_not_a_number_is():
    column = {"next_order_days_median": np.array([np.nan, np.inf])}
    assert faulty_columns(column, list(column)) == (
        "next_order_days_median: 1 of 2 are no sound numbers",
    )


def test_a_chance_above_one_and_an_upper_end_below_the_lower_are_told():
    told = faulty_columns(
        {
            "p_alive": np.array([1.01]),
            "orders_lower": np.array([3.0]),
            "orders_upper": np.array([2.0]),
        }
    )
    assert told == (
        "p_alive: 1 of 1 are no sound numbers",
        "orders_upper: below orders_lower",
    )


def backtest(name, ratio, is_naive=False):
    return ForecastBacktest(name, is_naive, forecast_to_actual=ratio)


@pytest.mark.parametrize(
    ("forecast", "is_fault"), [(19.9, True), (20.1, False), (124.9, False), (125.1, True)]
)
def test_a_total_far_from_the_last_window_is_a_fault(forecast, is_fault):
    # The last window was twice what came after it, so of 100 orders 50 are usual; the model was
    # off by a factor of 1.25 in the backtest, and twice that is allowed: 20 to 125.
    backtests = [backtest("mbg_nbd", 0.8), backtest("same_as_last_window", 2.0, is_naive=True)]
    fault = total_fault(
        np.array([forecast / 4, forecast / 2]),
        np.array([30.0, 40.0]),
        np.array([2.0, 1.0]),
        backtests,
    )
    assert (fault is not None) == is_fault
    if fault:
        assert "a factor of 2.50 is allowed" in fault


def test_without_a_backtest_or_a_last_window_nothing_can_be_said():
    one = np.ones(1)
    backtests = [backtest("mbg_nbd", 1.0), backtest("same_as_last_window", 1.0, is_naive=True)]
    assert total_fault(one, one, one, []) is None
    assert total_fault(one, 0 * one, one, backtests) is None
    assert total_fault(one, one, one, [backtest("mbg_nbd", None), backtests[1]]) is None
