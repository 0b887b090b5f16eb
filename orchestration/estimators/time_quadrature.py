"""What integrals over coming time share: nodes, checked horizons, the discount per day."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from orchestration.estimators.purchase_tuples import FloatArray

# Relative accuracy that the number of nodes is chosen for.
_ACCURACY = 1e-12
_MOST_NODES = 128
_DAYS_PER_YEAR = 365.0


def gauss_legendre(longest_half: float, fewest: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights on [-1, 1] for intervals of at most this half length.

    For functions analytic and bounded up to π/2 off the real axis the error falls as ρ^(-2n), ρ
    being the sum of the half axes of the ellipse that touches that line.
    """
    ratio = math.pi / 2 / max(longest_half, 1e-3)
    rho = ratio + math.sqrt(1 + ratio**2)
    count = math.ceil(-math.log(_ACCURACY) / (2 * math.log(rho)))
    return _rule(min(max(count, fewest), _MOST_NODES))


@lru_cache(maxsize=_MOST_NODES)
def _rule(count: int) -> tuple[FloatArray, FloatArray]:
    return np.polynomial.legendre.leggauss(count)


def distinct_pairs(
    first: FloatArray, second: FloatArray
) -> tuple[FloatArray, FloatArray, np.ndarray]:
    """The distinct pairs of two columns, and which of them each row is."""
    pairs, of_row = np.unique(first + 1j * second, return_inverse=True)
    return pairs.real.copy(), pairs.imag.copy(), of_row


def check_horizon(horizon_days: float) -> None:
    """Raise ValueError unless the horizon is a finite number of at least 0."""
    if not (math.isfinite(horizon_days) and horizon_days >= 0):
        raise ValueError("horizon_days must be a finite number of at least 0")


def daily_log_discount(annual_discount_rate: float) -> float:
    """By how much the logarithm of a value falls per day, or ValueError if the rate is none."""
    if not (math.isfinite(annual_discount_rate) and annual_discount_rate >= 0):
        raise ValueError("annual_discount_rate must be a finite number of at least 0")
    return math.log1p(annual_discount_rate) / _DAYS_PER_YEAR
