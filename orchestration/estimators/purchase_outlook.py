"""The future by whichever purchase model the parameters are of; the formulas are in the models'.

Functions of tuples answer per tuple. Those of a customer who is alive depend on the repeat orders
and the age alone, so they are asked of rows of these two: there are far fewer than tuples.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import TypeAlias

from orchestration.estimators import beta_geometric_outlook, pareto_nbd_outlook
from orchestration.estimators.beta_geometric import BetaGeometricParams
from orchestration.estimators.pareto_nbd import ParetoNbdParams
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples

PurchaseParams: TypeAlias = BetaGeometricParams | ParetoNbdParams


def _outlook(params: PurchaseParams) -> ModuleType:
    return pareto_nbd_outlook if isinstance(params, ParetoNbdParams) else beta_geometric_outlook


def p_alive(tuples: PurchaseTuples, params: PurchaseParams) -> FloatArray:
    """Chance that the customer has not dropped out by the as-of day, shape (tuples,)."""
    return _outlook(params).p_alive(tuples, params)


def p_active(tuples: PurchaseTuples, params: PurchaseParams, horizon_days: float) -> FloatArray:
    """Chance of at least one order within the horizon, shape (tuples,).

    Raises:
        ValueError: the horizon is negative or not finite.
    """
    return _outlook(params).p_active(tuples, params, horizon_days)


def expected_orders_by_horizon(
    tuples: PurchaseTuples,
    params: PurchaseParams,
    horizons_days: Sequence[float],
    annual_discount_rate: float = 0.0,
) -> tuple[FloatArray, FloatArray]:
    """Expected orders within each horizon, plain and discounted, both (horizons, tuples).

    Raises:
        ValueError: a horizon is negative or not finite, or the rate is below 0 or not finite.
    """
    return _outlook(params).expected_orders_by_horizon(
        tuples, params, horizons_days, annual_discount_rate
    )


def p_more_orders(
    repeat_count: FloatArray,
    age_days: FloatArray,
    params: PurchaseParams,
    horizon_days: float,
    count: FloatArray,
) -> FloatArray:
    """Chance of more than `count` order days within the horizon, of a customer who is alive.

    All arrays of shape (rows,).
    """
    return _outlook(params).p_more_orders(repeat_count, age_days, params, horizon_days, count)


def days_until_order(
    repeat_count: FloatArray,
    age_days: FloatArray,
    params: PurchaseParams,
    chance: FloatArray,
    longest_days: float,
) -> FloatArray:
    """Days by which a customer who is alive has ordered with this chance; inf beyond the longest.

    All arrays of shape (rows,).
    """
    return _outlook(params).days_until_order(repeat_count, age_days, params, chance, longest_days)
