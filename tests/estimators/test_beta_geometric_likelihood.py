"""The likelihood that BG/NBD and MBG/NBD share, its gradient, the prior, and what a fit must not
depend on: unit, weights, order."""

import numpy as np
import pytest
from scipy import special, stats
from simulated_customers import simulate_purchases

from orchestration.estimators import bg_nbd, mbg_nbd
from orchestration.estimators.beta_geometric import (
    DEFAULT_PRIOR,
    PARAM_NAMES,
    log_likelihood_gradient,
)
from orchestration.estimators.bg_nbd import BgNbdParams
from orchestration.estimators.fit_outcome import FitResult, SufficiencyRule
from orchestration.estimators.mbg_nbd import MbgNbdParams
from orchestration.estimators.purchase_tuples import PurchaseTuples

BOTH = pytest.mark.parametrize(
    ("model", "params_type"),
    [(mbg_nbd, MbgNbdParams), (bg_nbd, BgNbdParams)],
    ids=["mbg_nbd", "bg_nbd"],
)


def estimates(result):
    assert isinstance(result, FitResult), result
    return np.array([getattr(result.params, name) for name in PARAM_NAMES])


@pytest.fixture(scope="module")
def shop() -> PurchaseTuples:
    whole_days = simulate_purchases(
        1500, r=0.6, alpha=30, a=0.8, b=2.0, may_leave_after_first_order=True
    )
    age = np.ceil(whole_days.age_days)
    last = np.ceil(whole_days.first_to_last_days)
    return PurchaseTuples(whole_days.repeat_count, last, age, whole_days.customer_count)


@pytest.mark.parametrize(
    ("repeat", "last", "age"), [(0, 0.0, 5.0), (2, 3.0, 5.0), (2, 5.0, 5.0), (0, 0.0, 0.0)]
)
@pytest.mark.parametrize("leaves_after_first", [True, False])
def test_the_likelihood_is_that_of_the_story_integrated(repeat, last, age, leaves_after_first):
    # The story told for one rate and one dropout chance, then averaged over both by the Gauss
    # rules that belong to the gamma and the beta density.
    r, alpha, a, b = 1.5, 2.5, 1.2, 2.2
    occasions = repeat + 1 if leaves_after_first else repeat
    rate, rate_weight = special.roots_genlaguerre(80, r - 1)
    chance, chance_weight = special.roots_jacobi(40, b - 1, a - 1)
    rate, chance = rate[:, None] / alpha, (1 + chance) / 2
    story = (1 - chance) ** occasions * np.exp(-rate * age)
    if occasions:
        story += chance * (1 - chance) ** (occasions - 1) * np.exp(-rate * last)
    story *= rate**repeat
    expected = rate_weight @ story @ chance_weight / rate_weight.sum() / chance_weight.sum()
    params_type = MbgNbdParams if leaves_after_first else BgNbdParams
    value = mbg_nbd.log_likelihood(
        PurchaseTuples([repeat], [last], [age], [1]), params_type(r, alpha, a, b)
    )
    assert value == pytest.approx(np.log(expected), rel=1e-9, abs=1e-12)


@BOTH
@pytest.mark.parametrize("point", [(0.5, 30.0, 0.8, 2.0), (3.0, 200.0, 5.0, 0.2)])
def test_the_gradient_is_that_of_the_likelihood(shop, model, params_type, point):
    _, gradient = log_likelihood_gradient(shop, params_type(*point))
    for index, value in enumerate(point):
        step = value * 1e-5
        above, below = list(point), list(point)
        above[index] += step
        below[index] -= step
        slope = model.log_likelihood(shop, params_type(*above)) - model.log_likelihood(
            shop, params_type(*below)
        )
        scale = np.abs(gradient[index]) + len(shop) / value * 1e-3
        assert slope / (2 * step) == pytest.approx(gradient[index], abs=1e-5 * scale)


def test_the_prior_is_the_product_of_its_densities():
    def by_hand(r, a, b):
        return (
            stats.beta.logpdf(a / (a + b), 1.5, 3.0)
            + stats.norm.logpdf(np.log(a + b), np.log(3), 1.0)
            + stats.norm.logpdf(np.log(r), np.log(0.5), 1.5)
        )

    def ours(r, alpha, a, b):
        return DEFAULT_PRIOR.log_density(np.log([r, alpha, a, b]))[0]

    difference = ours(2.0, 9.0, 0.3, 5.0) - ours(0.1, 4.0, 2.0, 1.0)
    assert difference == pytest.approx(by_hand(2.0, 0.3, 5.0) - by_hand(0.1, 2.0, 1.0))
    assert ours(2.0, 9.0, 0.3, 5.0) == ours(2.0, 1e6, 0.3, 5.0)


def test_the_gradient_of_the_prior_is_its_slope():
    point = np.log([2.0, 9.0, 0.3, 5.0])
    _, gradient = DEFAULT_PRIOR.log_density(point)
    for index in range(4):
        step = np.eye(4)[index] * 1e-6
        slope = DEFAULT_PRIOR.log_density(point + step)[0]
        slope -= DEFAULT_PRIOR.log_density(point - step)[0]
        assert slope / 2e-6 == pytest.approx(gradient[index], abs=1e-8)


@BOTH
@pytest.mark.parametrize("unit_days", [7.0, 1 / 86_400, 365.25])
def test_the_unit_of_time_changes_alpha_and_nothing_else(shop, model, params_type, unit_days):
    in_units = PurchaseTuples(
        shop.repeat_count,
        shop.first_to_last_days / unit_days,
        shop.age_days / unit_days,
        shop.customer_count,
    )
    in_days = estimates(model.fit(shop))
    rule = SufficiencyRule(minimum_span_days=28 / unit_days)
    result = model.fit(in_units, rule=rule)
    np.testing.assert_allclose(estimates(result) * [1, unit_days, 1, 1], in_days, rtol=1e-7)
    told = model.log_likelihood(in_units, result.params)
    assert result.log_likelihood == pytest.approx(told, rel=1e-12)


@BOTH
def test_a_weight_counts_as_often_as_the_customer_repeated(shop, model, params_type):
    weight = 1 + np.arange(len(shop)) % 3
    columns = shop.repeat_count, shop.first_to_last_days, shop.age_days
    weighted = model.fit(PurchaseTuples(*columns, weight))
    repeated = model.fit(
        PurchaseTuples(*(np.repeat(column, weight) for column in columns), np.ones(weight.sum()))
    )
    np.testing.assert_allclose(estimates(weighted), estimates(repeated), rtol=1e-8)
    assert weighted.customer_count == repeated.customer_count == weight.sum()
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood, rel=1e-12)
    for name, error in weighted.standard_errors.items():
        assert error == pytest.approx(repeated.standard_errors[name], rel=1e-5)


@BOTH
def test_the_order_of_tuples_does_not_matter(shop, model, params_type):
    order = np.random.default_rng(3).permutation(len(shop))
    shuffled = PurchaseTuples(
        shop.repeat_count[order],
        shop.first_to_last_days[order],
        shop.age_days[order],
        shop.customer_count[order],
    )
    np.testing.assert_allclose(
        estimates(model.fit(shuffled)), estimates(model.fit(shop)), rtol=1e-8
    )


@BOTH
def test_no_other_point_is_more_likely_than_the_fit_without_prior(shop, model, params_type):
    fitted = model.fit(shop, prior=None)
    best = estimates(fitted)
    draw = np.random.default_rng(5)
    for _ in range(50):
        other = params_type(*(best * np.exp(draw.normal(0, 0.3, 4))))
        assert model.log_likelihood(shop, other) < fitted.log_likelihood


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_parameters_that_no_fit_gives_are_refused(bad):
    with pytest.raises(ValueError, match="MbgNbdParams: alpha must be finite and above 0"):
        MbgNbdParams(0.5, bad, 1.0, 2.0)
