"""Whether the day of the last order says anything: it must, or no model can tell who has left.

Two statistics, one without and one with a holdout. Both are near 0 or below where orders stand on
wrong days (an import date, days shuffled between orders), and clearly above 0 in shops where
customers do drop out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.estimators.pareto_nbd import ParetoNbdParams
from orchestration.estimators.purchase_outlook import PurchaseParams, p_alive
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples
from orchestration.estimators.time_quadrature import distinct_pairs

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(40)
_LEAST_CHANCE = 1e-300
_AGE_BANDS = 8
# Repeat counts are told apart up to here.
_LAST_REPEAT_STRATUM = 9


@dataclass(frozen=True, slots=True)
class InformationGain:
    """A mean over customers, and how sure it is.

    Attributes:
        gain: mean per customer.
        standard_error: of that mean; 0 if there is no spread.
        customer_count: customers it is taken over.
    """

    gain: float
    standard_error: float
    customer_count: float

    @property
    def is_shown(self) -> bool:
        """Whether the gain is above 0 by more than two standard errors."""
        return self.customer_count > 0 and self.gain > 2 * self.standard_error


def recency_likelihood_gain(tuples: PurchaseTuples, params: PurchaseParams) -> InformationGain:
    """Log-likelihood ratio of the last order's day against chance, per repeat customer.

    Given x repeat orders by age T, orders at random without dropout put the last one at T · u with
    density x·u^(x-1). The model's likelihood in t_x is that times 1/P(alive), up to a factor that
    only x and T decide. So the ratio of both densities at t_x is 1/P(alive) over its mean.
    """
    repeating = np.flatnonzero(tuples.repeat_count > 0)
    if not repeating.size:
        return InformationGain(0.0, 0.0, 0.0)
    some = _rows(tuples, repeating)
    repeat, age, of_pair = distinct_pairs(some.repeat_count, some.age_days)
    scale = min(params.alpha, params.beta) if isinstance(params, ParetoNbdParams) else params.alpha
    # Over w = log((scale + T·u)/scale), which spreads out the early days that dropouts end on.
    half = np.log1p(age / scale) / 2
    mean = np.zeros(repeat.size)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        w = half * (1 + node)
        share = np.minimum(scale * np.expm1(w) / age, 1.0)
        last = np.maximum(share * age, 1e-300)
        then = PurchaseTuples(repeat, np.minimum(last, age), age, np.ones(repeat.size))
        density = repeat * share ** (repeat - 1) * scale * np.exp(w) / age
        mean += weight * half * density / np.maximum(p_alive(then, params), _LEAST_CHANCE)
    gain = -np.log(np.maximum(p_alive(some, params), _LEAST_CHANCE)) - np.log(mean)[of_pair]
    return _mean_gain(gain, some.customer_count)


def recency_holdout_gain(
    tuples: PurchaseTuples, p_active: FloatArray, was_active: FloatArray
) -> InformationGain:
    """By how much the squared error of P(active) grows if the last order's day is forgotten.

    Forgotten, a customer gets the mean chance of those with as many orders and about the same age.

    Args:
        tuples: as of the start of the holdout.
        p_active: chance of an order in the holdout, by the model, shape (tuples,).
        was_active: 1 for customers with an order in the holdout, else 0.
    """
    if not len(tuples):
        return InformationGain(0.0, 0.0, 0.0)
    weight = tuples.customer_count
    _, of_age = np.unique(tuples.age_days, return_inverse=True)
    customers = np.bincount(of_age, weight)
    middle = (np.cumsum(customers) - customers / 2) / customers.sum()
    band = np.minimum((middle * _AGE_BANDS).astype(int), _AGE_BANDS - 1)[of_age]
    stratum = band + _AGE_BANDS * np.minimum(tuples.repeat_count, _LAST_REPEAT_STRATUM).astype(int)
    mean = np.bincount(stratum, weight * p_active) / np.maximum(
        np.bincount(stratum, weight), _LEAST_CHANCE
    )
    gain = (mean[stratum] - was_active) ** 2 - (p_active - was_active) ** 2
    # One-time buyers have no other recency than their age.
    repeating = tuples.repeat_count > 0
    if not repeating.any():
        return InformationGain(0.0, 0.0, 0.0)
    return _mean_gain(gain[repeating], weight[repeating])


def _mean_gain(gain: FloatArray, weight: FloatArray) -> InformationGain:
    customers = float(weight.sum())
    mean = float((weight * gain).sum() / customers)
    variance = float((weight * (gain - mean) ** 2).sum() / customers)
    return InformationGain(mean, float(np.sqrt(variance / customers)), customers)


def _rows(tuples: PurchaseTuples, rows: np.ndarray) -> PurchaseTuples:
    return PurchaseTuples(
        tuples.repeat_count[rows],
        tuples.first_to_last_days[rows],
        tuples.age_days[rows],
        tuples.customer_count[rows],
    )
