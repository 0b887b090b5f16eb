"""The CDNOW sample, from the raw log, against the estimates that were published for it."""

import pytest

from orchestration.estimators import bg_nbd, gamma_gamma, mbg_nbd
from orchestration.estimators.bg_nbd import BgNbdParams
from orchestration.estimators.fit_outcome import SufficiencyRule
from orchestration.estimators.gamma_gamma import GammaGammaParams
from orchestration.estimators.purchase_tuples import PurchaseTuples, SpendTuples

# The default rule counts in days; these tests are in weeks.
FOUR_WEEKS = SufficiencyRule(minimum_span_days=4)


def test_bg_nbd_gives_the_published_estimates(cdnow_in_weeks):
    # Fader, Hardie & Lee (2005), table 2.
    result = bg_nbd.fit(cdnow_in_weeks, prior=None, rule=FOUR_WEEKS)
    assert result.params.r == pytest.approx(0.2426, abs=5e-5)
    assert result.params.alpha == pytest.approx(4.4136, abs=5e-5)
    assert result.params.a == pytest.approx(0.7929, abs=5e-5)
    assert result.params.b == pytest.approx(2.4259, abs=5e-5)
    assert result.log_likelihood == pytest.approx(-9582.429, abs=5e-4)
    assert result.converged
    assert result.customer_count == 2357


def test_mbg_nbd_gives_the_published_estimates(cdnow_in_weeks):
    # Platzer & Reutterer, vignette of the R package BTYDplus.
    result = mbg_nbd.fit(cdnow_in_weeks, prior=None, rule=FOUR_WEEKS)
    assert result.params.r == pytest.approx(0.525, abs=5e-4)
    assert result.params.alpha == pytest.approx(6.183, abs=5e-4)
    assert result.params.a == pytest.approx(0.891, abs=5e-4)
    assert result.params.b == pytest.approx(1.614, abs=5e-4)


def test_gamma_gamma_gives_the_published_estimates_on_repeat_orders(cdnow_repeat_spend):
    # Fader & Hardie (2013): 946 customers with repeat orders of some value.
    result = gamma_gamma.fit(cdnow_repeat_spend)
    assert result.params.p == pytest.approx(6.25, abs=5e-3)
    assert result.params.q == pytest.approx(3.74, abs=5e-3)
    assert result.params.gamma == pytest.approx(15.44, abs=5e-3)
    assert result.log_likelihood == pytest.approx(-4055.92, abs=5e-3)
    assert result.customer_count == 946


def test_the_prior_hardly_moves_a_fit_on_two_thousand_customers(cdnow_in_days):
    without = mbg_nbd.fit(cdnow_in_days, prior=None)
    with_prior = mbg_nbd.fit(cdnow_in_days)
    assert without.log_likelihood - with_prior.log_likelihood == pytest.approx(0.0065, abs=5e-4)
    expected = [
        (mbg_nbd.expected_orders(cdnow_in_days, result.params, 365)).sum()
        for result in (without, with_prior)
    ]
    assert expected[1] == pytest.approx(expected[0], rel=2e-3)


def test_the_published_expectation_of_the_example_customer_is_met():
    # Fader, Hardie & Lee, "Implementing the BG/NBD model for customer base analysis in Excel":
    # 1.226 orders in the next 39 weeks for x = 2, t_x = 30.43, T = 38.86.
    params = BgNbdParams(r=0.243, alpha=4.414, a=0.793, b=2.426)
    customer = PurchaseTuples([2], [30.43], [38.86], [1])
    assert bg_nbd.expected_orders(customer, params, 39)[0] == pytest.approx(1.226, abs=5e-4)


def test_the_published_order_values_of_the_example_customers_are_met():
    # The first three customers of the sample, under the published estimates.
    params = GammaGammaParams(p=6.25, q=3.74, gamma=15.44)
    customers = SpendTuples([2, 1], [22.35, 11.77], [1, 1])
    assert gamma_gamma.expected_order_value(customers, params) == pytest.approx(
        [24.66, 18.91], abs=0.015
    )
    assert params.population_mean == pytest.approx(35.2, abs=0.05)
