"""The purchase models by name: the default first, then its challengers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple
from typing import TypeAlias

import numpy as np

from orchestration.estimators import beta_geometric, bg_nbd, mbg_nbd, pareto_nbd
from orchestration.estimators.fit_outcome import (
    DEFAULT_RULE,
    FitResult,
    InsufficientData,
    SufficiencyRule,
)
from orchestration.estimators.pareto_nbd import ParetoNbdParams
from orchestration.estimators.purchase_outlook import PurchaseParams
from orchestration.estimators.purchase_tuples import PurchaseTuples

DEFAULT_MODEL = "mbg_nbd"
_MODELS = {DEFAULT_MODEL: mbg_nbd, "bg_nbd": bg_nbd, "pareto_nbd": pareto_nbd}
MODEL_NAMES = tuple(_MODELS)

PurchaseFit: TypeAlias = FitResult[PurchaseParams] | InsufficientData[PurchaseParams]


def fit_purchase_model(
    name: str,
    tuples: PurchaseTuples,
    *,
    with_prior: bool = True,
    rule: SufficiencyRule = DEFAULT_RULE,
) -> PurchaseFit:
    """Fit one model.

    Raises:
        KeyError: there is no model of that name.
    """
    model = _MODELS[name]
    return model.fit(tuples, model.DEFAULT_PRIOR if with_prior else None, rule)


def fit_purchase_models(
    tuples: PurchaseTuples, *, with_prior: bool = True, rule: SufficiencyRule = DEFAULT_RULE
) -> dict[str, PurchaseFit]:
    """Fit all of them, the default first."""
    return {
        name: fit_purchase_model(name, tuples, with_prior=with_prior, rule=rule)
        for name in MODEL_NAMES
    }


def log_posterior(
    tuples: PurchaseTuples, params: PurchaseParams, *, with_prior: bool = True
) -> Callable[[PurchaseParams], float]:
    """Log-likelihood, plus the log prior if there is one, of all parameters of that model.

    For `parameter_uncertainty.parameter_interval`.
    """
    if isinstance(params, ParetoNbdParams):
        likelihood = pareto_nbd.log_likelihood_function(tuples)
        prior = pareto_nbd.DEFAULT_PRIOR
    else:
        likelihood = beta_geometric.log_likelihood_function(tuples, type(params))
        prior = beta_geometric.DEFAULT_PRIOR
    if not with_prior:
        return likelihood
    return lambda at: likelihood(at) + prior.log_density(np.log(astuple(at)))[0]
