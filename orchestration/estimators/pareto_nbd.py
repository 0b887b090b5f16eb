"""Pareto/NBD: customers may drop out at any time, not only when they order. A challenger.

Schmittlein, Morrison & Colombo (1987), "Counting your customers: who are they and what will they
do next?", Management Science 33 (1); the likelihood as in Fader & Hardie (2005), "A note on
deriving the Pareto/NBD model and related expressions". Order rates are gamma(r, α) over customers,
dropout rates gamma(s, β). A customer's likelihood is Γ(r+x)/Γ(r) · α^r times

    (α+T)^-(r+x) · (β/(β+T))^s  +  ∫ (α+y)^-(r+x) · s·β^s·(β+y)^-(s+1) dy,    y from t_x to T:

alive at T, or dropped out in between. What follows from the parameters for the future is in
`orchestration.estimators.pareto_nbd_outlook`.
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
    refuse_too_little,
    refuse_unless_positive,
)
from orchestration.estimators.maximum_likelihood import fit_result, minimise
from orchestration.estimators.pareto_nbd_integral import dropout_integral
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples, weighted_sum
from orchestration.estimators.time_quadrature import distinct_pairs

PARAM_NAMES = ("r", "alpha", "s", "beta")
# alpha and beta are relative to the mean age of the customers.
_BOUNDS = np.log([[1e-4, 1e3], [1e-6, 1e6], [1e-4, 1e3], [1e-6, 1e6]])
# Ends that are limits of the model in which its predictions stay sound: all customers order at
# one rate (r), nobody drops out (s low, beta high), all drop out at one rate (s high).
_SOUND_LIMITS = np.array([[False, True], [False, False], [True, True], [False, True]])
# (r, s, beta) to begin with; alpha follows from the mean rate of ordering.
_STARTS = ((0.5, 0.5, 0.5), (0.25, 0.25, 0.1), (2.0, 2.0, 2.0))


@dataclass(frozen=True, slots=True)
class ParetoNbdParams:
    """Parameters of Pareto/NBD.

    Attributes:
        r: shape of the order rate over customers.
        alpha: inverse scale of the order rate, in the unit of the ages that were fitted.
        s: shape of the dropout rate over customers.
        beta: inverse scale of the dropout rate, in the same unit.

    Raises:
        ValueError: a parameter is not a finite number above 0.
    """

    r: float
    alpha: float
    s: float
    beta: float

    def __post_init__(self) -> None:
        """Refuse what no fit can have given."""
        refuse_unless_positive(self, PARAM_NAMES)


@dataclass(frozen=True, slots=True)
class ParetoNbdPrior:
    """A weak prior that knows no unit: r, s and β/α are log-normal, α is free.

    Without it s and β run off together wherever customers hardly differ in how they drop out.

    Attributes:
        shape_median: median of r and of s.
        shape_log_sd: standard deviation of log r and of log s.
        scale_ratio_log_sd: standard deviation of log(β/α), whose median is 0.
    """

    shape_median: float = 0.5
    shape_log_sd: float = 1.5
    scale_ratio_log_sd: float = 2.0

    def log_density(self, log_params: FloatArray) -> tuple[float, FloatArray]:
        """Log density up to a constant, and its gradient, at (log r, log α, log s, log β)."""
        log_r, log_alpha, log_s, log_beta = log_params
        middle = np.log(self.shape_median)
        r_score = (log_r - middle) / self.shape_log_sd
        s_score = (log_s - middle) / self.shape_log_sd
        ratio_score = (log_beta - log_alpha) / self.scale_ratio_log_sd
        ratio_slope = ratio_score / self.scale_ratio_log_sd
        gradient = np.array(
            [
                -r_score / self.shape_log_sd,
                ratio_slope,
                -s_score / self.shape_log_sd,
                -ratio_slope,
            ]
        )
        return float(-(r_score**2 + s_score**2 + ratio_score**2) / 2), gradient


DEFAULT_PRIOR = ParetoNbdPrior()


class _Likelihood:
    """Log-likelihood of tuples with its gradient.

    The integral from t_x to T is the one from t_x to the oldest age less the one from T. So it is
    taken once per distinct pair (x, t_x) and once per (x, T), of which there are far fewer than
    tuples. No digits of the sum are lost: what is subtracted is never more than being alive.
    """

    def __init__(self, tuples: PurchaseTuples, scale: float) -> None:
        self._weight = tuples.customer_count
        self._customers = self._weight.sum()
        repeat, age = tuples.repeat_count, tuples.age_days / scale
        last = tuples.first_to_last_days / scale
        self._repeat, self._of_repeat = np.unique(repeat, return_inverse=True)
        self._customers_by_repeat = np.bincount(self._of_repeat, self._weight)
        self._last_repeat, self._last, self._of_last = distinct_pairs(repeat, last)
        self._age_repeat, self._age, self._of_age = distinct_pairs(repeat, age)
        self._oldest = float(age.max())

    def kernel(
        self, r: float, alpha: float, s: float, beta: float
    ) -> tuple[FloatArray, tuple[FloatArray, FloatArray, FloatArray]]:
        """Log of the sum above per tuple, and what its gradient takes from the parts.

        Those are the integrals from t_x (one per pair of x and t_x), being alive, and the integrals
        from T (one per pair of x and T): each as log value and four derivatives, (5, pairs).
        """
        scales = {"alpha": alpha, "s": s, "beta": beta}
        shape = r + self._age_repeat
        since_last = dropout_integral(r + self._last_repeat, self._last, self._oldest, **scales)
        beyond = dropout_integral(shape, self._age, self._oldest, **scales)
        log_age = np.log(alpha + self._age)
        log_stay = np.log(beta) - np.log(beta + self._age)
        log_alive = s * log_stay - shape * log_age
        with np.errstate(divide="ignore"):
            log_rest = log_alive + np.log(np.maximum(-np.expm1(beyond.log_value - log_alive), 0.0))
        log_kernel = np.logaddexp(since_last.log_value[self._of_last], log_rest[self._of_age])
        alive_gradient = [
            -log_age,
            -shape / (alpha + self._age),
            log_stay,
            s * self._age / (beta * (beta + self._age)),
        ]
        return log_kernel, (
            np.vstack([since_last.log_value, since_last.gradient]),
            np.vstack([log_alive, *alive_gradient]),
            np.vstack([beyond.log_value, beyond.gradient]),
        )

    def p_alive(self, r: float, alpha: float, s: float, beta: float) -> FloatArray:
        """Share of the likelihood in which the customer is alive, shape (tuples,)."""
        log_kernel, (_, alive, _) = self.kernel(r, alpha, s, beta)
        return np.minimum(np.exp(alive[0][self._of_age] - log_kernel), 1.0)

    def __call__(self, r: float, alpha: float, s: float, beta: float) -> tuple[float, FloatArray]:
        """Sum over customers, and its derivatives by r, alpha, s and beta, shape (4,)."""
        log_kernel, (since_last, alive, beyond) = self.kernel(r, alpha, s, beta)
        by_repeat = gammaln(r + self._repeat) - gammaln(r)
        value = (
            weighted_sum(self._customers_by_repeat, by_repeat)
            + self._customers * r * np.log(alpha)
            + weighted_sum(self._weight, log_kernel)
        )
        gradient = np.array(
            [
                weighted_sum(self._customers_by_repeat, digamma(r + self._repeat) - digamma(r))
                + self._customers * np.log(alpha),
                self._customers * r / alpha,
                0.0,
                0.0,
            ]
        )
        for part, of_part, sign in (
            (since_last, self._of_last, 1.0),
            (alive, self._of_age, 1.0),
            (beyond, self._of_age, -1.0),
        ):
            share = self._weight * np.exp(part[0][of_part] - log_kernel)
            gradient += sign * (np.bincount(of_part, share) * part[1:]).sum(axis=1)
        return float(value), gradient


def log_likelihood(tuples: PurchaseTuples, params: ParetoNbdParams) -> float:
    """Log-likelihood of the order days given the first, summed over customers.

    Its level depends on the unit of time: in units k times as long it is higher by
    log(k) · (number of repeat orders).
    """
    return log_likelihood_gradient(tuples, params)[0]


def log_likelihood_gradient(
    tuples: PurchaseTuples, params: ParetoNbdParams
) -> tuple[float, FloatArray]:
    """Log-likelihood and its derivatives by (r, alpha, s, beta), shape (4,)."""
    return _Likelihood(tuples, 1.0)(params.r, params.alpha, params.s, params.beta)


def log_likelihood_function(tuples: PurchaseTuples) -> Callable[[ParetoNbdParams], float]:
    """The log-likelihood of these tuples as a function, for many parameters in turn."""
    likelihood = _Likelihood(tuples, 1.0)
    return lambda params: likelihood(params.r, params.alpha, params.s, params.beta)[0]


def p_alive(tuples: PurchaseTuples, params: ParetoNbdParams) -> FloatArray:
    """Chance that the customer has not dropped out by the as-of day, shape (tuples,).

    Schmittlein et al. (1987), eq. 11-13.
    """
    if len(tuples) == 0:
        return np.empty(0)
    return _Likelihood(tuples, 1.0).p_alive(params.r, params.alpha, params.s, params.beta)


def fit(
    tuples: PurchaseTuples,
    prior: ParetoNbdPrior | None = DEFAULT_PRIOR,
    rule: SufficiencyRule = DEFAULT_RULE,
) -> FitResult[ParetoNbdParams] | InsufficientData[ParetoNbdParams]:
    """Fit Pareto/NBD to weighted tuples.

    Args:
        tuples: order histories.
        prior: weak prior; None for plain maximum likelihood.
        rule: when data are too few.

    Returns:
        The fit, or why there is none: no customers, too short a span, too few repeat customers,
        or no maximum (a parameter runs off, which happens without the prior).
    """
    refusal = refuse_too_little(tuples, rule)
    if refusal is not None:
        return refusal
    weight = tuples.customer_count
    customers = float(weight.sum())
    scale = weighted_sum(weight, tuples.age_days) / customers
    likelihood = _Likelihood(tuples, scale)

    def objective(log_params: FloatArray) -> tuple[float, FloatArray]:
        params = np.exp(log_params)
        value, gradient = likelihood(*params)
        gradient = gradient * params
        if prior is not None:
            prior_value, prior_gradient = prior.log_density(log_params)
            value, gradient = value + prior_value, gradient + prior_gradient
        return -value / customers, -gradient / customers

    mean_repeats = weighted_sum(weight, tuples.repeat_count) / customers
    starts = [np.log([r, r / mean_repeats, s, beta]) for r, s, beta in _STARTS]
    optimum = minimise(objective, starts, _BOUNDS, _SOUND_LIMITS)

    estimates = np.exp(optimum.log_params) * np.array([1.0, scale, 1.0, scale])
    result = fit_result(
        ParetoNbdParams(*estimates.tolist()),
        dict(zip(PARAM_NAMES, estimates.tolist(), strict=True)),
        optimum,
        # A density of times, so it has the unit of the times to the power of -repeat orders.
        log_likelihood=likelihood(*np.exp(optimum.log_params))[0]
        - customers * mean_repeats * np.log(scale),
        tuple_count=len(tuples),
        customer_count=customers,
    )
    if not result.converged:
        return InsufficientData(InsufficientReason.NOT_CONVERGED, result.message, result)
    return result
