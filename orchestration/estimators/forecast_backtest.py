"""What is told of one forecast after the holdout: the same figures of orders and of values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.estimators.backtest_measures import (
    CalibrationRow,
    brier_score,
    calibration_by_decile,
    calibration_by_order_count,
    forecast_to_actual,
    mean_absolute_error,
    normalised_gini,
    weighted_total,
)
from orchestration.estimators.fit_outcome import InsufficientReason
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples
from orchestration.estimators.recency_information import InformationGain


@dataclass(frozen=True, slots=True)
class ForecastBacktest:
    """How one model, or one rule of thumb, did. None where a figure has no meaning.

    Attributes:
        model_name: its name.
        is_naive: whether it is a rule of thumb.
        refusal: why the model could not be fitted; all figures but the actual total are then None.
        forecast_total: orders or value forecast in the holdout, over all customers.
        actual_total: what came.
        total_standard_error: of the difference of both totals, by the customers' own differences.
        forecast_to_actual: the one total divided by the other.
        mean_absolute_error: per customer, in orders or money.
        normalised_gini: how well customers are ranked.
        brier_score: of the chance of at least one order; None for values.
        interval_coverage: share of customers within their prediction interval.
        interval_promise: mean chance of that by the model: more than asked where counts are whole
            or nothing may come.
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


def measured(
    model_name: str,
    tuples: PurchaseTuples,
    forecast: FloatArray,
    actual: FloatArray,
    *,
    is_naive: bool,
    active: FloatArray | None = None,
    interval_coverage: float | None = None,
    interval_promise: float | None = None,
    recency_gain: InformationGain | None = None,
) -> ForecastBacktest:
    """Measure a forecast.

    Args:
        model_name: its name.
        tuples: whom the rows stand for, as of the start of the holdout.
        forecast: shape (tuples,).
        actual: what came, shape (tuples,).
        is_naive: whether it is a rule of thumb.
        active: chance of at least one order, if that is forecast too.
        interval_coverage: handed on.
        interval_promise: handed on.
        recency_gain: handed on.
    """
    weight = tuples.customer_count
    return ForecastBacktest(
        model_name=model_name,
        is_naive=is_naive,
        forecast_total=weighted_total(forecast, weight),
        actual_total=weighted_total(actual, weight),
        total_standard_error=float(np.sqrt(weighted_total((forecast - actual) ** 2, weight))),
        forecast_to_actual=forecast_to_actual(forecast, actual, weight),
        mean_absolute_error=mean_absolute_error(forecast, actual, weight),
        normalised_gini=normalised_gini(forecast, actual, weight),
        brier_score=None
        if active is None
        else brier_score(active, (actual > 0).astype(float), weight),
        interval_coverage=interval_coverage,
        interval_promise=interval_promise,
        by_order_count=tuple(
            calibration_by_order_count(tuples.repeat_count + 1, forecast, actual, weight)
        ),
        by_decile=tuple(calibration_by_decile(forecast, actual, weight)),
        recency_gain=recency_gain,
    )
