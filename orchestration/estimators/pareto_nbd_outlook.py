"""What Pareto/NBD says of the future: active, expected orders, how many orders, when.

Given that a customer is alive at the as-of day, the order rate is gamma(r+x, α+T) and the dropout
rate gamma(s, β+T); a customer who has dropped out has no orders (Schmittlein, Morrison & Colombo
1987; Fader & Hardie 2014, "Deriving the conditional PMF of the Pareto/NBD model").
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import betaln, exprel

from orchestration.estimators.pareto_nbd import ParetoNbdParams, p_alive
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples
from orchestration.estimators.time_quadrature import (
    check_horizon,
    daily_log_discount,
    distinct_pairs,
    gauss_legendre,
)

_DISCOUNT_NODES = 20
_COUNT_NODES, _COUNT_WEIGHTS = np.polynomial.legendre.leggauss(24)
# The integrands are cut where they have fallen below what matters: e^-32 is 1e-14.
_NEGLIGIBLE_FALL = 32.0
_NEWTON_STEPS = 8
# Table that the time of the next order is looked up in before it is refined.
_TABLE_TIMES = 48
_REFINEMENTS = 6
# A step below this part of the time makes the next one, which is quadratic, needless.
_SETTLED = 1e-4


def p_active(tuples: PurchaseTuples, params: ParetoNbdParams, horizon_days: float) -> FloatArray:
    """Chance of at least one order within the horizon, shape (tuples,).

    Raises:
        ValueError: the horizon is negative or not finite.
    """
    check_horizon(horizon_days)
    repeat, age, of_pair = distinct_pairs(tuples.repeat_count, tuples.age_days)
    ordering = p_more_orders(repeat, age, params, horizon_days, np.zeros(repeat.size))
    return p_alive(tuples, params) * ordering[of_pair]


def expected_orders_by_horizon(
    tuples: PurchaseTuples,
    params: ParetoNbdParams,
    horizons_days: Sequence[float],
    annual_discount_rate: float,
) -> tuple[FloatArray, FloatArray]:
    """Expected orders within each horizon, plain and discounted, both (horizons, tuples).

    The expected rate of ordering t days ahead is (r+x)/(α+T) · ((β+T)/(β+T+t))^s times P(alive);
    its integral is Schmittlein et al. (1987), eq. 22, here in a form that is sound at s = 1 too.
    An order t days ahead is discounted by (1 + rate)^(-t/365), in continuous time.

    Raises:
        ValueError: a horizon is negative or not finite, or the rate is below 0 or not finite.
    """
    for horizon in horizons_days:
        check_horizon(horizon)
    log_discount = daily_log_discount(annual_discount_rate)
    repeat, pair_age, of_pair = distinct_pairs(tuples.repeat_count, tuples.age_days)
    rate = (params.r + repeat) / (params.alpha + pair_age)
    age = params.beta + pair_age
    alive = p_alive(tuples, params)
    plain, discounted = [], []
    for horizon in horizons_days:
        length = np.log1p(horizon / age)
        stay_days = age * length * exprel((1 - params.s) * length)
        plain.append(alive * (rate * stay_days)[of_pair])
        if log_discount > 0:
            stay_days = _discounted_stay_days(age, length, params.s, log_discount)
        discounted.append(alive * (rate * stay_days)[of_pair])
    shape = len(plain), len(tuples)
    return np.reshape(plain, shape), np.reshape(discounted, shape)


def _discounted_stay_days(
    age: FloatArray, length: FloatArray, s: float, log_discount: float
) -> FloatArray:
    """Integral of (age/(age+t))^s · e^(-discount·t), over u = log(1 + t/age) from 0 to length."""
    # Cut where one of the two factors has fallen below rounding.
    length = np.minimum(length, np.log1p(_NEGLIGIBLE_FALL / (log_discount * age)))
    if s > 1:
        length = np.minimum(length, _NEGLIGIBLE_FALL / (s - 1))
    half = length / 2
    total = np.zeros(age.size)
    nodes, weights = gauss_legendre(float(half.max(initial=0.0)), _DISCOUNT_NODES)
    for node, weight in zip(nodes, weights, strict=True):
        u = half * (1 + node)
        total += weight * np.exp((1 - s) * u - log_discount * age * np.expm1(u))
    return age * half * total


def p_more_orders(
    repeat_count: FloatArray,
    age_days: FloatArray,
    params: ParetoNbdParams,
    horizon_days: float | FloatArray,
    count: FloatArray,
) -> FloatArray:
    """Chance of more than `count` order days within the horizon, of a customer who is alive.

    The time y of order n+1 has odds y/(α+T) that are beta-prime(n+1, r+x); that the customer is
    still there then has chance ((β+T)/(β+T+y))^s. The product is log-concave in ζ = log(y/(α+T)),
    and is integrated over ζ from where it is negligible to the horizon by Gauss-Legendre. All
    arrays of shape (rows,); the horizon may be infinite.
    """
    order_count = count + 1
    shape = params.r + repeat_count
    ratio = (params.alpha + age_days) / (params.beta + age_days)
    s = params.s

    def log_density(zeta: FloatArray) -> FloatArray:
        return (
            -order_count * np.logaddexp(0.0, -zeta)
            - shape * np.logaddexp(0.0, zeta)
            - s * np.log1p(ratio * np.exp(zeta))
        )

    def slope(zeta: FloatArray) -> FloatArray:
        odds = np.exp(zeta)
        return (order_count - shape * odds) / (1 + odds) - s * ratio * odds / (1 + ratio * odds)

    # The highest point solves a quadratic equation in the odds.
    linear = (order_count - s) * ratio - shape
    square = ratio * (shape + s)
    root = np.sqrt(linear**2 + 4 * square * order_count)
    odds = np.where(linear > 0, (linear + root) / (2 * square), 2 * order_count / (root - linear))
    with np.errstate(divide="ignore"):
        end = np.log(horizon_days / (params.alpha + age_days))
    top = np.minimum(np.log(odds), end)
    reached = np.isfinite(top)
    top, end = np.where(reached, top, 0.0), np.where(reached, end, 0.0)
    highest = log_density(top)

    def cut(point: FloatArray, towards: float) -> FloatArray:
        """From beyond the place where the density has fallen, by Newton's steps back to it."""
        for _ in range(_NEWTON_STEPS):
            depth = highest - log_density(point) - _NEGLIGIBLE_FALL
            too_far = depth > 0
            if not too_far.any():
                break
            steepness = np.where(too_far, -towards * slope(point), 1.0)
            point = np.where(too_far, point - towards * depth / steepness, point)
        return point

    beyond_left = np.maximum(top, 0.0) + 3 + (_NEGLIGIBLE_FALL + 10) / order_count
    beyond_right = np.maximum(-top, 0.0) + 3 + (_NEGLIGIBLE_FALL + 10) / (shape + s)
    begin = cut(top - beyond_left, -1.0)
    end = cut(np.minimum(end, top + beyond_right), 1.0)
    # One panel on each side of the highest point: a skewed hill is not one smooth function.
    area = np.zeros(top.shape)
    for first, last in ((begin, top), (top, end)):
        half = (last - first) / 2
        for node, weight in zip(_COUNT_NODES, _COUNT_WEIGHTS, strict=True):
            area += weight * half * np.exp(log_density(first + half * (1 + node)) - highest)
    chance = area * np.exp(highest - betaln(order_count, shape))
    return np.where(reached, np.minimum(chance, 1.0), 0.0)


def days_until_order(
    repeat_count: FloatArray,
    age_days: FloatArray,
    params: ParetoNbdParams,
    chance: FloatArray,
    longest_days: float,
) -> FloatArray:
    """Days by which a customer who is alive has ordered with this chance; inf beyond the longest.

    Looked up in a table per (x, T) and refined by Newton's steps. All arrays of shape (rows,).
    """
    repeat, age, of_pair = distinct_pairs(repeat_count, age_days)
    times = np.geomspace(longest_days * 1e-6, longest_days, _TABLE_TIMES)
    table = np.array(
        [p_more_orders(repeat, age, params, time, np.zeros(repeat.size)) for time in times]
    )
    days = np.full(chance.size, math.inf)
    within = np.flatnonzero(chance <= table[-1][of_pair])
    pair, wanted = of_pair[within], chance[within]
    above = np.zeros(within.size, dtype=np.int64)
    for row in table[:-1]:
        above += row[pair] < wanted
    low = np.where(above > 0, times[np.maximum(above - 1, 0)], 0.0)
    high = times[above]
    at_low = np.where(above > 0, table[np.maximum(above - 1, 0), pair], 0.0)
    at_high = table[above, pair]
    time = low + (high - low) * (wanted - at_low) / np.maximum(at_high - at_low, 1e-300)
    open_rows = np.arange(within.size)
    for _ in range(_REFINEMENTS):
        at, of = time[open_rows], pair[open_rows]
        reached = p_more_orders(repeat[of], age[of], params, at, np.zeros(of.size))
        alpha = params.alpha + age[of]
        density = np.exp(
            np.log((params.r + repeat[of]) / alpha)
            - (params.r + repeat[of] + 1) * np.log1p(at / alpha)
            - params.s * np.log1p(at / (params.beta + age[of]))
        )
        short = reached < wanted[open_rows]
        low[open_rows] = np.where(short, at, low[open_rows])
        high[open_rows] = np.where(short, high[open_rows], at)
        nearer = at + (wanted[open_rows] - reached) / np.maximum(density, 1e-300)
        between = (nearer > low[open_rows]) & (nearer < high[open_rows])
        nearer = np.where(between, nearer, (low[open_rows] + high[open_rows]) / 2)
        time[open_rows] = nearer
        open_rows = open_rows[np.abs(nearer - at) > _SETTLED * at]
        if not open_rows.size:
            break
    days[within] = time
    return days
