"""Scores per tuple: the columns that predictions are made of.

Tuples go in and come out in the same order; nothing is summed over customers and no spend is
multiplied in here. The formulas are in the models' modules.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from orchestration.estimators.fit_outcome import FitResult
from orchestration.estimators.gamma_gamma import (
    GammaGammaParams,
    PlainMeanParams,
    expected_order_value,
)
from orchestration.estimators.next_order import next_order_days
from orchestration.estimators.order_counts import check_level, order_count_interval
from orchestration.estimators.order_value_interval import order_value_factors
from orchestration.estimators.parameter_uncertainty import LogDensity, parameter_interval
from orchestration.estimators.purchase_outlook import (
    PurchaseParams,
    expected_orders_by_horizon,
    p_active,
    p_alive,
)
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples, SpendTuples

DEFAULT_HORIZONS_DAYS = (30, 90, 365)
# Just above 1, below which customers have no mean: where points around a fit end up.
_LEAST_Q = 1 + 1e-9


def score_purchase_tuples(
    tuples: PurchaseTuples,
    params: PurchaseParams,
    horizons_days: Sequence[int] = DEFAULT_HORIZONS_DAYS,
    *,
    annual_discount_rate: float,
) -> dict[str, FloatArray]:
    """Score order histories.

    Args:
        tuples: order histories in days, as many as n.
        params: of any purchase model, with its scales in days.
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


def score_outcomes(
    tuples: PurchaseTuples, params: PurchaseParams, horizon_days: int, coverage: float
) -> dict[str, FloatArray]:
    """What one customer may do: prediction intervals of orders, and when the next one comes.

    Returns:
        Columns of shape (n,): `orders_{h}_days_prediction_lower` and `_upper`, whole and both
        included; `next_order_days_lower`, `_median` and `_upper`, inf where that chance of an
        order is never reached (null in tables). The window of the next order has `coverage` too.

    Raises:
        ValueError: the horizon is negative, or the coverage is not within (0, 1).
    """
    lower, upper = order_count_interval(tuples, params, horizon_days, coverage)
    tail = (1 - coverage) / 2
    early, median, late = next_order_days(tuples, params, (tail, 0.5, 1 - tail))
    return {
        f"orders_{horizon_days}_days_prediction_lower": lower,
        f"orders_{horizon_days}_days_prediction_upper": upper,
        "next_order_days_lower": early,
        "next_order_days_median": median,
        "next_order_days_upper": late,
    }


def score_value_outcomes(
    tuples: PurchaseTuples,
    params: PurchaseParams,
    spend_params: GammaGammaParams,
    horizon_days: int,
    coverage: float,
    *,
    annual_discount_rate: float,
) -> tuple[dict[str, FloatArray], float]:
    """What one customer may spend, as factors of γ + order count · mean order value.

    Returns:
        Columns `value_{h}_days_prediction_lower_factor` and `_upper_factor` of shape (n,), and the
        measured error of their chances; see `order_value_interval`.

    Raises:
        ValueError: the horizon or the rate is negative, or the coverage is not within (0, 1).
    """
    check_level(coverage)
    tail = (1 - coverage) / 2
    told = order_value_factors(
        tuples, params, spend_params, horizon_days, (tail, 1 - tail), annual_discount_rate
    )
    lower, upper = told.factors
    columns = {
        f"value_{horizon_days}_days_prediction_lower_factor": lower,
        f"value_{horizon_days}_days_prediction_upper_factor": upper,
    }
    return columns, told.chance_error


def score_parameter_intervals(
    tuples: PurchaseTuples,
    fit: FitResult[PurchaseParams],
    horizon_days: int,
    coverage: float,
    log_density: LogDensity[PurchaseParams] | None = None,
) -> tuple[dict[str, FloatArray], str, float | None]:
    """How sure expected orders are of the parameters.

    Args:
        tuples: order histories to score.
        fit: the fit in use.
        horizon_days: horizon.
        coverage: of the interval.
        log_density: see `purchase_models.log_posterior`; of the tuples that were fitted.

    Returns:
        Columns `expected_orders_{h}_days_parameter_lower`, `_upper` and `_log_standard_error` of
        shape (n,), the method, and the effective sample size if points were sampled.

    Raises:
        ValueError: the horizon is negative, or the coverage is not within (0, 1).
    """
    told = parameter_interval(
        fit,
        lambda params: expected_orders_by_horizon(tuples, params, [horizon_days])[0][0],
        coverage,
        log_density,
    )
    name = f"expected_orders_{horizon_days}_days_parameter"
    columns = {
        f"{name}_lower": told.lower,
        f"{name}_upper": told.upper,
        f"{name}_log_standard_error": told.log_standard_error,
    }
    return columns, told.method, told.effective_sample_size


def score_spend_parameter_intervals(
    tuples: SpendTuples,
    fit: FitResult[GammaGammaParams],
    coverage: float,
    log_density: LogDensity[GammaGammaParams] | None = None,
) -> tuple[dict[str, FloatArray], str, float | None]:
    """How sure expected order values are of the parameters.

    Args:
        tuples: order values to score.
        fit: the fit in use.
        coverage: of the interval.
        log_density: see `gamma_gamma.log_likelihood_function`; of the tuples that were fitted.

    Returns:
        Columns `expected_order_value_parameter_lower`, `_upper` and `_log_standard_error` of shape
        (n,), the method, and the effective sample size if points were sampled. The interval of a
        value is `parameter_uncertainty.product_interval` of both log standard errors.

    Raises:
        ValueError: the coverage is not within (0, 1).
    """

    def value(params: GammaGammaParams) -> FloatArray:
        return expected_order_value(tuples, replace(params, q=max(params.q, _LEAST_Q)))

    def density(params: GammaGammaParams) -> float:
        # A fit with q not above 1 would have been refused, so it is no possibility either.
        return log_density(params) if log_density and params.q > 1 else -math.inf

    told = parameter_interval(fit, value, coverage, density if log_density else None)
    columns = {
        "expected_order_value_parameter_lower": told.lower,
        "expected_order_value_parameter_upper": told.upper,
        "expected_order_value_parameter_log_standard_error": told.log_standard_error,
    }
    return columns, told.method, told.effective_sample_size
