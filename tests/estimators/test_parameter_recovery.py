"""Customers drawn with known parameters: the fits find them again, within their own errors."""

import numpy as np
import pytest
from simulated_customers import simulate_purchases, simulate_spend

from orchestration.estimators import bg_nbd, gamma_gamma, mbg_nbd
from orchestration.estimators.purchase_tuples import PurchaseTuples

STORIES = {
    "many leave": {"r": 0.5, "alpha": 25.0, "a": 0.9, "b": 1.7},
    "few leave": {"r": 1.5, "alpha": 60.0, "a": 0.6, "b": 5.0},
}
MODELS = {"mbg_nbd": (mbg_nbd, True), "bg_nbd": (bg_nbd, False)}


def assert_recovered(truth: dict[str, float], result, closest: float):
    for name, value in truth.items():
        error = result.standard_errors[name]
        assert error < closest * value, name
        assert abs(getattr(result.params, name) - value) < 3.5 * error, name


@pytest.mark.parametrize("truth", STORIES.values(), ids=list(STORIES))
@pytest.mark.parametrize(("model", "after_first"), MODELS.values(), ids=list(MODELS))
def test_purchase_parameters_are_recovered_from_twenty_thousand(model, after_first, truth):
    tuples = simulate_purchases(20_000, **truth, may_leave_after_first_order=after_first)
    assert_recovered(truth, model.fit(tuples), closest=0.25)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("truth", STORIES.values(), ids=list(STORIES))
@pytest.mark.parametrize(("model", "after_first"), MODELS.values(), ids=list(MODELS))
def test_purchase_parameters_are_recovered_closely_from_half_a_million(
    model, after_first, truth, seed
):
    tuples = simulate_purchases(
        500_000, **truth, may_leave_after_first_order=after_first, seed=seed
    )
    assert_recovered(truth, model.fit(tuples), closest=0.05)


def test_spend_parameters_are_recovered_from_twenty_thousand():
    truth = {"p": 6.0, "q": 3.7, "gamma": 15.0}
    assert_recovered(truth, gamma_gamma.fit(simulate_spend(20_000, **truth)), closest=0.08)


@pytest.mark.long
def test_spend_parameters_are_recovered_closely_from_half_a_million():
    truth = {"p": 1.3, "q": 2.2, "gamma": 40.0}
    assert_recovered(truth, gamma_gamma.fit(simulate_spend(500_000, **truth)), closest=0.01)


@pytest.mark.long
def test_standard_errors_are_the_spread_of_repeated_fits():
    truth = STORIES["many leave"]
    results = [
        mbg_nbd.fit(
            simulate_purchases(4_000, **truth, may_leave_after_first_order=True, seed=seed),
            prior=None,
        )
        for seed in range(120)
    ]
    for name in truth:
        spread = np.std([np.log(getattr(result.params, name)) for result in results])
        told = np.mean(
            [result.standard_errors[name] / getattr(result.params, name) for result in results]
        )
        assert told == pytest.approx(spread, rel=0.2), name


@pytest.mark.parametrize(("model", "after_first"), MODELS.values(), ids=list(MODELS))
def test_expected_orders_of_the_second_year_are_those_that_come(model, after_first):
    # Everybody is followed for two years; the fit sees the first of them only.
    truth = STORIES["many leave"]
    draw = np.random.default_rng(11)
    size = 20_000
    rate = draw.gamma(truth["r"], 1 / truth["alpha"], size)
    chance = draw.beta(truth["a"], truth["b"], size)
    alive = np.arange(size)
    if after_first:
        alive = alive[draw.random(size) >= chance]
    clock, first_year, last, second_year = (np.zeros(size) for _ in range(4))
    while alive.size:
        clock[alive] += draw.exponential(size=alive.size) / rate[alive]
        alive = alive[clock[alive] < 730]
        early = alive[clock[alive] < 365]
        first_year[early] += 1
        last[early] = clock[early]
        second_year[alive[clock[alive] >= 365]] += 1
        alive = alive[draw.random(alive.size) >= chance[alive]]
    tuples = PurchaseTuples(first_year, last, np.full(size, 365.0), np.ones(size))
    params = model.fit(tuples).params
    expected = model.expected_orders(tuples, params, 365)
    assert expected.sum() == pytest.approx(second_year.sum(), rel=0.04)
    active = model.p_active(tuples, params, 365)
    assert active.sum() == pytest.approx((second_year > 0).sum(), rel=0.04)
    for low, high in [(0, 1), (1, 3), (3, 1000)]:
        group = (first_year >= low) & (first_year < high)
        assert expected[group].sum() == pytest.approx(second_year[group].sum(), rel=0.1)
