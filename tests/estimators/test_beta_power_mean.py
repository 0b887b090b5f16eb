"""The hypergeometric mean against integrals by hand and against mpmath at 60 digits."""

import itertools

import mpmath
import numpy as np
import pytest

from orchestration.estimators.beta_power_mean import beta_power_mean


def reference(exponent: float, tau: float, a: float, b: float) -> float | None:
    """Two transformations of 2F1; None where mpmath itself does not agree with itself."""
    with mpmath.workdps(60):
        s, t, a, b = (mpmath.mpf(value) for value in (exponent, tau, a, b))
        z = t / (1 + t)
        bounded = (1 - z) ** a * mpmath.hyp2f1(a, a + b - s, a + b, z)
        growing = (1 - z) ** s * mpmath.hyp2f1(s, b, a + b, z)
        agree = abs(bounded - growing) <= mpmath.mpf("1e-12") * abs(bounded)
        return float(bounded) if agree else None


def one(exponent: float, tau: float, a: float, b: float) -> float:
    columns = (np.array([float(value)]) for value in (exponent, tau, b))
    exponents, taus, shapes = columns
    return float(beta_power_mean(exponents, taus, a, shapes)[0])


@pytest.mark.parametrize("tau", [1e-9, 0.5, 8.9, 9.1, 99.0, 1e9])
def test_a_uniform_chance_gives_the_elementary_integrals(tau):
    # With p uniform: the mean of (1+pt)^-2 is 1/(1+t), that of (1+pt)^-1 is log(1+t)/t.
    assert one(2, tau, 1.0, 1) == pytest.approx(1 / (1 + tau), rel=1e-12)
    assert one(1, tau, 1.0, 1) == pytest.approx(np.log1p(tau) / tau, rel=1e-12)


def test_without_time_the_mean_is_one():
    assert one(5.0, 0.0, 0.3, 2.0) == 1.0


SHAPES = [(0.24, 0.79, 2.43), (0.02, 0.05, 0.3), (5, 0.3, 0.7), (3, 4, 1), (0.5, 1e-3, 50)]
SHAPES += [(100, 20, 200), (0.3, 1.0000001, 2), (1, 3, 2), (1e-3, 0.3, 0.3), (0.4, 300, 1000)]
# mpmath needs minutes for some τ between 2 and 10 at high counts, so those are left out.
COUNTS = [0, 1, 10, 300, 3000]
TAUS = [1e-6, 0.03, 1.5, 20.0, 1e4, 1e8]


def assert_agrees(shapes, counts, taus, least_agreeing):
    compared = 0
    for (r, a, b), count, tau in itertools.product(shapes, counts, taus):
        expected = reference(r + count + 1, tau, a, b + count)
        if expected is None:
            continue
        compared += 1
        mean = one(r + count + 1, tau, a, b + count)
        assert mean == pytest.approx(expected, rel=2e-9, abs=1e-290), (r, a, b, count, tau)
    assert compared >= least_agreeing


def test_it_agrees_with_mpmath_from_no_order_to_three_thousand():
    assert_agrees(SHAPES[::2], COUNTS, TAUS, least_agreeing=145)


@pytest.mark.long
def test_it_agrees_with_mpmath_on_the_whole_stress_grid():
    assert_agrees(SHAPES, [*COUNTS, 2, 100, 1000], [*TAUS, 1e-3, 0.5, 100.0], least_agreeing=700)


def test_rows_do_not_influence_each_other():
    exponents, taus, shapes = np.array([[1.5, 500.0, 3.0], [0.1, 50.0, 2e4], [2.0, 400.0, 3.0]])
    together = beta_power_mean(exponents, taus, 0.8, shapes)
    apart = [one(*row, 0.8, b) for *row, b in zip(exponents, taus, shapes, strict=True)]
    np.testing.assert_allclose(together, apart, rtol=1e-11)
