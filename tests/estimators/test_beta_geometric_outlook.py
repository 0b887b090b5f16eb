"""What the purchase models say of the future: limits, sums and the extremes."""

import itertools

import mpmath
import numpy as np
import pytest

from orchestration.estimators import bg_nbd, mbg_nbd
from orchestration.estimators.beta_geometric_outlook import expected_orders_by_horizon
from orchestration.estimators.bg_nbd import BgNbdParams
from orchestration.estimators.mbg_nbd import MbgNbdParams
from orchestration.estimators.purchase_tuples import PurchaseTuples

TYPES = pytest.mark.parametrize("params_type", [MbgNbdParams, BgNbdParams])
SOME = PurchaseTuples(
    repeat_count=[0, 0, 0, 1, 2, 2, 25, 300],
    first_to_last_days=[0, 0, 0, 20, 5, 399, 360, 600],
    age_days=[0, 30, 700, 30, 400, 400, 400, 600],
    customer_count=[1, 1, 1, 1, 1, 1, 1, 1],
)


def test_one_time_buyers_are_alive_in_bg_nbd_and_doubted_in_mbg_nbd():
    one_time = PurchaseTuples([0, 0, 0], [0, 0, 0], [0, 30, 3000], [1, 1, 1])
    assert bg_nbd.p_alive(one_time, BgNbdParams(0.5, 30, 0.8, 2.0)).tolist() == [1, 1, 1]
    doubted = mbg_nbd.p_alive(one_time, MbgNbdParams(0.5, 30, 0.8, 2.0))
    # On the day of the first order only the chance of leaving at once counts: b/(a+b).
    assert doubted[0] == pytest.approx(2.0 / 2.8)
    # By hand: odds 0.8/2 · ((30+T)/30)^0.5.
    assert doubted[1] == pytest.approx(1 / (1 + 0.4 * 2**0.5))
    assert doubted[2] == pytest.approx(1 / (1 + 0.4 * 101**0.5))


@TYPES
def test_who_has_just_ordered_is_more_alive_than_who_has_been_silent(params_type):
    last = np.arange(1.0, 401.0)
    tuples = PurchaseTuples(np.full(400, 8), last, np.full(400, 400), np.ones(400))
    alive = mbg_nbd.p_alive(tuples, params_type(0.5, 30, 0.8, 2.0))
    assert np.all(np.diff(alive) > 0)
    assert alive[0] < 1e-6
    assert alive[-1] > 0.85


@TYPES
def test_long_horizons_promise_more_and_a_horizon_of_nothing_promises_nothing(params_type):
    params = params_type(0.5, 30, 0.8, 2.0)
    horizons = [0, 1, 30, 90, 365, 3650]
    orders = np.array([mbg_nbd.expected_orders(SOME, params, horizon) for horizon in horizons])
    active = np.array([mbg_nbd.p_active(SOME, params, horizon) for horizon in horizons])
    for columns in (orders, active):
        assert np.all(columns[0] == 0)
        # A frequent customer's chance reaches its limit, P(alive), to the last digit.
        assert np.all(np.diff(columns, axis=0) >= 0)
        assert np.all(columns[1] > 0)
    assert np.all(np.diff(orders, axis=0) > 0)
    assert np.all(active <= mbg_nbd.p_alive(SOME, params))
    assert np.all(active <= orders * (1 + 1e-12))


@TYPES
def test_the_distribution_of_counts_sums_to_one_and_has_the_expected_mean(params_type):
    params = params_type(0.5, 30, 1.6, 2.0)
    distribution = mbg_nbd.order_count_distribution(SOME, params, 90, 1200)
    assert distribution.shape == (8, 1201)
    assert np.all(distribution >= 0)
    np.testing.assert_allclose(distribution.sum(axis=1), 1, rtol=1e-9)
    np.testing.assert_allclose(
        distribution @ np.arange(1201), mbg_nbd.expected_orders(SOME, params, 90), rtol=1e-8
    )
    np.testing.assert_allclose(
        1 - distribution[:, 0], mbg_nbd.p_active(SOME, params, 90), rtol=1e-12
    )


def test_the_distribution_of_counts_is_the_textbook_sum():
    # Fader, Hardie & Lee (2005), eq. 8, for a customer of today: r 1, alpha 10, a 1, b 1, t 10.
    # Orders are geometric with 1/2; with p uniform, B(1,1+n)/B(1,1) = 1/(1+n), and
    # B(2,n)/B(1,1) = 1/(n(n+1)) goes with the chance 2^-n of n orders or more.
    today = PurchaseTuples([0], [0], [0], [1])
    chances = bg_nbd.order_count_distribution(today, BgNbdParams(1, 10, 1, 1), 10, 3)[0]
    assert chances.tolist() == pytest.approx(
        [
            1 / 2,
            1 / 2 * 1 / 4 + 1 / 2 * 1 / 2,
            1 / 3 * 1 / 8 + 1 / 6 * 1 / 4,
            1 / 4 * 1 / 16 + 1 / 12 * 1 / 8,
        ]
    )


def test_a_horizon_of_nothing_has_no_orders_for_certain():
    chances = mbg_nbd.order_count_distribution(SOME, MbgNbdParams(0.5, 30, 0.8, 2.0), 0, 2)
    np.testing.assert_allclose(chances, np.tile([1.0, 0.0, 0.0], (8, 1)), atol=1e-15)


def expected_if_alive(shape, age, a, b, horizon):
    """The closed form of the papers in Euler's transformation, at 60 digits."""
    with mpmath.workdps(60):
        shape, age, a, b, horizon = map(mpmath.mpf, (shape, age, a, b, horizon))
        c, z = a + b - 1, horizon / (age + horizon)
        return float(c / (a - 1) * (1 - (1 - z) ** (a - 1) * mpmath.hyp2f1(a - 1, c - shape, c, z)))


def test_expected_orders_agree_with_the_closed_form_at_extreme_counts_and_horizons():
    extremes = itertools.product(
        [
            MbgNbdParams(0.24, 0.5, 0.79, 2.43),
            MbgNbdParams(1.1, 40, 1 + 1e-9, 3),
            MbgNbdParams(0.02, 9, 0.05, 0.3),
        ],
        [0, 1, 40, 400, 3000],
        [0.01, 30, 365, 10_000],
    )
    compared = 0
    for params, count, horizon in extremes:
        age = 1.2 * count + 3
        customer = PurchaseTuples([count], [age if count else 0], [age], [1])
        orders = mbg_nbd.expected_orders(customer, params, horizon)[0]
        alive = mbg_nbd.p_alive(customer, params)[0]
        expected = expected_if_alive(
            params.r + count, params.alpha + age, params.a, params.b + count + 1, horizon
        )
        assert orders == pytest.approx(alive * expected, rel=3e-9), (params, count, horizon)
        compared += 1
    assert compared == 60


@TYPES
def test_everything_stays_finite_where_nothing_real_ever_is(params_type):
    counts = np.array([0, 1, 1000, 100_000])
    for age in (1e-3, 1e7):
        tuples = PurchaseTuples(counts, np.where(counts > 0, age / 2, 0), [age] * 4, [1] * 4)
        for point in itertools.product((1e-4, 1e3), (1e-3, 1e6), (1e-4, 20), (1e-4, 20)):
            params = params_type(*point)
            for horizon in (1e-6, 1e6):
                orders = mbg_nbd.expected_orders(tuples, params, horizon)
                chances = mbg_nbd.order_count_distribution(tuples, params, horizon, 3)
                active = mbg_nbd.p_active(tuples, params, horizon)
                for values in (orders, chances, active):
                    assert np.all(np.isfinite(values))
                    assert np.all(values >= 0)
                assert np.all(active <= 1)
                assert np.all(chances.sum(axis=1) <= 1 + 1e-6)


def test_discounting_is_what_a_sum_over_days_gives():
    params = MbgNbdParams(0.5, 30, 0.8, 2.0)
    daily, _ = expected_orders_by_horizon(SOME, params, list(range(1, 366)), 0.0)
    per_day = np.diff(daily, axis=0, prepend=0)
    midday = (np.arange(365) + 0.5) / 365
    by_sum = (per_day * 1.1 ** -midday[:, None]).sum(axis=0)
    _, discounted = expected_orders_by_horizon(SOME, params, [365], 0.10)
    np.testing.assert_allclose(discounted[0], by_sum, rtol=1e-6)
    plain, undiscounted = expected_orders_by_horizon(SOME, params, [365], 0.0)
    np.testing.assert_array_equal(plain, undiscounted)


def test_horizons_are_answered_in_the_order_they_were_asked():
    params = MbgNbdParams(0.5, 30, 0.8, 2.0)
    plain, discounted = expected_orders_by_horizon(SOME, params, [365, 30], 0.1)
    np.testing.assert_allclose(plain[0], mbg_nbd.expected_orders(SOME, params, 365), rtol=1e-11)
    np.testing.assert_allclose(plain[1], mbg_nbd.expected_orders(SOME, params, 30), rtol=1e-11)
    assert np.all(discounted < plain)


@pytest.mark.parametrize("horizon", [-1, float("nan"), float("inf")])
def test_horizons_that_are_none_are_refused(horizon):
    params = MbgNbdParams(0.5, 30, 0.8, 2.0)
    for question in (
        lambda: mbg_nbd.expected_orders(SOME, params, horizon),
        lambda: mbg_nbd.p_active(SOME, params, horizon),
        lambda: mbg_nbd.order_count_distribution(SOME, params, horizon, 3),
    ):
        with pytest.raises(ValueError, match="horizon_days must be"):
            question()
    with pytest.raises(ValueError, match="max_count"):
        mbg_nbd.order_count_distribution(SOME, params, 30, -1)
    with pytest.raises(ValueError, match="annual_discount_rate"):
        expected_orders_by_horizon(SOME, params, [30], -0.1)
