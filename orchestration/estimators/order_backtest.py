"""Fit as of an earlier day, forecast what is known by now, and measure: all models and the naive.

Used as the inner holdout that the champion is chosen by, and as the backtest that is published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from orchestration.estimators.backtest_measures import (
    CalibrationRow,
    brier_score,
    calibration_by_decile,
    calibration_by_order_count,
    forecast_to_actual,
    interval_coverage,
    mean_absolute_error,
    normalised_gini,
    weighted_total,
)
from orchestration.estimators.fit_outcome import InsufficientData, InsufficientReason
from orchestration.estimators.naive_orders import (
    OWN_RATE,
    SAME_AS_LAST_WINDOW,
    naive_p_active,
    own_rate_orders,
    same_as_last_window_orders,
)
from orchestration.estimators.order_counts import order_count_interval
from orchestration.estimators.purchase_models import PurchaseFit
from orchestration.estimators.purchase_outlook import (
    PurchaseParams,
    expected_orders_by_horizon,
    p_active,
    p_alive,
    p_more_orders,
)
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples
from orchestration.estimators.recency_information import InformationGain, recency_holdout_gain
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


@dataclass(frozen=True, slots=True)
class OrderBacktest:
    """How one model, or one rule of thumb, did. None where a figure has no meaning.

    Attributes:
        model_name: its name.
        is_naive: whether it is a rule of thumb.
        refusal: why the model could not be fitted; all figures but the actual total are then None.
        forecast_total: orders forecast in the holdout, over all customers.
        actual_total: orders that came.
        total_standard_error: of the difference of both totals, by the customers' own differences.
        forecast_to_actual: the one total divided by the other.
        mean_absolute_error: per customer, in orders.
        normalised_gini: how well customers are ranked.
        brier_score: of the chance of at least one order.
        interval_coverage: share of customers within their interval of order counts.
        interval_promise: mean chance of that by the model: more than asked, as counts are whole.
        by_order_count: calibration by orders so far.
        by_decile: calibration by tenths of the forecast.
        recency_gain: what the day of the last order contributed; None for rules of thumb.
    """

    model_name: str
    is_naive: bool
    refusal: InsufficientReason | None = None
    forecast_total: float | None = None
    actual_total: float | None = None
    total_standard_error: float | None = None
    forecast_to_actual: float | None = None
    mean_absolute_error: float | None = None
    normalised_gini: float | None = None
    brier_score: float | None = None
    interval_coverage: float | None = None
    interval_promise: float | None = None
    by_order_count: tuple[CalibrationRow, ...] = ()
    by_decile: tuple[CalibrationRow, ...] = ()
    recency_gain: InformationGain | None = None


def backtest_orders(
    holdout: HoldoutOrders, fits: Mapping[str, PurchaseFit], coverage: float = 0.8
) -> list[OrderBacktest]:
    """Measure each fit and both rules of thumb.

    Args:
        holdout: histories and what came.
        fits: by model name, fitted to `holdout.tuples` and to nothing later.
        coverage: of the interval of order counts.

    Returns:
        One per fit in their order, then `own_rate` and `same_as_last_window`.
    """
    results = []
    actual_total = weighted_total(holdout.holdout_count, holdout.tuples.customer_count)
    for name, fit in fits.items():
        if isinstance(fit, InsufficientData):
            results.append(
                OrderBacktest(name, False, refusal=fit.reason, actual_total=actual_total)
            )
            continue
        forecast = expected_orders_by_horizon(holdout.tuples, fit.params, [holdout.horizon_days])[
            0
        ][0]
        active = p_active(holdout.tuples, fit.params, holdout.horizon_days)
        held, promise = _interval(holdout, fit.params, coverage)
        results.append(
            _measured(
                holdout,
                name,
                forecast,
                active,
                is_naive=False,
                held=held,
                promise=promise,
                recency_gain=recency_holdout_gain(
                    holdout.tuples, active, (holdout.holdout_count > 0).astype(float)
                ),
            )
        )
    for name, forecast in (
        (OWN_RATE, own_rate_orders(holdout.tuples, holdout.horizon_days)),
        (SAME_AS_LAST_WINDOW, same_as_last_window_orders(holdout.last_window_count)),
    ):
        results.append(_measured(holdout, name, forecast, naive_p_active(forecast), is_naive=True))
    return results


def _interval(
    holdout: HoldoutOrders, params: PurchaseParams, coverage: float
) -> tuple[float | None, float | None]:
    tuples, horizon = holdout.tuples, holdout.horizon_days
    lower, upper = order_count_interval(tuples, params, horizon, coverage)
    rows = tuples.repeat_count, tuples.age_days, params, horizon
    alive = p_alive(tuples, params)
    below = np.where(lower > 0, 1 - alive * p_more_orders(*rows, np.maximum(lower - 1, 0)), 0.0)
    promise = 1 - alive * p_more_orders(*rows, upper) - below
    weight = tuples.customer_count
    customers = float(weight.sum())
    return (
        interval_coverage(lower, upper, holdout.holdout_count, weight),
        weighted_total(promise, weight) / customers if customers > 0 else None,
    )


def _measured(
    holdout: HoldoutOrders,
    name: str,
    forecast: FloatArray,
    active: FloatArray,
    *,
    is_naive: bool,
    held: float | None = None,
    promise: float | None = None,
    recency_gain: InformationGain | None = None,
) -> OrderBacktest:
    actual, weight = holdout.holdout_count, holdout.tuples.customer_count
    order_count = holdout.tuples.repeat_count + 1
    return OrderBacktest(
        model_name=name,
        is_naive=is_naive,
        forecast_total=weighted_total(forecast, weight),
        actual_total=weighted_total(actual, weight),
        total_standard_error=float(np.sqrt(weighted_total((forecast - actual) ** 2, weight))),
        forecast_to_actual=forecast_to_actual(forecast, actual, weight),
        mean_absolute_error=mean_absolute_error(forecast, actual, weight),
        normalised_gini=normalised_gini(forecast, actual, weight),
        brier_score=brier_score(active, (actual > 0).astype(float), weight),
        interval_coverage=held,
        interval_promise=promise,
        by_order_count=tuple(calibration_by_order_count(order_count, forecast, actual, weight)),
        by_decile=tuple(calibration_by_decile(forecast, actual, weight)),
        recency_gain=recency_gain,
    )
