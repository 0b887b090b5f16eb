"""Forecasts without a model: what everybody's rule of thumb would say. A floor to be beaten.

They are always made and always published beside the models (Wübben & von Wangenheim 2008,
"Instant customer base analysis: managerial heuristics often get it right").
"""

from __future__ import annotations

import numpy as np

from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples
from orchestration.estimators.time_quadrature import check_horizon

OWN_RATE = "own_rate"
SAME_AS_LAST_WINDOW = "same_as_last_window"
# A rate over fewer days than these is none: one repeat order on the second day is not one a day.
SHORTEST_RATE_DAYS = 28.0


def own_rate_orders(tuples: PurchaseTuples, horizon_days: float) -> FloatArray:
    """The customer goes on at the average rate since the first order, shape (tuples,).

    Raises:
        ValueError: the horizon is negative or not finite.
    """
    check_horizon(horizon_days)
    return tuples.repeat_count / np.maximum(tuples.age_days, SHORTEST_RATE_DAYS) * horizon_days


def same_as_last_window_orders(last_window_count: FloatArray) -> FloatArray:
    """The coming horizon brings what the last of the same length brought, shape (tuples,).

    Args:
        last_window_count: order days in that window, the first order included; ≥ 0.
    """
    return np.asarray(last_window_count, dtype=float).copy()


def naive_p_active(expected_orders: FloatArray) -> FloatArray:
    """Chance of an order if orders came at random at that rate: 1 - e^-expected, (tuples,)."""
    return -np.expm1(-expected_orders)
