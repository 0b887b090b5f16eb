"""Customers drawn from the models' stories with a fixed seed, without the estimators' formulas."""

from __future__ import annotations

import numpy as np

from orchestration.estimators.purchase_tuples import PurchaseTuples, SpendTuples


def simulate_purchases(
    customer_count: int,
    *,
    r: float,
    alpha: float,
    a: float,
    b: float,
    may_leave_after_first_order: bool,
    oldest_days: float = 730.0,
    seed: int = 7,
) -> PurchaseTuples:
    """Follow each customer order by order, with ages spread evenly up to the oldest."""
    draw = np.random.default_rng(seed)
    age = draw.uniform(1.0, oldest_days, customer_count)
    rate = draw.gamma(r, 1 / alpha, customer_count)
    dropout = draw.beta(a, b, customer_count)
    clock, last, repeats = (np.zeros(customer_count) for _ in range(3))
    alive = np.arange(customer_count)
    if may_leave_after_first_order:
        alive = alive[draw.random(alive.size) >= dropout[alive]]
    while alive.size:
        clock[alive] += draw.exponential(size=alive.size) / rate[alive]
        ordered = alive[clock[alive] < age[alive]]
        repeats[ordered] += 1
        last[ordered] = clock[ordered]
        alive = ordered[draw.random(ordered.size) >= dropout[ordered]]
    return PurchaseTuples(repeats, last, age, np.ones(customer_count))


def simulate_spend(
    customer_count: int, *, p: float, q: float, gamma: float, seed: int = 7
) -> SpendTuples:
    """Mean order values of customers with one order and more."""
    draw = np.random.default_rng(seed)
    orders = 1 + draw.poisson(2.0, customer_count)
    rate = draw.gamma(q, 1 / gamma, customer_count)
    mean = draw.gamma(p * orders) / (rate * orders)
    return SpendTuples(orders, mean, np.ones(customer_count))
