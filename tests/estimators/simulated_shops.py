"""Whole shops, order by order, with what comes after the as-of day: stories, not formulas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples

STORIES = {
    "mbg_nbd": {"r": 0.6, "alpha": 20.0, "a": 0.8, "b": 2.5},
    "bg_nbd": {"r": 0.6, "alpha": 20.0, "a": 0.8, "b": 2.5},
    "pareto_nbd": {"r": 0.6, "alpha": 20.0, "s": 0.6, "beta": 60.0},
}


@dataclass(frozen=True)
class SimulatedShop:
    """Orders of customers 0 to n-1, sorted by customer and then by day."""

    customer: np.ndarray
    day: FloatArray

    def as_of(
        self, as_of_day: float, horizon_days: float
    ) -> tuple[PurchaseTuples, FloatArray, FloatArray, np.ndarray]:
        """One tuple per customer by then; orders in the horizons after and before; who it is."""
        size = int(self.customer.max()) + 1

        def count(chosen: np.ndarray) -> FloatArray:
            return np.bincount(self.customer[chosen], minlength=size).astype(float)

        seen = self.day <= as_of_day
        first, last = np.full(size, np.inf), np.full(size, -np.inf)
        np.minimum.at(first, self.customer[seen], self.day[seen])
        np.maximum.at(last, self.customer[seen], self.day[seen])
        known = np.flatnonzero(np.isfinite(first))
        repeats = count(seen) - 1
        after = count((self.day > as_of_day) & (self.day <= as_of_day + horizon_days))
        before = count(seen & (self.day > as_of_day - horizon_days))
        tuples = PurchaseTuples(
            repeats[known], (last - first)[known], as_of_day - first[known], np.ones(known.size)
        )
        return tuples, after[known], before[known], known

    def with_days_shuffled(self, seed: int = 1) -> SimulatedShop:
        """The same orders, each on the day of another one."""
        day = np.random.default_rng(seed).permutation(self.day)
        pairs = np.unique(np.stack([self.customer, day]), axis=1)
        return SimulatedShop(pairs[0].astype(np.int64), pairs[1])


def with_recency_shuffled(tuples: PurchaseTuples, seed: int = 1) -> PurchaseTuples:
    """The last order of each repeat customer as late in their time as another one's was."""
    repeating = np.flatnonzero(tuples.repeat_count > 0)
    last = tuples.first_to_last_days.copy()
    share = last[repeating] / tuples.age_days[repeating]
    last[repeating] = np.random.default_rng(seed).permutation(share) * tuples.age_days[repeating]
    return PurchaseTuples(tuples.repeat_count, last, tuples.age_days, tuples.customer_count)


def simulate_shop(
    story: str,
    customer_count: int,
    *,
    opening_days: float = 730.0,
    until_day: float = 1095.0,
    seed: int = 7,
    **params: float,
) -> SimulatedShop:
    """Customers who come evenly over the opening days, each followed to the last day."""
    told = {**STORIES[story], **params}
    draw = np.random.default_rng(seed)
    first = draw.uniform(0.0, opening_days, customer_count)
    rate = draw.gamma(told["r"], 1 / told["alpha"], customer_count)
    gone = np.full(customer_count, np.inf)
    chance = np.zeros(customer_count)
    if story == "pareto_nbd":
        leaving = draw.gamma(told["s"], 1 / told["beta"], customer_count)
        gone = first + draw.exponential(size=customer_count) / leaving
    else:
        chance = draw.beta(told["a"], told["b"], customer_count)
    alive, clock = np.arange(customer_count), first.copy()
    customers, days = [alive], [first]
    if story == "mbg_nbd":
        alive = alive[draw.random(alive.size) >= chance[alive]]
    while alive.size:
        clock[alive] += draw.exponential(size=alive.size) / np.maximum(rate[alive], 1e-300)
        alive = alive[(clock[alive] < until_day) & (clock[alive] < gone[alive])]
        customers.append(alive)
        days.append(clock[alive])
        if story != "pareto_nbd":
            alive = alive[draw.random(alive.size) >= chance[alive]]
    customer, day = np.concatenate(customers), np.concatenate(days)
    order = np.lexsort((day, customer))
    return SimulatedShop(customer[order], day[order])
