"""How much a customer spends within a horizon: quantiles of what one customer's outcome may be.

The number of orders comes from the purchase model, the value of each from Gamma-Gamma. Given what
a customer has spent, the sum of n coming orders divided by (γ + order count · mean order value) is
beta-prime(p·n, q + p·order count), whatever the mean (Fader & Hardie 2013). So quantiles are told
as *factors* of that sum, one per order history: no grid over mean values is needed, and none has
an error. `value_of_factor` turns a factor into money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaincinv, logit

from orchestration.estimators.gamma_gamma import GammaGammaParams
from orchestration.estimators.order_counts import check_level
from orchestration.estimators.purchase_outlook import (
    PurchaseParams,
    expected_orders_by_horizon,
    p_alive,
    p_more_orders,
)
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples
from orchestration.estimators.time_quadrature import check_horizon, distinct_pairs

_GRID_POINTS = 128
_OWN_CHANCES = np.array([0.05, 0.3, 0.7, 0.95])
# Counts of orders are told apart up to here; beyond, cells grow by this much each.
_SINGLE_COUNTS = 64
_CELL_GROWTH = 1.02
_MOST_CELLS = 2000
# Chance of more orders than the last cell holds, and ends of the grid of values.
_NEGLIGIBLE_CHANCE = 1e-6
_CHECKED_TUPLES = 100
_MOST_COUNTS_CHECKED = 4096


@dataclass(frozen=True, slots=True)
class ValueFactors:
    """Quantiles of what customers spend, as factors.

    Attributes:
        factors: quantile / (γ + order count · mean order value), (levels, tuples); 0 where the
            chance of no order reaches the level.
        chance_error: largest difference between a level and the chance, summed order by order
            without any grid, of spending no more than the quantile; over some tuples.
    """

    factors: FloatArray
    chance_error: float


def value_of_factor(
    factor: FloatArray,
    order_count: FloatArray,
    mean_order_value: FloatArray,
    spend_params: GammaGammaParams,
) -> FloatArray:
    """The value that a factor stands for, in the currency of the mean order value."""
    return factor * (spend_params.gamma + order_count * mean_order_value)


def order_value_factors(
    tuples: PurchaseTuples,
    params: PurchaseParams,
    spend_params: GammaGammaParams,
    horizon_days: float,
    levels: Sequence[float],
    annual_discount_rate: float = 0.0,
) -> ValueFactors:
    """Quantiles of the value of all order days within the horizon.

    The order count that a mean order value stands on is `repeat_count` + 1: all orders. Discounting
    scales the quantiles as it scales the expected value: the days of the orders are not followed.

    Raises:
        ValueError: a level is not within (0, 1), or the horizon or the rate is none.
    """
    check_horizon(horizon_days)
    for level in levels:
        check_level(level)
    factors = np.zeros((len(levels), len(tuples)))
    if not len(tuples):
        return ValueFactors(factors, 0.0)
    alive = p_alive(tuples, params)
    by_repeat = np.argsort(tuples.repeat_count, kind="stable")
    repeats, begins = np.unique(tuples.repeat_count[by_repeat], return_index=True)
    for repeat, rows in zip(repeats, np.split(by_repeat, begins[1:]), strict=True):
        ages, of_age = np.unique(tuples.age_days[rows], return_inverse=True)
        grid = _ValueGrid.of(repeat, ages, params, spend_params, horizon_days)
        for index, level in enumerate(levels):
            factors[index, rows] = grid.quantile(of_age, alive[rows], level)
    error = _chance_error(tuples, params, spend_params, horizon_days, levels, factors)
    if annual_discount_rate > 0:
        plain, discounted = expected_orders_by_horizon(
            tuples, params, [horizon_days], annual_discount_rate
        )
        factors *= np.where(plain[0] > 0, discounted[0] / np.maximum(plain[0], 1e-300), 1.0)
    return ValueFactors(factors, error)


@dataclass(frozen=True, slots=True)
class _ValueGrid:
    """Distribution of the factor, of customers of one order count who are alive and order.

    Attributes:
        log_factor: grid, shape (points,).
        logit_chance: log odds of no more than that, (ages, points), not falling along a row.
        some_order: chance of an order, shape (ages,).
    """

    log_factor: FloatArray
    logit_chance: FloatArray
    some_order: FloatArray

    @classmethod
    def of(
        cls,
        repeat: float,
        ages: FloatArray,
        params: PurchaseParams,
        spend_params: GammaGammaParams,
        horizon_days: float,
    ) -> _ValueGrid:
        repeat_count = np.full(ages.size, repeat)
        ends, more = _count_cells(repeat_count, ages, params, horizon_days)
        chances = np.maximum(more[:, :-1] - more[:, 1:], 0.0)
        chances[:, -1] += more[:, -1]
        middle = (ends[:-1] + 1 + ends[1:]) / 2
        within, between = spend_params.p, spend_params.q + spend_params.p * (repeat + 1)
        log_factor = _log_factor_grid(within, between, middle)
        share = 1 / (1 + np.exp(-log_factor))
        table = betainc(within * middle[:, None], between, share)
        some_order = more[:, 0]
        chance = chances @ table / np.maximum(some_order, 1e-300)[:, None]
        chance = np.clip(np.maximum.accumulate(chance, axis=1), 1e-300, 1 - 1e-16)
        return cls(log_factor, logit(chance), some_order)

    def quantile(self, of_age: np.ndarray, alive: FloatArray, level: float) -> FloatArray:
        """Factor that is not exceeded with this chance, by age and chance of being alive."""
        orders = alive * self.some_order[of_age]
        factor = np.zeros(of_age.size)
        rows = np.flatnonzero(orders > 1 - level)
        if not rows.size:
            return factor
        # Among those who order, the level is this one.
        wanted = logit(np.clip(1 - (1 - level) / orders[rows], 1e-300, 1 - 1e-16))
        age = of_age[rows]
        low, high = (
            np.zeros(rows.size, dtype=np.int64),
            np.full(rows.size, self.log_factor.size - 1),
        )
        while np.any(high - low > 1):
            middle = (low + high) // 2
            above = self.logit_chance[age, middle] < wanted
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        at_low, at_high = self.logit_chance[age, low], self.logit_chance[age, high]
        share = np.clip((wanted - at_low) / np.maximum(at_high - at_low, 1e-300), 0.0, 1.0)
        step = self.log_factor[high] - self.log_factor[low]
        factor[rows] = np.exp(self.log_factor[low] + share * step)
        return factor


def _log_factor_grid(within: float, between: float, counts: FloatArray) -> FloatArray:
    """Even steps from a low quantile of one order to a high one of many, and some of each count.

    Many orders lie within a narrow part of what the even steps cover.
    """
    low = betaincinv(within, between, _NEGLIGIBLE_CHANCE)
    # From the other side, or the last digits of 1 - z are lost.
    rest = betaincinv(between, within * counts[-1], _NEGLIGIBLE_CHANCE)
    first, last = logit(max(low, 1e-250)), -logit(max(rest, 1e-250))
    own = -logit(np.maximum(betaincinv(between, within * counts[:, None], _OWN_CHANCES), 1e-250))
    even = np.linspace(first, max(last, first + 1), _GRID_POINTS)
    return np.unique(np.concatenate([even, own.ravel()]))


def _count_cells(
    repeat_count: FloatArray, ages: FloatArray, params: PurchaseParams, horizon_days: float
) -> tuple[FloatArray, FloatArray]:
    """Ends of cells of order counts from 0 on, and the chance of more than each, (ages, ends)."""
    ends, more = [0.0], []
    while True:
        chance = p_more_orders(
            repeat_count, ages, params, horizon_days, np.full(ages.size, ends[-1])
        )
        more.append(chance)
        if len(ends) > 1 and (
            chance.max(initial=0.0) < _NEGLIGIBLE_CHANCE or len(ends) == _MOST_CELLS
        ):
            return np.array(ends), np.array(more).T
        step = 1.0 if ends[-1] < _SINGLE_COUNTS else np.ceil(ends[-1] * (_CELL_GROWTH - 1))
        ends.append(ends[-1] + step)


def _chance_error(
    tuples: PurchaseTuples,
    params: PurchaseParams,
    spend_params: GammaGammaParams,
    horizon_days: float,
    levels: Sequence[float],
    factors: FloatArray,
) -> float:
    """Largest difference of level and chance, over tuples spread evenly and not too many orders."""
    chosen = np.unique(np.linspace(0, len(tuples) - 1, _CHECKED_TUPLES).astype(np.int64))
    some = PurchaseTuples(
        tuples.repeat_count[chosen],
        tuples.first_to_last_days[chosen],
        tuples.age_days[chosen],
        tuples.customer_count[chosen],
    )
    alive = p_alive(some, params)
    repeat, age, of_pair = distinct_pairs(some.repeat_count, some.age_days)
    between = spend_params.q + spend_params.p * (some.repeat_count + 1)
    share = factors[:, chosen] / (1 + factors[:, chosen])
    more = p_more_orders(repeat, age, params, horizon_days, np.zeros(age.size))
    reached = np.tile(1 - alive * more[of_pair], (len(levels), 1))
    count = 0
    while more.max() > _NEGLIGIBLE_CHANCE and count < _MOST_COUNTS_CHECKED:
        count += 1
        exactly = more
        more = p_more_orders(repeat, age, params, horizon_days, np.full(age.size, float(count)))
        exactly = exactly - more
        reached += alive * exactly[of_pair] * betainc(spend_params.p * count, between, share)
    finished = more[of_pair] <= _NEGLIGIBLE_CHANCE
    wrong = np.abs(reached - np.array(levels)[:, None])
    # Where no order is that likely, the quantile is 0 and its chance is above the level.
    return float(wrong[:, finished][factors[:, chosen][:, finished] > 0].max(initial=0.0))
