"""Whether predictions may be published at all: a last look that trusts no model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from orchestration.estimators.backtest_measures import weighted_total
from orchestration.estimators.forecast_backtest import ForecastBacktest
from orchestration.estimators.naive_orders import SAME_AS_LAST_WINDOW
from orchestration.estimators.purchase_tuples import FloatArray

# Beyond the backtest's own error: shops grow and shrink, but seldom to double or half in a window.
TOLERATED_FACTOR = 2.0


def faulty_columns(
    columns: Mapping[str, FloatArray], may_be_infinite: Iterable[str] = ()
) -> tuple[str, ...]:
    """What is wrong with columns of scores, one line each; empty if nothing is.

    Numbers must be finite and not negative, chances (`p_...`) not above 1, and no upper end below
    its lower one.

    Args:
        columns: scores by name, as of `lifetime_value`.
        may_be_infinite: columns in which inf stands for never.
    """
    faults = []
    infinite = set(may_be_infinite)
    for name, column in columns.items():
        wrong = np.isnan(column) | (column < 0)
        if name not in infinite:
            wrong |= ~np.isfinite(column)
        if name.startswith("p_"):
            wrong |= column > 1
        if wrong.any():
            faults.append(f"{name}: {int(wrong.sum())} of {column.size} are no sound numbers")
        upper = name.replace("_lower", "_upper")
        if upper != name and upper in columns and np.any(columns[upper] < column):
            faults.append(f"{upper}: below {name}")
    return tuple(faults)


def total_fault(
    expected_orders: FloatArray,
    last_window_count: FloatArray,
    weight: FloatArray,
    backtests: Sequence[ForecastBacktest],
) -> str | None:
    """Why the forecast total is not to be believed; None if it may be, or cannot be judged.

    The last window, scaled as it would have had to be in the backtest, is what to expect. The
    forecast may differ from it by the backtest's own factor of error, and by as much as
    `TOLERATED_FACTOR` more.

    Args:
        expected_orders: forecast of the coming window, shape (tuples,).
        last_window_count: order days in the last window of the same length, shape (tuples,).
        weight: customers, shape (tuples,).
        backtests: of the model in use and of the rules of thumb.
    """
    model = next((result for result in backtests if not result.is_naive), None)
    last = next((one for one in backtests if one.model_name == SAME_AS_LAST_WINDOW), None)
    window = weighted_total(last_window_count, weight)
    if model is None or last is None or not model.forecast_to_actual or not last.forecast_to_actual:
        return None
    usual = window / last.forecast_to_actual
    if usual <= 0:
        return None
    error = max(model.forecast_to_actual, 1 / model.forecast_to_actual)
    allowed = TOLERATED_FACTOR * error
    ratio = weighted_total(expected_orders, weight) / usual
    if 1 / allowed <= ratio <= allowed:
        return None
    return (
        f"the forecast total is {ratio:.2f} times what the last window suggests; "
        f"a factor of {allowed:.2f} is allowed"
    )
