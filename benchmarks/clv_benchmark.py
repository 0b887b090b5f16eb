"""What fitting and scoring of customer lifetime values cost in CPU seconds, by step.

    python -m benchmarks.clv_benchmark --customers 1000000
    python -m benchmarks.clv_benchmark --customers 20000 --lifetimes

Customers are drawn from MBG/NBD and Gamma-Gamma in whole days, and counted to tuples as SQL would.
With `--lifetimes` that library fits Pareto/NBD to the same customers, row by row. Linear algebra is
held to one thread, or waiting threads would count as work.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
import warnings
from collections.abc import Callable
from typing import TypeVar

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from orchestration.estimators import gamma_gamma
from orchestration.estimators.lifetime_value import (
    score_outcomes,
    score_parameter_intervals,
    score_purchase_tuples,
    score_spend_tuples,
    score_value_outcomes,
)
from orchestration.estimators.purchase_models import MODEL_NAMES, fit_purchase_model, log_posterior
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples, SpendTuples

SEED = 20240229
OLDEST_DAYS = 1500
# Gives some 430,000 distinct histories for a million customers.
ORDERS = {"r": 0.55, "alpha": 120.0, "a": 0.8, "b": 2.5}
SPEND = {"p": 2.5, "q": 3.7, "gamma": 60.0}
COVERAGE = 0.8
Answer = TypeVar("Answer")


def draw_customers(count: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Repeat orders, days from first to last, age in days and mean order value of each."""
    draw = np.random.default_rng(SEED)
    age = draw.integers(0, OLDEST_DAYS + 1, count).astype(float)
    rate = draw.gamma(ORDERS["r"], 1 / ORDERS["alpha"], count)
    chance = draw.beta(ORDERS["a"], ORDERS["b"], count)
    clock, last, repeats = (np.zeros(count) for _ in range(3))
    alive = np.flatnonzero(draw.random(count) >= chance)
    while alive.size:
        gap = np.ceil(draw.exponential(size=alive.size) / np.maximum(rate[alive], 1e-12))
        clock[alive] += np.maximum(gap, 1)
        ordered = alive[clock[alive] <= age[alive]]
        repeats[ordered] += 1
        last[ordered] = clock[ordered]
        alive = ordered[draw.random(ordered.size) >= chance[ordered]]
    orders = repeats + 1
    scale = draw.gamma(SPEND["q"], 1 / SPEND["gamma"], count)
    mean = np.round(draw.gamma(SPEND["p"] * orders) / scale / orders, 2) + 0.01
    return repeats, last, age, mean


def grouped(*columns: FloatArray) -> tuple[FloatArray, ...]:
    """Distinct rows, with how often each came as the last column."""
    order = np.lexsort(columns[::-1])
    columns = tuple(column[order] for column in columns)
    is_new = np.concatenate([[True], np.any([np.diff(column) != 0 for column in columns], axis=0)])
    begins = np.flatnonzero(is_new)
    counts = np.diff(np.append(begins, order.size)).astype(float)
    return (*(column[begins] for column in columns), counts)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--lifetimes", action="store_true")
    told = parser.parse_args(arguments)
    repeats, last, age, mean = draw_customers(told.customers)

    def timed(step: str, work: Callable[[], Answer]) -> Answer:
        began = time.process_time()
        answer = work()
        print(f"{step:45s} {time.process_time() - began:8.2f} s", flush=True)
        return answer

    tuples = timed("group orders", lambda: PurchaseTuples(*grouped(repeats, last, age)))
    spend = timed("group spend", lambda: SpendTuples(*grouped(repeats + 1, mean)))
    print(f"{len(tuples)} order tuples, {len(spend)} spend tuples")
    values = timed("fit gamma_gamma", lambda: gamma_gamma.fit(spend)).params
    timed("score gamma_gamma", lambda: score_spend_tuples(spend, values))
    for name in MODEL_NAMES:
        fit = timed(f"fit {name}", lambda name=name: fit_purchase_model(name, tuples))
        params = fit.params
        steps = {
            "points": lambda p=params: score_purchase_tuples(tuples, p, annual_discount_rate=0.1),
            "intervals of counts, next order": lambda p=params: score_outcomes(
                tuples, p, 365, COVERAGE
            ),
            "intervals of value": lambda p=params: score_value_outcomes(
                tuples, p, values, 365, COVERAGE, annual_discount_rate=0.1
            ),
            "intervals of parameters": lambda f=fit: score_parameter_intervals(
                tuples, f, 365, COVERAGE, log_posterior(tuples, f.params)
            ),
        }
        for step, work in steps.items():
            timed(f"score {name}: {step}", work)
    if told.lifetimes:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from lifetimes import ParetoNBDFitter

            timed("lifetimes pareto_nbd", lambda: ParetoNBDFitter().fit(repeats, last, age))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
