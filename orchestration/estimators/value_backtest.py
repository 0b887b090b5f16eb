"""Backtest of what customers spend: expected orders times expected order value, and the naive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.estimators.backtest_measures import interval_coverage
from orchestration.estimators.forecast_backtest import ForecastBacktest, measured
from orchestration.estimators.gamma_gamma import (
    GammaGammaParams,
    PlainMeanParams,
    expected_order_value,
)
from orchestration.estimators.naive_orders import OWN_RATE, SAME_AS_LAST_WINDOW, own_rate_orders
from orchestration.estimators.order_value_interval import order_value_factors, value_of_factor
from orchestration.estimators.purchase_outlook import PurchaseParams, expected_orders_by_horizon
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples, SpendTuples
from orchestration.estimators.time_quadrature import check_horizon


@dataclass(frozen=True, slots=True)
class HoldoutValues:
    """Order histories with their values as of an earlier day, and what was spent after it.

    Attributes:
        tuples: as of the start of the holdout.
        mean_order_value: mean value of all orders so far, ≥ 0, shape (tuples,).
        holdout_value: spent within the holdout, ≥ 0, shape (tuples,).
        last_window_value: spent within as many days before it, ≥ 0, shape (tuples,).
        horizon_days: length of the holdout.

    Raises:
        ValueError: a column is not of the tuples' length, or has values below 0 or missing.
    """

    tuples: PurchaseTuples
    mean_order_value: FloatArray
    holdout_value: FloatArray
    last_window_value: FloatArray
    horizon_days: float

    def __post_init__(self) -> None:
        """Check the columns."""
        check_horizon(self.horizon_days)
        for name in ("mean_order_value", "holdout_value", "last_window_value"):
            column = np.asarray(getattr(self, name), dtype=float)
            if column.shape != (len(self.tuples),) or not np.all((column >= 0) & (column < np.inf)):
                raise ValueError(f"HoldoutValues: {name} must hold a value ≥ 0 per tuple")
            object.__setattr__(self, name, column)


def backtest_values(
    holdout: HoldoutValues,
    model_name: str,
    params: PurchaseParams,
    spend_params: GammaGammaParams | PlainMeanParams,
    coverage: float = 0.8,
) -> list[ForecastBacktest]:
    """Measure expected orders × expected order value, undiscounted, and both rules of thumb.

    Args:
        holdout: histories and what was spent.
        model_name: what to call the pair of models.
        params: of the purchase model, fitted to nothing later than the holdout's start.
        spend_params: likewise; without Gamma-Gamma there is no interval.
        coverage: of the interval of value.

    Returns:
        The model, `own_rate` (at the own mean value), `same_as_last_window`.
    """
    tuples, mean, actual = holdout.tuples, holdout.mean_order_value, holdout.holdout_value
    order_count = tuples.repeat_count + 1
    spend = SpendTuples(order_count, mean, tuples.customer_count)
    orders = expected_orders_by_horizon(tuples, params, [holdout.horizon_days])[0][0]
    held = None
    if isinstance(spend_params, GammaGammaParams):
        tail = (1 - coverage) / 2
        told = order_value_factors(
            tuples, params, spend_params, holdout.horizon_days, (tail, 1 - tail)
        )
        lower, upper = (
            value_of_factor(factor, order_count, mean, spend_params) for factor in told.factors
        )
        held = interval_coverage(lower, upper, actual, tuples.customer_count)
    return [
        measured(
            model_name,
            tuples,
            orders * expected_order_value(spend, spend_params),
            actual,
            is_naive=False,
            interval_coverage=held,
        ),
        measured(
            OWN_RATE,
            tuples,
            own_rate_orders(tuples, holdout.horizon_days) * mean,
            actual,
            is_naive=True,
        ),
        measured(SAME_AS_LAST_WINDOW, tuples, holdout.last_window_value, actual, is_naive=True),
    ]
