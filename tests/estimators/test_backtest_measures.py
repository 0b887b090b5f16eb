"""Each measure against the same thing counted customer by customer, and at its edges."""

import numpy as np
import pytest
from scipy import stats

from orchestration.estimators.backtest_measures import (
    brier_score,
    calibration_by_decile,
    calibration_by_order_count,
    forecast_to_actual,
    interval_coverage,
    mean_absolute_error,
    normalised_gini,
)
from orchestration.estimators.naive_orders import (
    naive_p_active,
    own_rate_orders,
    same_as_last_window_orders,
)
from orchestration.estimators.purchase_tuples import PurchaseTuples

FORECAST = np.array([0.5, 2.0, 0.0, 2.0, 7.0])
ACTUAL = np.array([0.0, 3.0, 1.0, 0.0, 4.0])
WEIGHT = np.array([4.0, 1.0, 2.0, 2.0, 1.0])
NOBODY = np.empty(0)


def one_by_one():
    return [
        (forecast, actual)
        for forecast, actual, weight in zip(FORECAST, ACTUAL, WEIGHT, strict=True)
        for _ in range(int(weight))
    ]


def gini_by_pairs(customers):
    """Twice the covariance of outcome and rank, summed over pairs: no curve, no sorting."""

    def raw(key):
        return sum(
            np.sign(key(first) - key(second)) * (first[1] - second[1])
            for first in customers
            for second in customers
        )

    return raw(lambda customer: customer[0]) / raw(lambda customer: customer[1])


def test_totals_and_errors_are_those_counted_one_by_one():
    customers = one_by_one()
    assert len(customers) == 10
    assert forecast_to_actual(FORECAST, ACTUAL, WEIGHT) == pytest.approx(15 / 9)
    assert mean_absolute_error(FORECAST, ACTUAL, WEIGHT) == pytest.approx(
        np.mean([abs(forecast - actual) for forecast, actual in customers])
    )
    chance, happened = FORECAST / 10, (ACTUAL > 0).astype(float)
    assert brier_score(chance, happened, WEIGHT) == pytest.approx(
        np.mean([(forecast / 10 - (actual > 0)) ** 2 for forecast, actual in customers])
    )
    # By hand: within ±1 are the four and the two with 0.5 and 1, and 2 against 3.
    assert interval_coverage(FORECAST - 1, FORECAST + 1, ACTUAL, WEIGHT) == pytest.approx(0.7)


def test_the_gini_is_that_of_all_pairs_of_customers():
    told = normalised_gini(FORECAST, ACTUAL, WEIGHT)
    assert told == pytest.approx(gini_by_pairs(one_by_one()))
    draw = np.random.default_rng(2)
    forecast = np.round(draw.gamma(1.0, 1.0, 120), 1)
    actual = draw.poisson(forecast)
    told = normalised_gini(forecast, actual, np.ones(120))
    assert told == pytest.approx(gini_by_pairs(list(zip(forecast, actual, strict=True))))


def test_of_a_yes_or_no_the_gini_is_that_of_the_area_under_the_curve():
    draw = np.random.default_rng(3)
    forecast = draw.random(400).round(2)
    happened = (draw.random(400) < forecast).astype(float)
    wins = stats.mannwhitneyu(forecast[happened == 1], forecast[happened == 0]).statistic
    area = wins / (happened.sum() * (1 - happened).sum())
    told = normalised_gini(forecast, happened, np.ones(400))
    assert told == pytest.approx(2 * area - 1)


def test_the_gini_is_one_for_the_outcome_minus_one_for_its_reverse_and_zero_for_no_opinion():
    assert normalised_gini(ACTUAL, ACTUAL, WEIGHT) == pytest.approx(1)
    # Outcomes reversed rank every pair the wrong way round.
    assert normalised_gini(-ACTUAL, ACTUAL, WEIGHT) == pytest.approx(-1)
    assert normalised_gini(np.ones(5), ACTUAL, WEIGHT) == 0
    assert normalised_gini(FORECAST, np.ones(5), WEIGHT) is None
    assert normalised_gini(FORECAST, np.zeros(5), WEIGHT) is None


def test_strata_of_order_counts_hold_who_belongs_to_them():
    rows = calibration_by_order_count(np.array([1, 1, 4, 10, 900]), FORECAST, ACTUAL, WEIGHT)
    assert [(row.stratum, row.customer_count) for row in rows] == [
        ("1", 5.0),
        ("3-4", 2.0),
        ("10+", 3.0),
    ]
    # By hand: (4 · 0.5 + 1 · 2) / 5 and (4 · 0 + 1 · 3) / 5.
    assert (rows[0].forecast_mean, rows[0].actual_mean) == (pytest.approx(0.8), pytest.approx(0.6))


def test_deciles_are_tenths_and_equal_forecasts_stay_together():
    forecast = np.arange(100.0)
    rows = calibration_by_decile(forecast, forecast * 2, np.ones(100))
    assert [row.customer_count for row in rows] == [10.0] * 10
    assert [row.forecast_mean for row in rows] == pytest.approx(np.arange(4.5, 100, 10))
    assert [row.actual_mean for row in rows] == pytest.approx(np.arange(9, 200, 20))
    # Seventy ties take the tenth of their middle, and order of rows makes no difference.
    tied = np.concatenate([np.zeros(70), np.arange(1.0, 31)])
    rows = calibration_by_decile(tied, tied, np.ones(100))
    assert [(row.stratum, row.customer_count) for row in rows] == [
        ("4", 70.0),
        ("8", 10.0),
        ("9", 10.0),
        ("10", 10.0),
    ]
    order = np.random.default_rng(1).permutation(100)
    assert calibration_by_decile(tied[order], tied[order], np.ones(100)) == rows


def test_nobody_has_no_measures():
    for measure in (forecast_to_actual, mean_absolute_error, brier_score, normalised_gini):
        assert measure(NOBODY, NOBODY, NOBODY) is None
    assert interval_coverage(NOBODY, NOBODY, NOBODY, NOBODY) is None
    assert calibration_by_decile(NOBODY, NOBODY, NOBODY) == []
    assert calibration_by_order_count(NOBODY, NOBODY, NOBODY, NOBODY) == []


def test_the_rules_of_thumb_are_these():
    tuples = PurchaseTuples([0, 1, 6], [0, 1, 100], [200, 2, 365], [1, 1, 1])
    # A customer of two days counts as one of 28.
    assert own_rate_orders(tuples, 365) == pytest.approx([0, 365 / 28, 6])
    assert same_as_last_window_orders([3.0, 0.0, 1.0]).tolist() == [3, 0, 1]
    assert naive_p_active(np.array([0.0, np.log(2)])) == pytest.approx([0, 0.5])
