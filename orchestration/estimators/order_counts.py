"""How many orders a customer places within a horizon: chances, quantiles, prediction interval.

A prediction interval is about one customer's outcome. How sure the parameters are is another
question, answered by `orchestration.estimators.parameter_uncertainty`.
"""

from __future__ import annotations

import numpy as np

from orchestration.estimators.purchase_outlook import PurchaseParams, p_alive, p_more_orders
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples
from orchestration.estimators.time_quadrature import check_horizon, distinct_pairs

# Counts that are tried one after the other, for all customers at once. Few have more.
_STEPS = 32


def order_count_distribution(
    tuples: PurchaseTuples, params: PurchaseParams, horizon_days: float, max_count: int
) -> FloatArray:
    """Chances of 0, 1, ..., max_count order days within the horizon, (tuples, max_count + 1).

    Rows sum to 1 less the chance of more than `max_count`.

    Raises:
        ValueError: the horizon is negative or not finite, or max_count is below 0.
    """
    check_horizon(horizon_days)
    if max_count < 0:
        raise ValueError("max_count must be at least 0")
    repeat, age, of_pair = distinct_pairs(tuples.repeat_count, tuples.age_days)
    counts = np.arange(max_count + 1.0)
    more = np.array(
        [p_more_orders(repeat, age, params, horizon_days, np.full(age.size, n)) for n in counts]
    )
    exceeding = p_alive(tuples, params) * more[:, of_pair]
    at_least = np.vstack([np.ones(len(tuples)), exceeding[:-1]])
    return np.maximum(at_least - exceeding, 0.0).T


def order_count_quantile(
    tuples: PurchaseTuples, params: PurchaseParams, horizon_days: float, level: float
) -> FloatArray:
    """Least number of order days that is not exceeded with chance `level`, shape (tuples,).

    Raises:
        ValueError: the horizon is negative or not finite, or the level is not within (0, 1).
    """
    check_horizon(horizon_days)
    check_level(level)
    return _quantiles(tuples, params, horizon_days, [level])[0]


def order_count_interval(
    tuples: PurchaseTuples, params: PurchaseParams, horizon_days: float, coverage: float
) -> tuple[FloatArray, FloatArray]:
    """Least and greatest number of order days, with the rest halved between both sides.

    Counts are whole, so that the interval holds at least the coverage, and more where few orders
    are expected: nobody's interval can hold 80 % of a 0 that comes with 95 %.

    Returns:
        Lower and upper end, both of shape (tuples,), both included.

    Raises:
        ValueError: the horizon is negative or not finite, or the coverage is not within (0, 1).
    """
    check_horizon(horizon_days)
    check_level(coverage)
    tail = (1 - coverage) / 2
    lower, upper = _quantiles(tuples, params, horizon_days, [tail, 1 - tail])
    return lower, upper


def order_count_chance(
    tuples: PurchaseTuples,
    params: PurchaseParams,
    horizon_days: float,
    lower: FloatArray,
    upper: FloatArray,
) -> FloatArray:
    """Chance of a number of order days from lower to upper, both included, shape (tuples,).

    Raises:
        ValueError: the horizon is negative or not finite.
    """
    check_horizon(horizon_days)
    rows = tuples.repeat_count, tuples.age_days, params, horizon_days
    alive = p_alive(tuples, params)
    at_least = np.where(lower > 0, alive * p_more_orders(*rows, np.maximum(lower - 1, 0)), 1.0)
    return at_least - alive * p_more_orders(*rows, upper)


def check_level(level: float) -> None:
    """Raise ValueError unless the level is within (0, 1)."""
    if not 0 < level < 1:
        raise ValueError("a level or coverage must be within (0, 1)")


def _quantiles(
    tuples: PurchaseTuples, params: PurchaseParams, horizon_days: float, levels: list[float]
) -> list[FloatArray]:
    repeat, age, of_pair = distinct_pairs(tuples.repeat_count, tuples.age_days)
    alive = np.maximum(p_alive(tuples, params), 1e-300)
    # The n-th quantile is the least n that those alive exceed with no more than this chance.
    bearable = [(1 - level) / alive for level in levels]
    found = [np.zeros(len(tuples)) for _ in levels]
    undecided = [np.arange(len(tuples)) for _ in levels]
    for count in range(_STEPS):
        asked = np.unique(np.concatenate([of_pair[rows] for rows in undecided]))
        if not asked.size:
            break
        more = np.full(repeat.size, np.nan)
        more[asked] = p_more_orders(
            repeat[asked], age[asked], params, horizon_days, np.full(asked.size, float(count))
        )
        for index, rows in enumerate(undecided):
            rows = rows[more[of_pair[rows]] > bearable[index][rows]]
            found[index][rows] = count + 1
            undecided[index] = rows
    for index, rows in enumerate(undecided):
        if rows.size:
            pair = of_pair[rows]
            found[index][rows] = _search(
                repeat[pair], age[pair], params, horizon_days, bearable[index][rows]
            )
    return found


def _search(
    repeat: FloatArray,
    age: FloatArray,
    params: PurchaseParams,
    horizon_days: float,
    bearable: FloatArray,
) -> FloatArray:
    """The same by doubling and halving, for customers with many orders ahead."""

    def exceeds(rows: np.ndarray, count: FloatArray) -> np.ndarray:
        more = p_more_orders(repeat[rows], age[rows], params, horizon_days, count)
        return more > bearable[rows]

    low = np.full(repeat.size, _STEPS - 1.0)
    high = 2 * low + 2
    rows = np.arange(repeat.size)
    while rows.size:
        rows = rows[exceeds(rows, high[rows])]
        low[rows] = high[rows]
        high[rows] *= 2
    rows = np.flatnonzero(high - low > 1)
    while rows.size:
        middle = np.floor((low[rows] + high[rows]) / 2)
        above = exceeds(rows, middle)
        low[rows] = np.where(above, middle, low[rows])
        high[rows] = np.where(above, high[rows], middle)
        rows = rows[high[rows] - low[rows] > 1]
    return high
