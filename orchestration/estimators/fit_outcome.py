"""What a fit comes back with: a result that may be used, or a typed refusal with its reason.

The rule of when data are too few lives here, as numbers with their grounds, so that every model
refuses alike. How the optimum is found is in `orchestration.estimators.maximum_likelihood`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples

Params = TypeVar("Params")


@dataclass(frozen=True, slots=True)
class SufficiencyRule:
    """How much data a fit must stand on.

    Attributes:
        minimum_repeat_customers: customers with at least one repeat order. In simulated shops with
            about ten of them, the expected orders of a year were within half of the truth four
            times in five, and per customer a quarter as far off as the customer's own rate.
            Below that the prior decides.
        minimum_span_days: age of the oldest customer. In less than four weeks a customer who
            orders monthly looks the same as one who has left.
    """

    minimum_repeat_customers: float = 10
    minimum_span_days: float = 28.0


DEFAULT_RULE = SufficiencyRule()


class InsufficientReason(StrEnum):
    """Why a fit was refused; the values are what the tables say."""

    NO_CUSTOMERS = "no_customers"
    SPAN_TOO_SHORT = "span_too_short"
    TOO_FEW_REPEAT_CUSTOMERS = "too_few_repeat_customers"
    IDENTICAL_VALUES = "identical_values"
    NO_FINITE_MEAN = "no_finite_mean"
    NOT_CONVERGED = "not_converged"


@dataclass(frozen=True, slots=True)
class FitResult(Generic[Params]):
    """A maximum of the likelihood (times the prior, if there is one), and how sure it is.

    Attributes:
        params: the estimates, in the units of the data.
        standard_errors: by parameter name, from the curvature at the optimum. A parameter that
            ended at its bound has none and is left out.
        log_param_names: names of the rows and columns of `log_param_covariance`.
        log_param_covariance: covariance of the logarithms of those parameters.
        log_likelihood: of the data alone, without the prior, summed over customers.
        converged: whether slope and curvature are those of a maximum within the bounds.
        message: what the optimiser said, in one line.
        parameters_at_bound: names of parameters that ended at the edge of the search.
        tuple_count: tuples the fit used.
        customer_count: customers those tuples stand for.
    """

    params: Params
    standard_errors: dict[str, float]
    log_param_names: tuple[str, ...]
    log_param_covariance: FloatArray
    log_likelihood: float
    converged: bool
    message: str
    parameters_at_bound: tuple[str, ...]
    tuple_count: int
    customer_count: float


@dataclass(frozen=True, slots=True)
class InsufficientData(Generic[Params]):
    """A refusal: the data do not carry this model.

    Attributes:
        reason: for the tables.
        detail: for the log, one line with the figures that decided.
        rejected_fit: what the optimiser reached, where it came that far; for the record, not to
            be used for predictions.
    """

    reason: InsufficientReason
    detail: str
    rejected_fit: FitResult[Params] | None = None


def refuse_unless_positive(params: object, names: tuple[str, ...]) -> None:
    """Raise ValueError unless each of the named attributes is a finite number above 0."""
    for name in names:
        value = getattr(params, name)
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{type(params).__name__}: {name} must be finite and above 0")


def refuse_too_little(tuples: PurchaseTuples, rule: SufficiencyRule) -> InsufficientData | None:
    """Why no purchase model can be fitted to these tuples; None if one can be tried."""
    if len(tuples) == 0:
        return InsufficientData(InsufficientReason.NO_CUSTOMERS, "no customer has ordered")
    span = float(tuples.age_days.max())
    if span < rule.minimum_span_days:
        return InsufficientData(
            InsufficientReason.SPAN_TOO_SHORT,
            f"orders span {span:g} days, {rule.minimum_span_days:g} are needed",
        )
    repeaters = float(tuples.customer_count[tuples.repeat_count > 0].sum())
    if repeaters == 0 or repeaters < rule.minimum_repeat_customers:
        return InsufficientData(
            InsufficientReason.TOO_FEW_REPEAT_CUSTOMERS,
            f"{repeaters:g} customers have ordered again, "
            f"{rule.minimum_repeat_customers:g} are needed",
        )
    return None
