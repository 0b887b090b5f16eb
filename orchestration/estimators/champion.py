"""Which purchase model is used: the default, unless a challenger did clearly better.

Totals are judged by the mean absolute error of an inner holdout, tiers by how well customers are
ranked in it. Small differences are chance, and a model that changes from run to run moves
everybody's numbers, so a challenger must win by more than the margin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.estimators.forecast_backtest import ForecastBacktest
from orchestration.estimators.purchase_models import DEFAULT_MODEL

MARGIN = 0.01


@dataclass(frozen=True, slots=True)
class Choice:
    """A model and why it is it, in words for the tables."""

    model_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Champion:
    """One choice for totals and values, one for tiers; mostly the same model."""

    totals: Choice
    tiers: Choice


def choose_champion(
    backtests: Sequence[ForecastBacktest], default: str = DEFAULT_MODEL, margin: float = MARGIN
) -> Champion:
    """Choose by an inner holdout.

    Args:
        backtests: of all models and rules of thumb; empty where history is too short for one.
        default: kept unless beaten.
        margin: by which part of its figure it must be beaten.

    Returns:
        The default where nothing can be compared; a rule of thumb only where no model was fitted.
    """
    return Champion(
        totals=_choose(backtests, default, margin, "mean_absolute_error", higher_is_better=False),
        tiers=_choose(backtests, default, margin, "normalised_gini", higher_is_better=True),
    )


def _choose(
    backtests: Sequence[ForecastBacktest],
    default: str,
    margin: float,
    measure: str,
    *,
    higher_is_better: bool,
) -> Choice:
    words = measure.replace("_", " ")
    figures = {
        result.model_name: float(figure)
        for result in backtests
        if (figure := getattr(result, measure)) is not None
    }
    naive = {result.model_name for result in backtests if result.is_naive}
    models = {name: figure for name, figure in figures.items() if name not in naive}
    sign = 1 if higher_is_better else -1

    def best_of(named: dict[str, float]) -> tuple[str, float]:
        # Of equals the first: models come in a fixed order.
        return max(named.items(), key=lambda item: sign * item[1])

    if default in models:
        kept = models[default]
        rivals = {name: figure for name, figure in models.items() if name != default}
        if not rivals:
            return Choice(default, f"{default}: no other model was fitted")
        rival, figure = best_of(rivals)
        told = f"{words} {figure:.4f} against {kept:.4f} of {default}"
        if sign * (figure - kept) > margin * abs(kept):
            return Choice(rival, f"{rival}: {told}, better by more than {margin:.0%}")
        return Choice(
            default,
            f"{default}: best challenger {rival} has {told}, not better by more than {margin:.0%}",
        )
    if models:
        name, figure = best_of(models)
        return Choice(name, f"{name}: {words} {figure:.4f}; {default} could not be fitted")
    refused = [result for result in backtests if result.refusal is not None]
    if refused and figures:
        name, figure = best_of(figures)
        return Choice(name, f"{name}: {words} {figure:.4f}; no model could be fitted")
    return Choice(default, f"{default}: there is no holdout to compare models by")
