"""Gamma-Gamma model of order value: what a customer spends per order.

Fader & Hardie (2013), "The Gamma-Gamma model of monetary value"; Fader, Hardie & Lee (2005), "RFM
and CLV". The value of an order is gamma(p, ν) within a customer and ν is gamma(q, γ) over
customers; it does not depend on how often the customer orders. Fitted on all orders or on repeat
orders, whichever the tuples hold.

Where the model cannot be fitted, `plain_mean` gives what to use in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from orchestration.estimators.fit_outcome import (
    DEFAULT_RULE,
    FitResult,
    InsufficientData,
    InsufficientReason,
    SufficiencyRule,
    refuse_unless_positive,
)
from orchestration.estimators.maximum_likelihood import fit_result, minimise
from orchestration.estimators.purchase_tuples import FloatArray, SpendTuples, weighted_sum

PARAM_NAMES = ("p", "q", "gamma")
# gamma is relative to the geometric mean of the values.
_BOUNDS = np.log([[1e-3, 1e4], [1e-3, 1e4], [1e-8, 1e8]])
# At the upper ends of p and q a customer's orders, or customers, are all alike: limits in which
# the estimates stay sound.
_SOUND_LIMITS = np.array([[False, True], [False, True], [False, False]])
# (p, q) to begin with; gamma follows from the mean.
_STARTS = ((3.0, 3.0), (0.7, 2.0), (30.0, 5.0))
# Spread of the logarithm of customers' means below which all values are the same number.
_NO_SPREAD = 1e-9


@dataclass(frozen=True, slots=True)
class GammaGammaParams:
    """Fitted parameters.

    Attributes:
        p: shape of order values within a customer.
        q: shape of their scale over customers; above 1, or customers would have no mean.
        gamma: inverse scale of that scale, in the currency of the values.

    Raises:
        ValueError: a parameter is not a finite number above 0.
    """

    p: float
    q: float
    gamma: float

    def __post_init__(self) -> None:
        """Refuse what no fit can have given."""
        refuse_unless_positive(self, PARAM_NAMES)

    @property
    def population_mean(self) -> float | None:
        """Mean order value over all customers; None if q is not above 1, where there is none."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else None


@dataclass(frozen=True, slots=True)
class PlainMeanParams:
    """What stands in for the model: the customer's own mean, or everybody's.

    Attributes:
        pooled_mean: spend of all customers divided by their orders.
        uses_own_mean: whether the customer's own mean is expected to last.
    """

    pooled_mean: float
    uses_own_mean: bool


class _Likelihood:
    """Log-likelihood with its gradient, each special function once per distinct order count."""

    def __init__(self, tuples: SpendTuples, scale: float) -> None:
        weight = tuples.customer_count
        log_mean = np.log(tuples.mean_order_value / scale)
        self._weight = weight
        self._orders, self._of_orders = np.unique(tuples.order_count, return_inverse=True)
        self._customers_by_orders = np.bincount(self._of_orders, weight)
        self._customers = weight.sum()
        self._total = tuples.order_count * (tuples.mean_order_value / scale)
        self._log_mean_sum = weighted_sum(weight, log_mean)
        self._order_log_sum = weighted_sum(
            weight, tuples.order_count * (log_mean + np.log(tuples.order_count))
        )

    def __call__(self, p: float, q: float, gamma: float) -> tuple[float, FloatArray]:
        """Sum over customers, and its derivatives by p, q and gamma, shape (3,)."""
        log_rate = np.log(gamma + self._total)
        log_rate_by_orders = np.bincount(self._of_orders, self._weight * log_rate)
        inverse_by_orders = np.bincount(self._of_orders, self._weight / (gamma + self._total))
        within = p * self._orders
        value = (
            weighted_sum(
                self._customers_by_orders, gammaln(within + q) - gammaln(within) - gammaln(q)
            )
            + self._customers * q * np.log(gamma)
            + p * self._order_log_sum
            - self._log_mean_sum
            - weighted_sum(within + q, log_rate_by_orders)
        )
        gradient = np.array(
            [
                weighted_sum(
                    self._customers_by_orders * self._orders, digamma(within + q) - digamma(within)
                )
                + self._order_log_sum
                - weighted_sum(self._orders, log_rate_by_orders),
                weighted_sum(self._customers_by_orders, digamma(within + q) - digamma(q))
                + self._customers * np.log(gamma)
                - log_rate_by_orders.sum(),
                self._customers * q / gamma - weighted_sum(within + q, inverse_by_orders),
            ]
        )
        return float(value), gradient


def log_likelihood(tuples: SpendTuples, params: GammaGammaParams) -> float:
    """Log density of the mean order values given the counts, summed over customers.

    Raises:
        ValueError: a mean order value is 0, where the density is none.
    """
    return log_likelihood_gradient(tuples, params)[0]


def log_likelihood_gradient(
    tuples: SpendTuples, params: GammaGammaParams
) -> tuple[float, FloatArray]:
    """Log-likelihood and its derivatives by (p, q, gamma), shape (3,).

    Raises:
        ValueError: a mean order value is 0, where the density is none.
    """
    if np.any(tuples.mean_order_value == 0):
        raise ValueError("SpendTuples: mean_order_value must be above 0 for a likelihood")
    return _Likelihood(tuples, 1.0)(params.p, params.q, params.gamma)


def log_likelihood_function(tuples: SpendTuples) -> Callable[[GammaGammaParams], float]:
    """The log-likelihood of these tuples as a function, for many parameters in turn.

    Tuples with a mean of 0 are left out, as in a fit.
    """
    likelihood = _Likelihood(_with_value(tuples), 1.0)
    return lambda params: likelihood(params.p, params.q, params.gamma)[0]


def _with_value(tuples: SpendTuples) -> SpendTuples:
    positive = tuples.mean_order_value > 0
    return SpendTuples(
        tuples.order_count[positive],
        tuples.mean_order_value[positive],
        tuples.customer_count[positive],
    )


def fit(
    tuples: SpendTuples, rule: SufficiencyRule = DEFAULT_RULE
) -> FitResult[GammaGammaParams] | InsufficientData[GammaGammaParams]:
    """Fit to weighted tuples.

    Args:
        tuples: order values. Tuples with a mean of 0 are left out: a gamma density has no 0.
        rule: when data are too few; only its number of customers with a second order counts,
            without whom spread within and between customers cannot be told apart.

    Returns:
        The fit, with q above 1, or why there is none; then see `plain_mean`. A `p` or `q` at its
        upper bound is no refusal: it is the limit in which customers' orders, or customers, are
        all alike. It has no standard error then.
    """
    used = _with_value(tuples)
    if not len(used):
        return InsufficientData(InsufficientReason.NO_CUSTOMERS, "no order has a value")
    weight = used.customer_count
    customers = float(weight.sum())
    repeaters = float(weight[used.order_count > 1].sum())
    if repeaters == 0 or repeaters < rule.minimum_repeat_customers:
        return InsufficientData(
            InsufficientReason.TOO_FEW_REPEAT_CUSTOMERS,
            f"{repeaters:g} customers have a second order of some value, "
            f"{rule.minimum_repeat_customers:g} are needed",
        )
    log_value = np.log(used.mean_order_value)
    if np.ptp(log_value) < _NO_SPREAD:
        return InsufficientData(
            InsufficientReason.IDENTICAL_VALUES, "all customers spend the same per order"
        )

    scale = float(np.exp(weighted_sum(weight, log_value) / customers))
    likelihood = _Likelihood(used, scale)

    def objective(log_params: FloatArray) -> tuple[float, FloatArray]:
        params = np.exp(log_params)
        value, gradient = likelihood(*params)
        return -value / customers, -gradient * params / customers

    starts = [np.log([p, q, (q - 1) / p]) for p, q in _STARTS]
    optimum = minimise(objective, starts, _BOUNDS, _SOUND_LIMITS)

    estimates = np.exp(optimum.log_params) * np.array([1.0, 1.0, scale])
    params = GammaGammaParams(*estimates.tolist())
    result = fit_result(
        params,
        dict(zip(PARAM_NAMES, estimates.tolist(), strict=True)),
        optimum,
        # A density of values, so it has the inverse unit of the values once per customer.
        log_likelihood=likelihood(*np.exp(optimum.log_params))[0] - customers * np.log(scale),
        tuple_count=len(used),
        customer_count=customers,
    )
    if not result.converged:
        return InsufficientData(InsufficientReason.NOT_CONVERGED, result.message, result)
    if params.q <= 1:
        return InsufficientData(
            InsufficientReason.NO_FINITE_MEAN,
            "spend differs so much between customers that it has no mean (q is not above 1)",
            result,
        )
    return result


def plain_mean(tuples: SpendTuples, refusal: InsufficientData[GammaGammaParams]) -> PlainMeanParams:
    """What to expect where the model was refused.

    Everybody's mean per order, since without a model nothing says how much of a customer's own
    mean is chance. Only where the refusal is that customers differ beyond any mean (q ≤ 1), the
    customer's own mean: the limit of the model as q falls to 1. Without orders it is 0.
    """
    orders = tuples.customer_count * tuples.order_count
    total = float(orders.sum())
    pooled = weighted_sum(orders, tuples.mean_order_value) / total if total > 0 else 0.0
    return PlainMeanParams(pooled, refusal.reason is InsufficientReason.NO_FINITE_MEAN)


def expected_order_value(
    tuples: SpendTuples, params: GammaGammaParams | PlainMeanParams
) -> FloatArray:
    """Expected value of a customer's next orders, shape (tuples,), in the values' currency.

    Pulls the customer's mean towards that of all, less so the more orders it stands on (Fader &
    Hardie 2013, eq. 5).

    Raises:
        ValueError: q is not above 1, where there is no mean to pull to.
    """
    if isinstance(params, PlainMeanParams):
        if params.uses_own_mean:
            return tuples.mean_order_value.copy()
        return np.full(len(tuples), params.pooled_mean)
    if params.population_mean is None:
        raise ValueError("GammaGammaParams: q must be above 1 for an expected value")
    within = params.p * tuples.order_count
    own_weight = within / (within + params.q - 1)
    # Of the other weight, the population mean's q - 1 is cancelled: it may be very near 0.
    pull = params.p * params.gamma / (within + params.q - 1)
    return own_weight * tuples.mean_order_value + pull
