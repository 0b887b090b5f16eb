"""Whether the numbers deserve trust: `normal`, or `low` with every reason there is.

A model always gives numbers. These are the cases in which they would mislead without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from orchestration.estimators.fit_outcome import FitResult, InsufficientData, InsufficientReason
from orchestration.estimators.forecast_backtest import ForecastBacktest
from orchestration.estimators.gamma_gamma import GammaGammaParams
from orchestration.estimators.purchase_models import PurchaseFit
from orchestration.estimators.purchase_tuples import PurchaseTuples
from orchestration.estimators.recency_information import recency_likelihood_gain

# In simulated shops with about 60 repeat customers the total of a year was off by more than a
# quarter in 18 of 60, with about 90 in 9, with about 150 in 6, with about 240 in 1.
FEWEST_REPEAT_CUSTOMERS = 100.0
# Forecast divided by outcome of the backtest. In simulated shops of 400 customers that follow the
# model it was within 0.84 and 1.18 nine times in ten; on the CDNOW sample it is 0.84. A few large
# customers may carry it further by chance, so it must also exceed so many standard errors.
SOUND_FORECAST_TO_ACTUAL = (0.7, 1.4)
CHANCE_ERRORS = 3.0

SpendFit = FitResult[GammaGammaParams] | InsufficientData[GammaGammaParams]


class ConfidenceLevel(StrEnum):
    """The two levels."""

    NORMAL = "normal"
    LOW = "low"


class LowReason(StrEnum):
    """Why confidence is low; the values are what the tables say."""

    NO_CUSTOMERS = "no_customers"
    NO_REPEAT_PURCHASES = "no_repeat_purchases"
    SPAN_TOO_SHORT = "span_too_short"
    NOT_CONVERGED = "not_converged"
    FEW_CUSTOMERS = "few_customers"
    RECENCY_SAYS_NOTHING = "recency_says_nothing"
    RECENCY_MISLEADS = "recency_misleads"
    NOT_BACKTESTED = "not_backtested"
    FORECAST_OFF = "forecast_off"
    NO_BETTER_THAN_NAIVE = "no_better_than_naive"
    IDENTICAL_VALUES = "identical_values"
    NO_FINITE_MEAN = "no_finite_mean"
    NO_ORDER_VALUES = "no_order_values"


@dataclass(frozen=True, slots=True)
class Confidence:
    """Reasons by name, and the same in words.

    Attributes:
        reasons: in a fixed order, none for `normal`.
        details: one line for each, with the figures that decided.
    """

    reasons: tuple[LowReason, ...]
    details: tuple[str, ...]

    @property
    def level(self) -> ConfidenceLevel:
        """Low if there is a reason."""
        return ConfidenceLevel.LOW if self.reasons else ConfidenceLevel.NORMAL


_OF_ORDER_REFUSAL = {
    InsufficientReason.NO_CUSTOMERS: LowReason.NO_CUSTOMERS,
    InsufficientReason.SPAN_TOO_SHORT: LowReason.SPAN_TOO_SHORT,
    InsufficientReason.TOO_FEW_REPEAT_CUSTOMERS: LowReason.FEW_CUSTOMERS,
    InsufficientReason.NOT_CONVERGED: LowReason.NOT_CONVERGED,
}
_OF_SPEND_REFUSAL = {
    InsufficientReason.NO_CUSTOMERS: LowReason.NO_ORDER_VALUES,
    InsufficientReason.TOO_FEW_REPEAT_CUSTOMERS: LowReason.FEW_CUSTOMERS,
    InsufficientReason.IDENTICAL_VALUES: LowReason.IDENTICAL_VALUES,
    InsufficientReason.NO_FINITE_MEAN: LowReason.NO_FINITE_MEAN,
    InsufficientReason.NOT_CONVERGED: LowReason.NOT_CONVERGED,
}


def order_confidence(
    tuples: PurchaseTuples, fit: PurchaseFit, backtests: Sequence[ForecastBacktest]
) -> Confidence:
    """Confidence in forecasts of orders.

    Args:
        tuples: that the fit is of.
        fit: of the model in use.
        backtests: of the model in use and of the rules of thumb, by their names; the model's is
            the only one that is not naive. Empty where history is too short for one.
    """
    found: dict[LowReason, str] = {}
    repeaters = float(tuples.customer_count[tuples.repeat_count > 0].sum())
    if len(tuples) and repeaters == 0:
        found[LowReason.NO_REPEAT_PURCHASES] = "nobody has ordered on a second day"
    if isinstance(fit, InsufficientData):
        reason = _OF_ORDER_REFUSAL[fit.reason]
        if not (found and reason is LowReason.FEW_CUSTOMERS):
            found[reason] = fit.detail
        return _told(found)
    if repeaters < FEWEST_REPEAT_CUSTOMERS:
        found[LowReason.FEW_CUSTOMERS] = (
            f"{repeaters:g} customers have ordered again, fewer than {FEWEST_REPEAT_CUSTOMERS:g}"
        )
    gain = recency_likelihood_gain(tuples, fit.params)
    if not gain.is_shown:
        found[LowReason.RECENCY_SAYS_NOTHING] = (
            f"the day of the last order is no more likely than by chance (gain {gain.gain:.4f}, "
            f"standard error {gain.standard_error:.4f}): nobody seems to leave, or days are wrong"
        )
    found |= _backtest_reasons(backtests)
    return _told(found)


def spend_confidence(fit: SpendFit) -> Confidence:
    """Confidence in expected order values."""
    if isinstance(fit, InsufficientData):
        return _told({_OF_SPEND_REFUSAL[fit.reason]: fit.detail})
    return Confidence((), ())


def combined(*parts: Confidence) -> Confidence:
    """All reasons of several, each once: the confidence in a product of forecasts."""
    found: dict[LowReason, str] = {}
    for part in parts:
        for reason, detail in zip(part.reasons, part.details, strict=True):
            found.setdefault(reason, detail)
    return _told(found)


def _backtest_reasons(backtests: Sequence[ForecastBacktest]) -> dict[LowReason, str]:
    model = next((result for result in backtests if not result.is_naive), None)
    if model is None or model.mean_absolute_error is None or model.forecast_to_actual is None:
        return {LowReason.NOT_BACKTESTED: "there is no holdout in which orders came"}
    found = {}
    gain = model.recency_gain
    if gain is not None and gain.gain < -2 * gain.standard_error:
        found[LowReason.RECENCY_MISLEADS] = (
            "the chance of an order is told better without the day of the last order "
            f"(gain {gain.gain:.4f}, standard error {gain.standard_error:.4f})"
        )
    if _is_off(model):
        found[LowReason.FORECAST_OFF] = (
            f"the backtest forecast {model.forecast_to_actual:.2f} times the orders that came"
        )
    naive = [
        result for result in backtests if result.is_naive and result.mean_absolute_error is not None
    ]
    best = min(naive, key=lambda result: result.mean_absolute_error or 0.0, default=None)
    if best is not None and model.mean_absolute_error >= (best.mean_absolute_error or 0.0):
        found[LowReason.NO_BETTER_THAN_NAIVE] = (
            f"the model errs by {model.mean_absolute_error:.4f} orders a customer, "
            f"{best.model_name} by {best.mean_absolute_error:.4f}"
        )
    return found


def _is_off(model: ForecastBacktest) -> bool:
    """Whether the total was off by more than is usual and by more than chance."""
    low, high = SOUND_FORECAST_TO_ACTUAL
    if model.forecast_to_actual is None or low <= model.forecast_to_actual <= high:
        return False
    difference = abs((model.forecast_total or 0.0) - (model.actual_total or 0.0))
    return difference > CHANCE_ERRORS * (model.total_standard_error or 0.0)


def _told(found: dict[LowReason, str]) -> Confidence:
    reasons = tuple(reason for reason in LowReason if reason in found)
    return Confidence(reasons, tuple(found[reason] for reason in reasons))
