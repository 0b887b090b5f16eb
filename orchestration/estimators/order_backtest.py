"""Fit as of an earlier day, forecast what is known by now, and measure: all models and the naive.

Used as the inner holdout that the champion is chosen by, and as the backtest that is published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from orchestration.estimators.backtest_measures import interval_coverage, weighted_total
from orchestration.estimators.fit_outcome import InsufficientData
from orchestration.estimators.forecast_backtest import ForecastBacktest, measured
from orchestration.estimators.naive_orders import (
    OWN_RATE,
    SAME_AS_LAST_WINDOW,
    naive_p_active,
    own_rate_orders,
    same_as_last_window_orders,
)
from orchestration.estimators.order_counts import order_count_chance, order_count_interval
from orchestration.estimators.purchase_models import PurchaseFit
from orchestration.estimators.purchase_outlook import (
    PurchaseParams,
    expected_orders_by_horizon,
    p_active,
)
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples
from orchestration.estimators.recency_information import recency_holdout_gain
from orchestration.estimators.time_quadrature import check_horizon


@dataclass(frozen=True, slots=True)
class HoldoutOrders:
    """Order histories as of an earlier day, with what came after it.

    Attributes:
        tuples: as of the start of the holdout; customers without an order by then are none.
        holdout_count: order days within the holdout, shape (tuples,).
        last_window_count: order days within as many days before it, shape (tuples,).
        horizon_days: length of the holdout.

    Raises:
        ValueError: a column is not of the tuples' length, or has values that are no counts.
    """

    tuples: PurchaseTuples
    holdout_count: FloatArray
    last_window_count: FloatArray
    horizon_days: float

    def __post_init__(self) -> None:
        """Check the columns."""
        check_horizon(self.horizon_days)
        for name in ("holdout_count", "last_window_count"):
            column = np.asarray(getattr(self, name), dtype=float)
            if column.shape != (len(self.tuples),) or not np.all(column >= 0):
                raise ValueError(f"HoldoutOrders: {name} must hold a count ≥ 0 per tuple")
            object.__setattr__(self, name, column)


def backtest_orders(
    holdout: HoldoutOrders, fits: Mapping[str, PurchaseFit], coverage: float = 0.8
) -> list[ForecastBacktest]:
    """Measure each fit and both rules of thumb.

    Args:
        holdout: histories and what came.
        fits: by model name, fitted to `holdout.tuples` and to nothing later.
        coverage: of the interval of order counts.

    Returns:
        One per fit in their order, then `own_rate` and `same_as_last_window`.
    """
    results = []
    tuples, actual, horizon = holdout.tuples, holdout.holdout_count, holdout.horizon_days
    for name, fit in fits.items():
        if isinstance(fit, InsufficientData):
            total = weighted_total(actual, tuples.customer_count)
            results.append(ForecastBacktest(name, False, refusal=fit.reason, actual_total=total))
            continue
        forecast = expected_orders_by_horizon(tuples, fit.params, [horizon])[0][0]
        active = p_active(tuples, fit.params, horizon)
        held, promise = _interval(holdout, fit.params, coverage)
        gain = recency_holdout_gain(tuples, active, (actual > 0).astype(float))
        results.append(
            measured(
                name,
                tuples,
                forecast,
                actual,
                is_naive=False,
                active=active,
                interval_coverage=held,
                interval_promise=promise,
                recency_gain=gain,
            )
        )
    for name, forecast in (
        (OWN_RATE, own_rate_orders(tuples, horizon)),
        (SAME_AS_LAST_WINDOW, same_as_last_window_orders(holdout.last_window_count)),
    ):
        active = naive_p_active(forecast)
        results.append(measured(name, tuples, forecast, actual, is_naive=True, active=active))
    return results


def _interval(
    holdout: HoldoutOrders, params: PurchaseParams, coverage: float
) -> tuple[float | None, float | None]:
    tuples, horizon = holdout.tuples, holdout.horizon_days
    lower, upper = order_count_interval(tuples, params, horizon, coverage)
    promise = order_count_chance(tuples, params, horizon, lower, upper)
    weight = tuples.customer_count
    customers = float(weight.sum())
    return (
        interval_coverage(lower, upper, holdout.holdout_count, weight),
        weighted_total(promise, weight) / customers if customers > 0 else None,
    )
