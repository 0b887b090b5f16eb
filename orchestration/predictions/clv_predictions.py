"""Fit on counted tuples, score tuples, and lay both out as tables.

Customers are never seen here: a tuple stands for all who share it, and SQL joins the scores back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.estimators import bg_nbd, gamma_gamma, mbg_nbd
from orchestration.estimators.beta_geometric import DEFAULT_PRIOR, BetaGeometricParams
from orchestration.estimators.fit_outcome import FitResult, InsufficientData
from orchestration.estimators.gamma_gamma import GammaGammaParams
from orchestration.estimators.lifetime_value import score_purchase_tuples, score_spend_tuples
from orchestration.estimators.purchase_tuples import PurchaseTuples, SpendTuples
from orchestration.settings.settings_model import Settings

ORDER_KEY = ("repeat_count", "first_to_last_days", "age_days")
SPEND_KEY = ("order_count", "mean_order_value")
_ORDER_MODELS = {"mbg_nbd": mbg_nbd.fit, "bg_nbd": bg_nbd.fit}
_ORDER_SCORES = (
    "p_alive",
    "p_active_30_days",
    "p_active_90_days",
    "p_active_365_days",
    "expected_orders_30_days",
    "expected_orders_90_days",
    "expected_orders_365_days",
    "discounted_expected_orders_365_days",
)
_RUN_SCHEMA = pa.schema(
    [
        ("model_name", pa.string()),
        ("purpose", pa.string()),
        ("is_champion", pa.bool_()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("fit_date", pa.date32()),
        ("customer_count", pa.int64()),
        ("tuple_count", pa.int64()),
        ("log_likelihood", pa.float64()),
        ("is_converged", pa.bool_()),
        ("data_first_date", pa.date32()),
        ("data_last_date", pa.date32()),
    ]
)
_PARAMETER_SCHEMA = pa.schema(
    [
        ("model_name", pa.string()),
        ("purpose", pa.string()),
        ("parameter", pa.string()),
        ("value", pa.float64()),
        ("standard_error", pa.float64()),
    ]
)

OrderFit = FitResult[BetaGeometricParams] | InsufficientData[BetaGeometricParams]
SpendFit = FitResult[GammaGammaParams] | InsufficientData[GammaGammaParams]


@dataclass(frozen=True, slots=True)
class CountedTuples:
    """What SQL counted: to fit on (as of the fit day), and to score (as of the run's day)."""

    fit_orders: pa.Table
    fit_spend: pa.Table
    score_orders: pa.Table
    score_spend: pa.Table


@dataclass(frozen=True, slots=True)
class ClvPredictions:
    """The four tables of schema `predictions`, and the two fits they come from."""

    order_scores: pa.Table
    spend_scores: pa.Table
    model_runs: pa.Table
    model_parameters: pa.Table
    order_fit: OrderFit
    spend_fit: SpendFit

    def tables(self) -> dict[str, pa.Table]:
        """By table name."""
        return {
            "clv_order_scores": self.order_scores,
            "clv_spend_scores": self.spend_scores,
            "clv_model_runs": self.model_runs,
            "clv_model_parameters": self.model_parameters,
        }


def predict_clv(counted: CountedTuples, settings: Settings, fit_date: dt.date) -> ClvPredictions:
    """Fit both models and score all tuples.

    Where data are insufficient for the order model its scores are an empty table: the slice then
    says `insufficient_data`. Where they are for the spend model, the mean stands in for it.

    Args:
        counted: tuples by relation.
        settings: which model, which prior, the discount rate.
        fit_date: the day that the fit tuples were counted as of.
    """
    fit_orders, fit_spend = _purchases(counted.fit_orders), _spend(counted.fit_spend)
    prior = DEFAULT_PRIOR if settings.clv_prior == "weak" else None
    order_fit: OrderFit = _ORDER_MODELS[settings.clv_model](fit_orders, prior)
    spend_fit: SpendFit = gamma_gamma.fit(fit_spend)
    runs = [
        _run(settings.clv_model, "orders", order_fit, fit_date, fit_orders),
        _run("gamma_gamma", "spend", spend_fit, fit_date, fit_orders),
    ]
    parameters = [
        *_parameters(settings.clv_model, "orders", order_fit),
        *_parameters("gamma_gamma", "spend", spend_fit),
    ]
    return ClvPredictions(
        order_scores=_score_orders(counted.score_orders, order_fit, settings),
        spend_scores=_score_spend(counted.score_spend, fit_spend, spend_fit),
        model_runs=pa.Table.from_pylist(runs, _RUN_SCHEMA),
        model_parameters=pa.Table.from_pylist(parameters, _PARAMETER_SCHEMA),
        order_fit=order_fit,
        spend_fit=spend_fit,
    )


def _numbers(table: pa.Table, name: str) -> np.ndarray:
    return table.column(name).cast(pa.float64()).to_numpy()


def _purchases(table: pa.Table) -> PurchaseTuples:
    return PurchaseTuples(*(_numbers(table, name) for name in (*ORDER_KEY, "customer_count")))


def _spend(table: pa.Table) -> SpendTuples:
    return SpendTuples(*(_numbers(table, name) for name in (*SPEND_KEY, "customer_count")))


def _score_orders(table: pa.Table, order_fit: OrderFit, settings: Settings) -> pa.Table:
    if isinstance(order_fit, InsufficientData):
        table, scores = table.slice(0, 0), {name: np.empty(0) for name in _ORDER_SCORES}
    else:
        scores = score_purchase_tuples(
            _purchases(table),
            order_fit.params,
            annual_discount_rate=settings.annual_discount_rate,
        )
    return _joined(table, ORDER_KEY, scores, _ORDER_SCORES, settings.clv_model)


def _score_spend(table: pa.Table, fit_spend: SpendTuples, spend_fit: SpendFit) -> pa.Table:
    column = "expected_order_value"
    if isinstance(spend_fit, FitResult):
        name, scores = "gamma_gamma", score_spend_tuples(_spend(table), spend_fit.params)
    elif len(fit_spend):
        mean = gamma_gamma.plain_mean(fit_spend, spend_fit)
        name, scores = "plain_mean", score_spend_tuples(_spend(table), mean)
    else:
        table, name, scores = table.slice(0, 0), "plain_mean", {column: np.empty(0)}
    return _joined(table, SPEND_KEY, scores, (column,), name)


def _joined(
    table: pa.Table,
    key: tuple[str, ...],
    scores: dict[str, np.ndarray],
    names: tuple[str, ...],
    model_name: str,
) -> pa.Table:
    joined = table.select(key)
    for name in names:
        joined = joined.append_column(name, pa.array(scores[name], pa.float64()))
    return joined.append_column("model_name", pa.array([model_name] * table.num_rows, pa.string()))


def _run(
    model_name: str,
    purpose: str,
    fit: OrderFit | SpendFit,
    fit_date: dt.date,
    orders: PurchaseTuples,
) -> dict[str, object]:
    refused = isinstance(fit, InsufficientData)
    reached = fit.rejected_fit if isinstance(fit, InsufficientData) else fit
    has_orders = len(orders) > 0
    first_age = int(orders.age_days.max()) if has_orders else 0
    last_age = int((orders.age_days - orders.first_to_last_days).min()) if has_orders else 0
    return {
        "model_name": model_name,
        "purpose": purpose,
        "is_champion": True,
        "status": "insufficient_data" if refused else "fitted",
        "reason": fit.detail if isinstance(fit, InsufficientData) else None,
        "fit_date": fit_date,
        "customer_count": int(reached.customer_count) if reached else None,
        "tuple_count": reached.tuple_count if reached else None,
        "log_likelihood": reached.log_likelihood if reached else None,
        "is_converged": reached.converged if reached else None,
        "data_first_date": fit_date - dt.timedelta(days=first_age) if has_orders else None,
        "data_last_date": fit_date - dt.timedelta(days=last_age) if has_orders else None,
    }


def _parameters(model_name: str, purpose: str, fit: OrderFit | SpendFit) -> list[dict[str, object]]:
    if isinstance(fit, InsufficientData):
        return []
    return [
        {
            "model_name": model_name,
            "purpose": purpose,
            "parameter": name,
            "value": float(getattr(fit.params, name)),
            "standard_error": fit.standard_errors.get(name),
        }
        for name in type(fit.params).__dataclass_fields__
    ]
