"""Backtests of whole shops, the choice of the champion, and when confidence is low."""

import dataclasses

import numpy as np
import pytest
from simulated_shops import SimulatedShop, simulate_shop, with_recency_shuffled

from orchestration.estimators import gamma_gamma
from orchestration.estimators.champion import choose_champion
from orchestration.estimators.confidence import (
    Confidence,
    LowReason,
    combined,
    order_confidence,
    spend_confidence,
)
from orchestration.estimators.fit_outcome import InsufficientReason
from orchestration.estimators.forecast_backtest import ForecastBacktest
from orchestration.estimators.order_backtest import HoldoutOrders, backtest_orders
from orchestration.estimators.purchase_models import fit_purchase_model, fit_purchase_models
from orchestration.estimators.purchase_outlook import p_alive
from orchestration.estimators.purchase_tuples import PurchaseTuples, SpendTuples
from orchestration.estimators.recency_information import (
    recency_holdout_gain,
    recency_likelihood_gain,
)


def holdout_of(shop, as_of_day=730.0, horizon=365.0, shuffle_recency=None) -> HoldoutOrders:
    tuples, after, before, _ = shop.as_of(as_of_day, horizon)
    if shuffle_recency is not None:
        tuples = with_recency_shuffled(tuples, shuffle_recency)
    return HoldoutOrders(tuples, after, before, horizon)


def confidence_of(holdout: HoldoutOrders) -> Confidence:
    fit = fit_purchase_model("mbg_nbd", holdout.tuples)
    return order_confidence(holdout.tuples, fit, backtest_orders(holdout, {"mbg_nbd": fit}))


@pytest.fixture(scope="module")
def cdnow_shop(cdnow_all_order_days) -> SimulatedShop:
    pairs = sorted(
        {
            (int(customer), day.toordinal())
            for customer, days in cdnow_all_order_days.items()
            for day in days
        }
    )
    customer, day = np.array(pairs).T
    return SimulatedShop(np.unique(customer, return_inverse=True)[1], day - day.min() + 0.0)


@pytest.fixture(scope="module")
def cdnow_holdout(cdnow_shop) -> HoldoutOrders:
    """From 30 September 1997, day 272 of the log, for 39 weeks."""
    return holdout_of(cdnow_shop, 272.0, 273.0)


def test_every_model_and_both_rules_of_thumb_are_measured():
    holdout = holdout_of(simulate_shop("mbg_nbd", 2000, seed=5))
    results = backtest_orders(holdout, fit_purchase_models(holdout.tuples))
    assert [(result.model_name, result.is_naive) for result in results] == [
        ("mbg_nbd", False),
        ("bg_nbd", False),
        ("pareto_nbd", False),
        ("own_rate", True),
        ("same_as_last_window", True),
    ]
    model, naive = results[0], results[3:]
    assert model.actual_total == holdout.holdout_count.sum()
    assert model.forecast_to_actual == pytest.approx(1, abs=0.1)
    for rule in naive:
        assert model.mean_absolute_error < 0.8 * rule.mean_absolute_error
        assert model.normalised_gini > rule.normalised_gini + 0.05
        assert model.brier_score < rule.brier_score
        assert rule.interval_coverage is None
    assert model.interval_promise >= 0.8
    assert model.interval_coverage == pytest.approx(model.interval_promise, abs=0.03)
    assert sum(row.customer_count for row in model.by_decile) == 2000
    for row in model.by_order_count:
        assert row.forecast_mean == pytest.approx(row.actual_mean, rel=0.25, abs=0.05)


def test_on_cdnow_the_models_rank_as_published_and_beat_the_rules_of_thumb(cdnow_holdout):
    # On all 23,570 customers MBG/NBD has MAE .795 and a normalised Gini of .666,
    # Pareto/NBD .794 and .673.
    results = backtest_orders(cdnow_holdout, fit_purchase_models(cdnow_holdout.tuples))
    by_name = {result.model_name: result for result in results}
    assert by_name["mbg_nbd"].mean_absolute_error == pytest.approx(0.77, abs=0.01)
    assert by_name["mbg_nbd"].normalised_gini == pytest.approx(0.664, abs=0.005)
    assert by_name["pareto_nbd"].mean_absolute_error == pytest.approx(0.755, abs=0.005)
    assert by_name["pareto_nbd"].normalised_gini == pytest.approx(0.673, abs=0.005)
    for name in ("mbg_nbd", "bg_nbd", "pareto_nbd"):
        assert by_name[name].mean_absolute_error < 0.8 * by_name["own_rate"].mean_absolute_error
        assert by_name[name].interval_coverage == pytest.approx(
            by_name[name].interval_promise, abs=0.04
        )
    # A tenth of the customers, of whom Pareto/NBD errs by 1.3 % less.
    assert choose_champion(results).totals.model_name == "pareto_nbd"


def result(name, error, gini, **others) -> ForecastBacktest:
    return ForecastBacktest(
        name,
        others.pop("is_naive", False),
        mean_absolute_error=error,
        normalised_gini=gini,
        forecast_to_actual=1.0,
        **others,
    )


NAIVE = result("own_rate", 0.1, 0.99, is_naive=True)


def test_the_default_stays_unless_beaten_by_more_than_a_hundredth():
    default, near = result("mbg_nbd", 1.0, 0.5), result("pareto_nbd", 0.991, 0.504)
    kept = choose_champion([default, near, NAIVE])
    assert (kept.totals.model_name, kept.tiers.model_name) == ("mbg_nbd", "mbg_nbd")
    assert kept.totals.reason == (
        "mbg_nbd: best challenger pareto_nbd has mean absolute error 0.9910 against 1.0000 of "
        "mbg_nbd, not better by more than 1%"
    )
    better = result("pareto_nbd", 0.989, 0.506)
    chosen = choose_champion([default, better, NAIVE])
    assert (chosen.totals.model_name, chosen.tiers.model_name) == ("pareto_nbd", "pareto_nbd")
    assert "better by more than 1%" in chosen.tiers.reason


def test_totals_and_tiers_may_have_different_champions():
    chosen = choose_champion([result("mbg_nbd", 1.0, 0.5), result("bg_nbd", 0.9, 0.4)])
    assert (chosen.totals.model_name, chosen.tiers.model_name) == ("bg_nbd", "mbg_nbd")


def test_a_rule_of_thumb_is_used_only_where_no_model_was_fitted():
    refused = ForecastBacktest("mbg_nbd", False, refusal=InsufficientReason.NOT_CONVERGED)
    other = result("bg_nbd", 1.0, 0.5)
    assert choose_champion([refused, other, NAIVE]).totals.model_name == "bg_nbd"
    chosen = choose_champion([refused, NAIVE]).totals
    assert chosen.model_name == "own_rate"
    assert chosen.reason == "own_rate: mean absolute error 0.1000; no model could be fitted"
    nothing = choose_champion([])
    assert nothing.totals.model_name == nothing.tiers.model_name == "mbg_nbd"
    assert "no holdout" in nothing.totals.reason


@pytest.mark.parametrize("story", ["mbg_nbd", "pareto_nbd"])
def test_clean_shops_have_normal_confidence(story):
    told = [confidence_of(holdout_of(simulate_shop(story, 600, seed=seed))) for seed in range(12)]
    # Where the largest customers happen to leave together, the total is off without any fault.
    assert sum(one.level == "normal" for one in told) >= 11
    assert {reason for one in told for reason in one.reasons} <= {LowReason.FORECAST_OFF}


def test_cdnow_has_normal_confidence(cdnow_holdout):
    told = confidence_of(cdnow_holdout)
    assert told.level == "normal", told


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_days_shuffled_between_orders_are_noticed(seed):
    shop = simulate_shop("mbg_nbd", 600, seed=seed).with_days_shuffled(seed)
    assert LowReason.RECENCY_SAYS_NOTHING in confidence_of(holdout_of(shop)).reasons


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_last_days_that_are_somebody_elses_are_noticed(seed):
    holdout = holdout_of(simulate_shop("mbg_nbd", 600, seed=seed), shuffle_recency=seed)
    assert LowReason.RECENCY_MISLEADS in confidence_of(holdout).reasons


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_is_noticed_on_cdnow(cdnow_shop, seed):
    shuffled = holdout_of(cdnow_shop, 272.0, 273.0, shuffle_recency=seed)
    assert LowReason.RECENCY_MISLEADS in confidence_of(shuffled).reasons
    elsewhere = holdout_of(cdnow_shop.with_days_shuffled(seed), 272.0, 273.0)
    assert confidence_of(elsewhere).level == "low"


@pytest.mark.parametrize("seed", range(3))
def test_orders_piled_on_the_day_of_a_migration_are_noticed(seed):
    shop = simulate_shop("mbg_nbd", 1500, seed=seed)
    moved = np.random.default_rng(seed).random(shop.day.size) < 1 / 3
    pairs = np.unique(np.stack([shop.customer, np.where(moved, 700.0, shop.day)]), axis=1)
    piled = SimulatedShop(pairs[0].astype(np.int64), pairs[1])
    told = confidence_of(holdout_of(piled)).reasons
    assert LowReason.FORECAST_OFF in told
    assert LowReason.NO_BETTER_THAN_NAIVE in told


def test_the_statistics_lie_far_apart():
    # Standard errors above 0: clean shops beyond 4, others below 2 and at -2.
    for seed in range(5, 10):
        shop = simulate_shop("mbg_nbd", 800, seed=seed)
        scores = {}
        for name, holdout in (
            ("clean", holdout_of(shop)),
            ("days", holdout_of(shop.with_days_shuffled(seed))),
            ("recency", holdout_of(shop, shuffle_recency=seed)),
        ):
            [backtest] = backtest_orders(
                holdout, {"mbg_nbd": (fit := fit_purchase_model("mbg_nbd", holdout.tuples))}
            )[:1]
            likelihood = recency_likelihood_gain(holdout.tuples, fit.params)
            scores[name] = (
                likelihood.gain / likelihood.standard_error,
                backtest.recency_gain.gain / backtest.recency_gain.standard_error,
            )
        assert min(scores["clean"]) > 4, scores
        assert scores["days"][0] < 0, scores
        assert scores["recency"][1] < -2.5, scores


def test_the_likelihood_gain_is_the_ratio_of_two_densities():
    # By hand for one repeat order: at random its day is uniform, so the ratio is 1/P(alive) over
    # its mean over all days.
    tuples = PurchaseTuples([1], [30], [200], [1])
    fit = fit_purchase_model("mbg_nbd", holdout_of(simulate_shop("mbg_nbd", 600)).tuples)
    days = np.arange(200) + 0.5
    every = PurchaseTuples(np.ones(200), days, np.full(200, 200.0), np.ones(200))
    expected = np.log(1 / p_alive(tuples, fit.params)) - np.log(
        np.mean(1 / p_alive(every, fit.params))
    )
    told = recency_likelihood_gain(tuples, fit.params)
    assert told.gain == pytest.approx(expected[0], rel=2e-3)
    assert told.standard_error == 0


def test_a_small_shop_has_low_confidence_for_being_small():
    told = confidence_of(holdout_of(simulate_shop("mbg_nbd", 45, seed=2)))
    assert LowReason.FEW_CUSTOMERS in told.reasons
    assert told.level == "low"


@pytest.mark.parametrize(
    ("columns", "reasons"),
    [
        (([], [], [], []), ("no_customers",)),
        (([0], [0], [365], [9000]), ("no_repeat_purchases",)),
        (([3], [200], [365], [1]), ("few_customers",)),
        (([0, 1], [0, 1], [2, 2], [500, 80]), ("span_too_short",)),
    ],
)
def test_what_cannot_be_fitted_is_told_as_it_is(columns, reasons):
    tuples = PurchaseTuples(*columns)
    told = order_confidence(tuples, fit_purchase_model("mbg_nbd", tuples), [])
    assert told.reasons == reasons
    assert len(told.details) == 1


def test_a_fit_without_a_holdout_is_told_apart():
    tuples = holdout_of(simulate_shop("mbg_nbd", 600)).tuples
    told = order_confidence(tuples, fit_purchase_model("mbg_nbd", tuples), [])
    assert told.reasons == ("not_backtested",)


def test_a_model_that_errs_more_than_a_rule_of_thumb_is_told():
    tuples = holdout_of(simulate_shop("mbg_nbd", 600)).tuples
    fit = fit_purchase_model("mbg_nbd", tuples)
    told = order_confidence(tuples, fit, [result("mbg_nbd", 1.0, 0.5), NAIVE])
    assert told.reasons == ("no_better_than_naive",)


@pytest.mark.parametrize(("forecast", "is_off"), [(69.0, True), (71.0, False), (141.0, True)])
def test_a_total_far_off_is_told_unless_it_may_be_chance(forecast, is_off):
    tuples = holdout_of(simulate_shop("mbg_nbd", 600)).tuples
    fit = fit_purchase_model("mbg_nbd", tuples)
    off = dataclasses.replace(
        result("mbg_nbd", 0.05, 0.5),
        forecast_total=forecast,
        actual_total=100.0,
        forecast_to_actual=forecast / 100,
        total_standard_error=10.0,
    )
    told = order_confidence(tuples, fit, [off, NAIVE]).reasons
    assert told == (("forecast_off",) if is_off else ())
    by_chance = dataclasses.replace(off, total_standard_error=14.0)
    assert order_confidence(tuples, fit, [by_chance, NAIVE]).reasons == ()


def test_spend_that_is_always_the_same_has_low_confidence():
    same = spend_confidence(gamma_gamma.fit(SpendTuples([1, 2], [20.0, 20.0], [50, 50])))
    assert same.reasons == ("identical_values",)
    nothing = spend_confidence(gamma_gamma.fit(SpendTuples([1], [0.0], [50])))
    assert nothing.reasons == ("no_order_values",)
    both = combined(same, nothing, same)
    assert both.reasons == ("identical_values", "no_order_values")
    assert both.level == "low"
    assert combined().level == "normal"


def test_forgotten_recency_is_the_mean_of_like_customers():
    # Two customers with as many orders and one age: forgotten, both have 0.5.
    tuples = PurchaseTuples([1, 1], [5, 95], [100, 100], [1, 1])
    told = recency_holdout_gain(tuples, np.array([0.1, 0.9]), np.array([0.0, 1.0]))
    assert told.gain == pytest.approx(0.5**2 - 0.1**2)
    nobody = recency_holdout_gain(PurchaseTuples([], [], [], []), np.empty(0), np.empty(0))
    assert (nobody.gain, nobody.is_shown) == (0.0, False)


@pytest.mark.parametrize("column", [[1.0], [1.0, -1.0], [1.0, float("nan")]])
def test_counts_that_are_none_are_refused(column):
    tuples = PurchaseTuples([0, 1], [0, 5], [9, 9], [1, 1])
    with pytest.raises(ValueError, match="holdout_count must hold a count"):
        HoldoutOrders(tuples, column, [0.0, 0.0], 30)


def test_nobody_is_backtested_without_figures():
    nobody = HoldoutOrders(PurchaseTuples([], [], [], []), [], [], 365)
    results = backtest_orders(nobody, fit_purchase_models(nobody.tuples))
    assert [entry.refusal for entry in results] == ["no_customers"] * 3 + [None] * 2
    assert all(entry.mean_absolute_error is None for entry in results)
    assert "no holdout" in choose_champion(results).totals.reason
