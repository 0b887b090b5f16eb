"""What BG/NBD and MBG/NBD say of the future: alive, active, expected orders, how many orders.

Given that a customer is alive at the as-of day, both models have one future: the order rate is
gamma with shape r+x and inverse scale α+T, the dropout chance beta with shapes a and b+k (k as in
`orchestration.estimators.beta_geometric`), and each coming order is an occasion to drop out. So
the formulas below hold for both; a customer who has dropped out has no orders.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import betainc, betaln, expit, gammaln, xlogy

from orchestration.estimators.beta_geometric import BetaGeometricParams, log_dropout_odds
from orchestration.estimators.beta_power_mean import beta_power_mean
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples
from orchestration.estimators.time_quadrature import (
    check_horizon,
    daily_log_discount,
    distinct_pairs,
    gauss_legendre,
)

_FEWEST_NODES = 4


def p_alive(tuples: PurchaseTuples, params: BetaGeometricParams) -> FloatArray:
    """Chance that the customer has not dropped out by the as-of day, shape (tuples,).

    Fader, Hardie & Lee (2008), "Computing P(alive) using the BG/NBD model", and Batislam et al.
    (2007), eq. 5. In BG/NBD it is 1 for everybody without a repeat order.
    """
    return expit(
        -log_dropout_odds(tuples.repeat_count, tuples.first_to_last_days, tuples.age_days, params)
    )


def p_active(
    tuples: PurchaseTuples, params: BetaGeometricParams, horizon_days: float
) -> FloatArray:
    """Chance of at least one order within the horizon, shape (tuples,).

    P(alive) · (1 - ((α+T)/(α+T+t))^(r+x)): who is alive orders once before dropping out again.

    Raises:
        ValueError: the horizon is negative or not finite.
    """
    check_horizon(horizon_days)
    age = params.alpha + tuples.age_days
    silence = -(params.r + tuples.repeat_count) * np.log1p(horizon_days / age)
    return p_alive(tuples, params) * -np.expm1(silence)


def expected_orders(
    tuples: PurchaseTuples, params: BetaGeometricParams, horizon_days: float
) -> FloatArray:
    """Expected number of order days within the horizon, shape (tuples,).

    Equals Fader, Hardie & Lee (2005), eq. 10, and for MBG/NBD Wagner & Hoppe (2008).

    Raises:
        ValueError: the horizon is negative or not finite.
    """
    return expected_orders_by_horizon(tuples, params, [horizon_days], 0.0)[0][0]


def expected_orders_by_horizon(
    tuples: PurchaseTuples,
    params: BetaGeometricParams,
    horizons_days: Sequence[float],
    annual_discount_rate: float,
) -> tuple[FloatArray, FloatArray]:
    """Expected orders within each horizon, plain and discounted, both (horizons, tuples).

    An order t days ahead is discounted by (1 + rate)^(-t/365), in continuous time. Daily steps that
    discount each day's orders from its middle give the same to about one in a million.

    The expected rate of ordering t days ahead is
    (r+x)/(α+T) · E[(1 + p·t/(α+T))^-(r+x+1)], p ~ Beta(a, b+k), times P(alive); it is integrated
    over u = log(1 + t/(α+T)) by Gauss-Legendre. All terms are positive, so short horizons, a near
    1 and hundreds of orders lose no digits, which the closed form with 2F1 does.

    Raises:
        ValueError: a horizon is negative or not finite, or the rate is below 0 or not finite.
    """
    for horizon in horizons_days:
        check_horizon(horizon)
    log_discount = daily_log_discount(annual_discount_rate)
    # Only x and T matter to those alive: far fewer pairs than tuples.
    repeat, pair_age, of_pair = distinct_pairs(tuples.repeat_count, tuples.age_days)
    shape, age = params.r + repeat, params.alpha + pair_age
    alive_b = params.b + params.dropout_occasions(repeat)

    ends = sorted(set(horizons_days))
    by_end: dict[float, tuple[FloatArray, FloatArray]] = {}
    plain, discounted = np.zeros(repeat.size), np.zeros(repeat.size)
    begin = 0.0
    for end in ends:
        first, last = np.log1p(begin / age), np.log1p(end / age)
        half = (last - first) / 2
        longest = float(half.max(initial=0.0))
        for node, weight in zip(*gauss_legendre(longest, _FEWEST_NODES), strict=True):
            u = first + half * (1 + node)
            tau = np.expm1(u)
            # The rate per unit of u: dt = (α+T)·e^u·du.
            rate = shape * np.exp(u) * beta_power_mean(shape + 1, tau, params.a, alive_b)
            plain = plain + weight * half * rate
            discount = np.exp(-log_discount * age * tau)
            discounted = discounted + weight * half * rate * discount
        by_end[end] = plain, discounted
        begin = end
    alive = p_alive(tuples, params)
    columns = [[by_end[end][kind][of_pair] * alive for end in horizons_days] for kind in (0, 1)]
    return np.array(columns[0]), np.array(columns[1])


def order_count_distribution(
    tuples: PurchaseTuples, params: BetaGeometricParams, horizon_days: float, max_count: int
) -> FloatArray:
    """Chances of 0, 1, ..., max_count order days within the horizon, (tuples, max_count + 1).

    Rows sum to 1 less the chance of more than `max_count`. Fader, Hardie & Lee (2005), eq. 8,
    with the parameters of a customer who is alive, mixed with no orders for one who is not.

    Raises:
        ValueError: the horizon is negative or not finite, or max_count is below 0.
    """
    check_horizon(horizon_days)
    if max_count < 0:
        raise ValueError("max_count must be at least 0")
    count = np.arange(max_count + 1.0)
    shape = (params.r + tuples.repeat_count)[:, None]
    age = (params.alpha + tuples.age_days)[:, None]
    alive_b = (params.b + params.dropout_occasions(tuples.repeat_count))[:, None]
    z = horizon_days / (age + horizon_days)
    # Still alive after n orders, and no further order: negative binomial at n.
    log_survival = betaln(params.a, alive_b + count) - betaln(params.a, alive_b)
    log_orders = (
        gammaln(shape + count) - gammaln(shape) - gammaln(count + 1)
        + shape * np.log1p(-z)
        + xlogy(count, z)
    )  # fmt: skip
    chances = np.exp(log_survival + log_orders)
    # Dropped out right after the n-th order: n orders or more were due.
    positive = count[1:]
    log_dropout = betaln(params.a + 1, alive_b + positive - 1) - betaln(params.a, alive_b)
    chances[:, 1:] += np.exp(log_dropout) * betainc(positive, shape, z)
    alive = p_alive(tuples, params)[:, None]
    chances *= alive
    chances[:, :1] += 1 - alive
    return chances


def p_more_orders(
    repeat_count: FloatArray,
    age_days: FloatArray,
    params: BetaGeometricParams,
    horizon_days: float,
    count: FloatArray,
) -> FloatArray:
    """Chance of more than `count` order days within the horizon, of a customer who is alive.

    The customer must stay after each of the first `count` orders, and one more must be due:
    B(a, b+k+n)/B(a, b+k) · I_z(n+1, r+x), z = t/(α+T+t). All arrays of shape (rows,).
    """
    alive_b = params.b + params.dropout_occasions(repeat_count)
    stays = np.exp(betaln(params.a, alive_b + count) - betaln(params.a, alive_b))
    z = horizon_days / (params.alpha + age_days + horizon_days)
    return stays * betainc(count + 1, params.r + repeat_count, z)


def days_until_order(
    repeat_count: FloatArray,
    age_days: FloatArray,
    params: BetaGeometricParams,
    chance: FloatArray,
    longest_days: float,
) -> FloatArray:
    """Days by which a customer who is alive has ordered with this chance; inf beyond the longest.

    Inverse of 1 - ((α+T)/(α+T+t))^(r+x). All arrays of shape (rows,).
    """
    with np.errstate(divide="ignore", over="ignore"):
        growth = -np.log1p(-np.minimum(chance, 1.0)) / (params.r + repeat_count)
        days = (params.alpha + age_days) * np.expm1(growth)
    return np.where(days <= longest_days, days, np.inf)
