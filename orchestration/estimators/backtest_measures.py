"""How well forecasts met what came: totals, errors, ranking, calibration, coverage.

Everything is weighted: a row stands for `weight` customers with one forecast and one outcome.
Customers with equal forecasts are one group throughout, so that no measure depends on the order of
the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.estimators.purchase_tuples import FloatArray, weighted_sum

DECILES = 10
# Lower ends of the strata of orders so far, by which calibration is told.
ORDER_COUNT_STRATA = (1, 2, 3, 5, 10)


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """One stratum: what was forecast of it and what came.

    Attributes:
        stratum: `1`, `2`, `3-4`, ..., `10+` orders, or `1` (lowest) to `10` for deciles.
        customer_count: customers in it.
        forecast_mean: mean forecast per customer.
        actual_mean: mean outcome per customer.
    """

    stratum: str
    customer_count: float
    forecast_mean: float
    actual_mean: float


def weighted_total(values: FloatArray, weight: FloatArray) -> float:
    """Sum over customers."""
    return weighted_sum(weight, np.asarray(values, dtype=float))


def forecast_to_actual(
    forecast: FloatArray, actual: FloatArray, weight: FloatArray
) -> float | None:
    """Total forecast divided by total outcome; None where nothing came."""
    total = weighted_total(actual, weight)
    return weighted_total(forecast, weight) / total if total > 0 else None


def mean_absolute_error(
    forecast: FloatArray, actual: FloatArray, weight: FloatArray
) -> float | None:
    """Mean over customers of |forecast - outcome|; None without customers."""
    return _mean(np.abs(forecast - actual), weight)


def brier_score(chance: FloatArray, happened: FloatArray, weight: FloatArray) -> float | None:
    """Mean squared difference of a chance and what happened (0 or 1); None without customers."""
    return _mean((chance - happened) ** 2, weight)


def interval_coverage(
    lower: FloatArray, upper: FloatArray, actual: FloatArray, weight: FloatArray
) -> float | None:
    """Share of customers whose outcome lies within, both ends included; None without customers."""
    return _mean(((actual >= lower) & (actual <= upper)).astype(float), weight)


def normalised_gini(forecast: FloatArray, actual: FloatArray, weight: FloatArray) -> float | None:
    """How well the forecast ranks customers: 1 as the outcome itself, 0 as chance does.

    Area between the concentration curve of the outcome, customers sorted by forecast, and the
    diagonal, divided by the same with customers sorted by outcome. Ties are a straight piece of
    the curve. None where all outcomes are the same: then there is nothing to rank.
    """
    best = _concentration(actual, actual, weight)
    if best is None or best <= 0:
        return None
    reached = _concentration(forecast, actual, weight)
    return None if reached is None else reached / best


def _concentration(order_by: FloatArray, actual: FloatArray, weight: FloatArray) -> float | None:
    total = weighted_total(actual, weight)
    if not total > 0:
        return None
    _, of_group = np.unique(order_by, return_inverse=True)
    # Highest first.
    customers = np.bincount(of_group, weight)[::-1]
    outcome = np.bincount(of_group, weight * actual)[::-1]
    share = customers / customers.sum()
    cumulated = np.cumsum(outcome) / total
    before = np.concatenate([[0.0], cumulated[:-1]])
    # All of one group have no area, to the last digit and not just about.
    return float((share * (before + cumulated)).sum() - 1) if share.size > 1 else 0.0


def calibration_by_order_count(
    order_count: FloatArray, forecast: FloatArray, actual: FloatArray, weight: FloatArray
) -> list[CalibrationRow]:
    """Forecast and outcome by orders so far, the first included; strata without customers left out.

    Args:
        order_count: order days so far, ≥ 1, shape (rows,).
        forecast: what was forecast.
        actual: what came.
        weight: customers per row.
    """
    stratum = np.searchsorted(ORDER_COUNT_STRATA, order_count, side="right") - 1
    names = []
    for low, after in zip(ORDER_COUNT_STRATA, (*ORDER_COUNT_STRATA[1:], None), strict=True):
        last = None if after is None else after - 1
        names.append(f"{low}+" if last is None else f"{low}" if last == low else f"{low}-{last}")
    return _calibration(stratum, names, forecast, actual, weight)


def calibration_by_decile(
    forecast: FloatArray, actual: FloatArray, weight: FloatArray
) -> list[CalibrationRow]:
    """Forecast and outcome by tenths of the customers, the lowest forecasts first.

    Equal forecasts share the tenth that the middle of their ranks falls into, so tenths may differ
    in size or be missing.
    """
    _, of_group = np.unique(forecast, return_inverse=True)
    customers = np.bincount(of_group, weight)
    middle = (np.cumsum(customers) - customers / 2) / max(customers.sum(), 1e-300)
    decile = np.minimum((middle * DECILES).astype(int), DECILES - 1)[of_group]
    names = [str(number + 1) for number in range(DECILES)]
    return _calibration(decile, names, forecast, actual, weight)


def _calibration(
    stratum: np.ndarray,
    names: list[str],
    forecast: FloatArray,
    actual: FloatArray,
    weight: FloatArray,
) -> list[CalibrationRow]:
    rows = []
    for index, name in enumerate(names):
        members = stratum == index
        customers = float(weight[members].sum())
        if customers > 0:
            rows.append(
                CalibrationRow(
                    name,
                    customers,
                    weighted_total(forecast[members], weight[members]) / customers,
                    weighted_total(actual[members], weight[members]) / customers,
                )
            )
    return rows


def _mean(values: FloatArray, weight: FloatArray) -> float | None:
    customers = float(np.sum(weight))
    return weighted_total(values, weight) / customers if customers > 0 else None
