"""Scores per tuple: the columns that predictions are made of.

Tuples go in and come out in the same order; nothing is summed over customers and no spend is
multiplied in here. The formulas are in the models' modules.
"""

from __future__ import annotations

from collections.abc import Sequence

from orchestration.estimators.beta_geometric import BetaGeometricParams
from orchestration.estimators.beta_geometric_outlook import (
    expected_orders_by_horizon,
    p_active,
    p_alive,
)
from orchestration.estimators.gamma_gamma import (
    GammaGammaParams,
    PlainMeanParams,
    expected_order_value,
)
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples, SpendTuples

DEFAULT_HORIZONS_DAYS = (30, 90, 365)


def score_purchase_tuples(
    tuples: PurchaseTuples,
    params: BetaGeometricParams,
    horizons_days: Sequence[int] = DEFAULT_HORIZONS_DAYS,
    *,
    annual_discount_rate: float,
) -> dict[str, FloatArray]:
    """Score order histories.

    Args:
        tuples: order histories in days, as many as n.
        params: of MBG/NBD or BG/NBD, with alpha in days.
        horizons_days: horizons, at least one, each above 0 and once.
        annual_discount_rate: by which value a year ahead is worth less, 0.10 for ten per cent.

    Returns:
        Columns of shape (n,), all finite and not negative: `p_alive`, and for each horizon h
        `p_active_{h}_days` and `expected_orders_{h}_days`; for the longest horizon also
        `discounted_expected_orders_{h}_days`, with an order t days ahead counted as
        (1 + rate)^(-t/365), without steps.

    Raises:
        ValueError: no horizon, one not above 0 or given twice, or a rate below 0.
    """
    horizons = list(horizons_days)
    if not horizons or min(horizons) <= 0 or len(set(horizons)) < len(horizons):
        raise ValueError("horizons_days must be different numbers above 0, at least one")
    plain, discounted = expected_orders_by_horizon(tuples, params, horizons, annual_discount_rate)
    longest = max(range(len(horizons)), key=horizons.__getitem__)
    columns = {"p_alive": p_alive(tuples, params)}
    for horizon in horizons:
        columns[f"p_active_{horizon}_days"] = p_active(tuples, params, horizon)
    for horizon, orders in zip(horizons, plain, strict=True):
        columns[f"expected_orders_{horizon}_days"] = orders
    columns[f"discounted_expected_orders_{horizons[longest]}_days"] = discounted[longest]
    return columns


def score_spend_tuples(
    tuples: SpendTuples, params: GammaGammaParams | PlainMeanParams
) -> dict[str, FloatArray]:
    """Score order values: column `expected_order_value`, shape (n,), finite and not negative.

    Raises:
        ValueError: q is not above 1.
    """
    return {"expected_order_value": expected_order_value(tuples, params)}
