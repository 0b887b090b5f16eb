"""The one integral that Pareto/NBD needs: having dropped out at some time within an interval.

    ∫ (α+y)^-k · s·β^s·(β+y)^-(s+1) dy,    y from the start to the end of the interval.

The papers write it as a difference of two 2F1, which cancel, overflow at some hundreds of orders
and have no derivative by their parameters in any library. Here it is integrated by Gauss-Legendre
over w = log((m+y)/(m+start)), m being the lesser of α and β: the integrand is positive and
analytic up to π off the real axis, and it is cut where it has fallen by a factor of e^40, so that
hundreds of orders need no more nodes than one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from orchestration.estimators.purchase_tuples import FloatArray
from orchestration.estimators.time_quadrature import gauss_legendre

_FEWEST_NODES = 20
# The integrand has fallen below rounding from here on: e^-40 is 4e-18.
_NEGLIGIBLE_FALL = 40.0
_WITHIN_REACH = 3.0
_NEWTON_STEPS = 6


@dataclass(frozen=True, slots=True)
class DropoutIntegral:
    """Logarithm of the integral and its derivatives, one per row.

    Attributes:
        log_value: -inf where the interval is empty, shape (rows,).
        gradient: derivatives of `log_value` by (k, α, s, β), shape (4, rows); 0 where the interval
            is empty.
    """

    log_value: FloatArray
    gradient: FloatArray


def dropout_integral(
    shape: FloatArray, start: FloatArray, end: float, *, alpha: float, s: float, beta: float
) -> DropoutIntegral:
    """Integrate for each row.

    Args:
        shape: k > 0, shape (rows,).
        start: start of the interval, ≥ 0, shape (rows,).
        end: its end, the same for all and before no start.
        alpha: inverse scale of the order rate.
        s: shape of the dropout rate.
        beta: inverse scale of the dropout rate.
    """
    orders_nearer = alpha <= beta
    near, far = (alpha, beta) if orders_nearer else (beta, alpha)
    # (near+y)/(near+start) is e^w, (far+y)/(far+start) is 1 + share·(e^w - 1).
    share = (near + start) / (far + start)
    near_power, far_power = (shape - 1, s + 1) if orders_nearer else (s, shape)

    half = _half_width(np.log1p((end - start) / (near + start)), share, near_power, far_power)
    nodes, weights = gauss_legendre(float(half.max(initial=0.0)), _FEWEST_NODES)
    total, near_log, near_inverse, far_log, far_inverse = np.zeros((5, half.size))
    for node, weight in zip(nodes, weights, strict=True):
        w = half * (1 + node)
        growth = np.expm1(w)
        far_growth = 1 + share * growth
        log_far = np.log(far_growth)
        mass = weight * np.exp(-near_power * w - far_power * log_far)
        total += mass
        near_log += mass * w
        near_inverse += mass / (1 + growth)
        far_log += mass * log_far
        far_inverse += mass / far_growth

    near_scale, far_scale = near + start, far + start
    order_scale, dropout_scale = alpha + start, beta + start
    with np.errstate(divide="ignore"):
        log_value = (
            np.log(half * total * near_scale)
            + math.log(s)
            + s * math.log(beta)
            - shape * np.log(order_scale)
            - (s + 1) * np.log(dropout_scale)
        )
    logs = [np.log(near_scale) + near_log / total, np.log(far_scale) + far_log / total]
    inverses = [near_inverse / total / near_scale, far_inverse / total / far_scale]
    orders, dropout = (0, 1) if orders_nearer else (1, 0)
    gradient = np.array(
        [
            -logs[orders],
            -shape * inverses[orders],
            1 / s + math.log(beta) - logs[dropout],
            s / beta - (s + 1) * inverses[dropout],
        ]
    )
    return DropoutIntegral(log_value, np.where(half > 0, gradient, 0.0))


def _half_width(
    width: FloatArray,
    share: FloatArray,
    near_power: float | FloatArray,
    far_power: float | FloatArray,
) -> FloatArray:
    """Half of w's interval, cut where the integrand is negligible."""
    # The fall of the log integrand is convex: at least its first slope times w.
    first_slope = near_power + far_power * share
    width = np.where(
        first_slope * width > _NEGLIGIBLE_FALL,
        _NEGLIGIBLE_FALL / np.maximum(first_slope, 1e-300),
        width,
    )
    for _ in range(_NEWTON_STEPS):
        growth = share * np.expm1(width)
        depth = near_power * width + far_power * np.log1p(growth) - _NEGLIGIBLE_FALL
        too_far = depth > _WITHIN_REACH
        if not too_far.any():
            break
        slope = near_power + far_power * (share + growth) / (1 + growth)
        # From the right, Newton's steps on a convex function never pass the root.
        width = np.where(too_far, width - depth / np.where(too_far, slope, 1.0), width)
    return width / 2
