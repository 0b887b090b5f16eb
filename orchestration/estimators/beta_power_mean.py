"""The one hypergeometric function that beta-geometric purchase models need, in a stable form.

E[(1 + pτ)^-s] for p ~ Beta(a, b), which is 2F1(s, a; a+b; -τ). Every expectation of these models
is a sum of it over time with positive weights, so nothing cancels, whatever a is.

Off-the-shelf evaluation fails in both directions: in the form printed in the papers it overflows
at some hundreds of orders, and for τ above 9 library code returns NaN, inf or wrong digits at a
few hundred orders even in Euler's form. So three ways are taken, each where it is sound.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, betaln, hyp2f1

from orchestration.estimators.purchase_tuples import FloatArray

# Power series are used up to here; beyond, their length grows as 1/(1-z).
_LARGEST_SERIES_ARGUMENT = 0.9
_PANEL_NODES, _PANEL_WEIGHTS = np.polynomial.legendre.leggauss(12)
_LONGEST_PANEL = 1.5
# Ends of the integration, relative to where the integrand bends.
_NEGLIGIBLE = 1e-14
_ROWS_AT_ONCE = 4096


def beta_power_mean(exponent: FloatArray, tau: FloatArray, a: float, b: FloatArray) -> FloatArray:
    """Mean of (1 + p·tau)^-exponent over p ~ Beta(a, b).

    Args:
        exponent: s > 0, shape (n,).
        tau: τ ≥ 0, shape (n,).
        a: first shape of the beta distribution, > 0.
        b: second shape, > 0, shape (n,).

    Returns:
        Means within [0, 1], shape (n,), to about ten significant digits.

    With z = τ/(1+τ), Pfaff's and Euler's transformations (Abramowitz & Stegun 15.3.3-15.3.5) give
    two series without negative terms:
    (1-z)^a · 2F1(a, a+b-s; a+b; z), used for s ≤ a+b, whose parameters do not grow with the number
    of orders, and (1-z)^s · 2F1(s, b; a+b; z) otherwise. Where neither is sound, the mean is
    integrated numerically.
    """
    z = tau / (1 + tau)
    c = a + b
    bounded = c - exponent >= 0
    with np.errstate(over="ignore", invalid="ignore"):
        series = hyp2f1(a, np.where(bounded, c - exponent, 1.0), c, np.minimum(z, 0.9))
        mean = np.exp(-a * np.log1p(tau)) * series
        growing = np.flatnonzero(~bounded)
        mean[growing] = np.exp(-exponent[growing] * np.log1p(tau[growing])) * hyp2f1(
            exponent[growing], b[growing], c[growing], np.minimum(z[growing], 0.9)
        )
        sound = (z <= _LARGEST_SERIES_ARGUMENT) & (mean > 0) & (mean <= 1 + 1e-9)
    rest = np.flatnonzero(~sound)
    for begin in range(0, rest.size, _ROWS_AT_ONCE):
        rows = rest[begin : begin + _ROWS_AT_ONCE]
        mean[rows] = _integrate(exponent[rows], tau[rows], a, b[rows])
    return np.minimum(mean, 1.0)


def _integrate(exponent: FloatArray, tau: FloatArray, a: float, b: FloatArray) -> FloatArray:
    """The mean by Gauss-Legendre panels over y = log(p/(1-p)).

    Below the first panel the power is 1, beyond the last it is (1+τ)^-s, both to rounding, so the
    two ends are incomplete beta functions: no panel is spent on slow tails of small shapes.
    """
    low = _NEGLIGIBLE / (1 + exponent * tau)
    high_complement = _NEGLIGIBLE / (1 + exponent)
    begin, end = np.log(low), -np.log(high_complement)
    # With large shapes the integrand is one narrow hill. Towards 0, p^a has fallen by exp(-45)
    # more than the other factors can have risen; towards 1, (1-p)^b more than p^a.
    hill_begin = np.log(a / (a + b + exponent * tau)) - 2 - 45 / a
    power = np.where(begin < hill_begin, 0.0, betainc(a, b, low))
    begin = np.maximum(begin, hill_begin)
    with np.errstate(over="ignore"):
        end = np.minimum(end, np.log(np.expm1((60 + 3 * a) / b)))
    end = np.maximum(end, begin + 1)
    panel_count = int(np.ceil(np.max(end - begin) / (_LONGEST_PANEL / (1 + np.sqrt(a / 4)))))
    half = (end - begin) / panel_count / 2
    log_beta = betaln(a, b)
    high_tail = -exponent * np.log1p(tau)
    power += np.exp(high_tail) * betainc(b, a, 1 / (1 + np.exp(end)))
    for panel in range(panel_count):
        y = begin[:, None] + half[:, None] * (2 * panel + 1 + _PANEL_NODES)
        log_p, log_rest = -np.log1p(np.exp(-y)), -np.log1p(np.exp(y))
        log_integrand = (
            a * log_p
            + b[:, None] * log_rest
            - log_beta[:, None]
            - exponent[:, None] * np.log1p(tau[:, None] * np.exp(log_p))
        )
        power += half * (np.exp(log_integrand) @ _PANEL_WEIGHTS)
    return power
