"""The same numbers as `lifetimes` on the same customers, from its functions and its fitters."""

import warnings

import numpy as np
import pytest

from orchestration.estimators import bg_nbd, gamma_gamma, mbg_nbd
from orchestration.estimators.bg_nbd import BgNbdParams
from orchestration.estimators.fit_outcome import SufficiencyRule
from orchestration.estimators.gamma_gamma import GammaGammaParams
from orchestration.estimators.mbg_nbd import MbgNbdParams

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter

MODELS = {
    "bg_nbd": (bg_nbd, BgNbdParams(0.3, 5.0, 0.7, 2.1), BetaGeoFitter),
    "mbg_nbd": (mbg_nbd, MbgNbdParams(0.6, 7.0, 0.9, 1.8), ModifiedBetaGeoFitter),
}


@pytest.fixture(params=MODELS)
def pair(request):
    model, params, fitter_type = MODELS[request.param]
    fitter = fitter_type()
    fitter.params_ = {name: getattr(params, name) for name in ("r", "alpha", "a", "b")}
    return model, params, fitter


def columns(tuples):
    return tuples.repeat_count, tuples.first_to_last_days, tuples.age_days


def test_log_likelihoods_agree(pair, cdnow_in_weeks):
    model, params, fitter = pair
    log_params = np.log([params.r, params.alpha, params.a, params.b])
    mean = fitter._negative_log_likelihood(
        log_params, *columns(cdnow_in_weeks), cdnow_in_weeks.customer_count, 0.0
    )
    ours = model.log_likelihood(cdnow_in_weeks, params)
    assert ours == pytest.approx(-mean * len(cdnow_in_weeks), rel=1e-12)


def test_p_alive_agrees(pair, cdnow_in_weeks):
    model, params, fitter = pair
    theirs = fitter.conditional_probability_alive(*columns(cdnow_in_weeks))
    np.testing.assert_allclose(model.p_alive(cdnow_in_weeks, params), theirs, rtol=1e-12)


@pytest.mark.parametrize("horizon", [1, 39, 520])
def test_expected_orders_agree(pair, cdnow_in_weeks, horizon):
    model, params, fitter = pair
    theirs = fitter.conditional_expected_number_of_purchases_up_to_time(
        horizon, *columns(cdnow_in_weeks)
    )
    ours = model.expected_orders(cdnow_in_weeks, params, horizon)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_gamma_gamma_agrees(cdnow_repeat_spend):
    params = GammaGammaParams(p=5.0, q=3.0, gamma=20.0)
    fitter = GammaGammaFitter()
    fitter.params_ = {"p": params.p, "q": params.q, "v": params.gamma}
    count, mean = cdnow_repeat_spend.order_count, cdnow_repeat_spend.mean_order_value
    average = fitter._negative_log_likelihood(
        np.log([5.0, 3.0, 20.0]), count, mean, cdnow_repeat_spend.customer_count, 0.0
    )
    assert gamma_gamma.log_likelihood(cdnow_repeat_spend, params) == pytest.approx(
        -average * count.size, rel=1e-12
    )
    np.testing.assert_allclose(
        gamma_gamma.expected_order_value(cdnow_repeat_spend, params),
        fitter.conditional_expected_average_profit(count, mean),
        rtol=1e-12,
    )


def test_fits_agree_where_lifetimes_can_be_fitted(cdnow_in_weeks, cdnow_repeat_spend):
    rule = SufficiencyRule(minimum_span_days=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = [
            ModifiedBetaGeoFitter().fit(*columns(cdnow_in_weeks)),
            GammaGammaFitter().fit(
                cdnow_repeat_spend.order_count, cdnow_repeat_spend.mean_order_value
            ),
        ]
    ours = [mbg_nbd.fit(cdnow_in_weeks, prior=None, rule=rule), gamma_gamma.fit(cdnow_repeat_spend)]
    for fitter, result in zip(theirs, ours, strict=True):
        estimates = [getattr(result.params, name) for name in result.standard_errors]
        assert estimates == pytest.approx(fitter.params_.tolist(), rel=2e-3)
        errors = list(result.standard_errors.values())
        assert errors == pytest.approx(fitter.standard_errors_.tolist(), rel=5e-3)
