"""The backtest of value: on CDNOW against figures known for it, and by hand."""

from datetime import timedelta

import pytest

from orchestration.estimators import gamma_gamma, mbg_nbd
from orchestration.estimators.gamma_gamma import GammaGammaParams, PlainMeanParams
from orchestration.estimators.mbg_nbd import MbgNbdParams
from orchestration.estimators.purchase_outlook import expected_orders_by_horizon
from orchestration.estimators.purchase_tuples import PurchaseTuples, SpendTuples
from orchestration.estimators.value_backtest import HoldoutValues, backtest_values

HORIZON_DAYS = 273


@pytest.fixture(scope="module")
def cdnow_values(cdnow_all_order_days, cdnow_order_days, cdnow_in_days) -> HoldoutValues:
    end = max(max(days) for days in cdnow_order_days.values())
    window = timedelta(days=HORIZON_DAYS)
    mean, after, before = [], [], []
    for customer, days in cdnow_order_days.items():
        every = cdnow_all_order_days[customer]
        mean.append(sum(days.values()) / len(days))
        after.append(sum(v for day, v in every.items() if end < day <= end + window))
        before.append(sum(v for day, v in days.items() if day > end - window))
    return HoldoutValues(cdnow_in_days, mean, after, before, HORIZON_DAYS)


def test_on_cdnow_value_is_forecast_better_than_by_rules_of_thumb(cdnow_values):
    # On all 23,570 customers the normalised Gini is .714; these are a tenth of them.
    tuples = cdnow_values.tuples
    orders = mbg_nbd.fit(tuples).params
    mean = cdnow_values.mean_order_value
    spend = gamma_gamma.fit(SpendTuples(tuples.repeat_count + 1, mean, tuples.customer_count))
    model, own_rate, last = backtest_values(
        cdnow_values, "mbg_nbd + gamma_gamma", orders, spend.params
    )
    assert model.normalised_gini == pytest.approx(0.679, abs=0.003)
    # Past spend alone ranks these customers as well; what it forecasts is far too much.
    assert last.normalised_gini == pytest.approx(0.680, abs=0.003)
    assert own_rate.forecast_to_actual > 1.4
    assert model.mean_absolute_error < 0.85 * own_rate.mean_absolute_error
    assert model.mean_absolute_error < 0.6 * last.mean_absolute_error
    assert 0.7 < model.forecast_to_actual < 1.1
    # Of most customers nothing is to be expected, so an interval holds more than was asked.
    assert 0.85 < model.interval_coverage < 0.97
    assert sum(row.customer_count for row in model.by_decile) == 2357


def test_a_forecast_is_orders_times_value():
    tuples = PurchaseTuples([0, 2], [0, 50], [100, 100], [3, 1])
    holdout = HoldoutValues(tuples, [20.0, 40.0], [0.0, 90.0], [20.0, 40.0], 90)
    params = MbgNbdParams(0.6, 20, 0.8, 2.5)
    model, own_rate, last = backtest_values(holdout, "m", params, PlainMeanParams(30.0, False))
    orders = expected_orders_by_horizon(tuples, params, [90])[0][0]
    assert model.forecast_total == pytest.approx(30 * (3 * orders[0] + orders[1]))
    assert model.interval_coverage is None
    # By hand: 2 orders in 100 days are 1.8 in 90, at 40 each; and 3 · 20 + 40.
    assert own_rate.forecast_total == pytest.approx(72)
    assert last.forecast_total == pytest.approx(100)
    assert last.mean_absolute_error == pytest.approx((3 * 20 + 50) / 4)
    with_model = backtest_values(holdout, "m", params, GammaGammaParams(4.0, 3.0, 20.0))[0]
    assert 0 <= with_model.interval_coverage <= 1


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_values_that_are_none_are_refused(value):
    tuples = PurchaseTuples([0], [0], [100], [1])
    with pytest.raises(ValueError, match="last_window_value must hold a value"):
        HoldoutValues(tuples, [20.0], [0.0], [value], 90)
