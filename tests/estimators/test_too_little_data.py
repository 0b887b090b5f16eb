"""Small and odd shops: a usable fit or a refusal with its reason, never a NaN."""

import dataclasses

import numpy as np
import pytest
from simulated_customers import simulate_purchases

from orchestration.estimators import bg_nbd, mbg_nbd
from orchestration.estimators.fit_outcome import (
    FitResult,
    InsufficientData,
    InsufficientReason,
    SufficiencyRule,
)
from orchestration.estimators.lifetime_value import score_purchase_tuples
from orchestration.estimators.purchase_tuples import PurchaseTuples

BOTH = pytest.mark.parametrize("model", [mbg_nbd, bg_nbd], ids=["mbg_nbd", "bg_nbd"])


def assert_usable(model, tuples) -> FitResult:
    result = model.fit(tuples)
    assert isinstance(result, FitResult), result
    assert result.converged
    assert np.all(np.isfinite(dataclasses.astuple(result.params)))
    assert all(np.isfinite(error) and error > 0 for error in result.standard_errors.values())
    assert np.isfinite(result.log_likelihood)
    for name, column in score_purchase_tuples(
        tuples, result.params, annual_discount_rate=0.1
    ).items():
        assert np.all(np.isfinite(column)), name
        assert np.all(column >= 0), name
    return result


def refused(model, tuples, **options) -> InsufficientReason:
    result = model.fit(tuples, **options)
    assert isinstance(result, InsufficientData), result
    assert result.detail
    assert "\n" not in result.detail
    return result.reason


@BOTH
def test_no_customers_are_refused(model):
    assert refused(model, PurchaseTuples([], [], [], [])) == "no_customers"


@BOTH
def test_forty_five_one_time_buyers_are_refused(model):
    age = np.arange(10, 55)
    tuples = PurchaseTuples(np.zeros(45), np.zeros(45), age, np.ones(45))
    assert refused(model, tuples) == "too_few_repeat_customers"


@BOTH
def test_one_customer_is_refused_however_loyal(model):
    assert refused(model, PurchaseTuples([50], [360], [365], [1])) == "too_few_repeat_customers"


@BOTH
def test_nobody_with_a_repeat_order_is_refused_under_any_rule(model):
    tuples = PurchaseTuples([0], [0], [365], [9000])
    rule = SufficiencyRule(minimum_repeat_customers=0)
    assert refused(model, tuples, rule=rule) == "too_few_repeat_customers"


@BOTH
def test_two_days_of_history_are_refused(model):
    tuples = PurchaseTuples([0, 1, 1], [0, 1, 2], [2, 2, 2], [500, 80, 60])
    assert refused(model, tuples) == "span_too_short"


@BOTH
@pytest.mark.parametrize(("customers", "enough"), [(9, False), (10, True)])
def test_ten_repeat_customers_are_enough_and_nine_are_not(model, customers, enough):
    tuples = PurchaseTuples([0, 2], [0, 60], [200, 200], [35, customers])
    if enough:
        assert_usable(model, tuples)
    else:
        assert refused(model, tuples) == "too_few_repeat_customers"


@BOTH
@pytest.mark.parametrize(("oldest", "enough"), [(27, False), (28, True)])
def test_four_weeks_are_enough_and_a_day_less_is_not(model, oldest, enough):
    tuples = PurchaseTuples([0, 2], [0, 15], [oldest, 20], [35, 30])
    if enough:
        assert_usable(model, tuples)
    else:
        assert refused(model, tuples) == "span_too_short"


@BOTH
@pytest.mark.parametrize("customer_count", [45, 150, 500])
@pytest.mark.parametrize("seed", range(3))
def test_small_shops_get_a_usable_fit(model, customer_count, seed):
    tuples = simulate_purchases(
        customer_count, r=0.8, alpha=30, a=0.8, b=2.5, may_leave_after_first_order=True, seed=seed
    )
    assert_usable(model, tuples)


@BOTH
def test_customers_who_are_all_alike_get_a_usable_fit(model):
    assert_usable(model, PurchaseTuples([3], [100], [200], [500]))


@BOTH
@pytest.mark.parametrize("customer_count", [30, 100_000])
def test_subscribers_who_never_leave_get_the_rate_they_have(model, customer_count):
    age = np.arange(60.0, 720.0, 30.0)
    tuples = PurchaseTuples(age / 30, age, age, np.full(age.size, customer_count / age.size))
    result = assert_usable(model, tuples)
    expected = model.expected_orders(tuples, result.params, 90)
    assert expected == pytest.approx(np.full(age.size, 3.0), rel=0.1)


@BOTH
@pytest.mark.parametrize("seed", [6, 7, 8])
def test_customers_who_order_every_day_for_years_get_a_usable_fit(model, seed):
    # The likelihood is a valley a thousand times narrower than long, in which searches stop early.
    age = np.random.default_rng(seed).integers(1, 3001, 45)
    result = assert_usable(model, PurchaseTuples(age, age, age, np.ones(age.size)))
    tuples = PurchaseTuples([2000], [2000], [2000], [1])
    assert model.expected_orders(tuples, result.params, 30)[0] == pytest.approx(30, rel=0.02)


@BOTH
def test_one_buyer_in_bulk_among_small_ones_gets_a_finite_score(model):
    tuples = PurchaseTuples([0, 1, 100_000], [0, 50, 899], [900, 900, 900], [400, 50, 1])
    assert_usable(model, tuples)


@BOTH
def test_hardly_anybody_returning_gets_a_usable_fit(model):
    tuples = PurchaseTuples([0, 1], [0, 3], [365, 365], [100_000, 12])
    result = assert_usable(model, tuples)
    scores = score_purchase_tuples(tuples, result.params, annual_discount_rate=0.1)
    assert scores["expected_orders_365_days"][0] < 0.01


def test_data_that_say_nothing_of_dropout_are_refused_without_the_prior_and_fitted_with_it():
    # One repeat order, on the last day: BG/NBD's likelihood is then the same for every a and b.
    tuples = PurchaseTuples([0, 1, 1], [0, 60, 90], [60, 60, 90], [50, 30, 20])
    result = bg_nbd.fit(tuples, prior=None)
    assert isinstance(result, InsufficientData)
    assert result.reason is InsufficientReason.NOT_CONVERGED
    assert not result.rejected_fit.converged
    assert result.rejected_fit.standard_errors == {}
    assert result.rejected_fit.message == result.detail
    assert_usable(bg_nbd, tuples)


def test_a_limit_without_the_prior_is_told_and_has_no_errors():
    # Everybody ordered again, once, on the last day: as regular and as loyal as can be.
    tuples = PurchaseTuples([1], [60], [60], [30])
    result = mbg_nbd.fit(tuples, prior=None)
    assert result.parameters_at_bound == ("r", "a", "b")
    assert list(result.standard_errors) == ["alpha"]
    assert mbg_nbd.expected_orders(tuples, result.params, 60)[0] == pytest.approx(1.0, rel=0.01)
    assert assert_usable(mbg_nbd, tuples).parameters_at_bound == ()
