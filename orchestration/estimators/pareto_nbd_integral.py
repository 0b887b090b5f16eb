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
    shape: FloatArray,
    start: FloatArray,
    end: float | FloatArray,
    *,
    alpha: float | FloatArray,
    s: float,
    beta: float | FloatArray,
    with_gradient: bool = True,
) -> DropoutIntegral:
    """Integrate for each row.

    Args:
        shape: k > 0, shape (rows,).
        start: start of the interval, ≥ 0, shape (rows,).
        end: its end, not before the start, one for all or shape (rows,).
        alpha: inverse scale of the order rate, one for all or shape (rows,).
        s: shape of the dropout rate.
        beta: inverse scale of the dropout rate, one for all or shape (rows,).
        with_gradient: whether derivatives are wanted; else they are 0.
    """
    nearest = np.minimum(alpha, beta) + start
    order_scale, dropout_scale = alpha + start, beta + start
    order_share, dropout_share = nearest / order_scale, nearest / dropout_scale

    def fall(w: FloatArray) -> tuple[FloatArray, FloatArray]:
        """How far the log integrand lies below its start, and how steeply it falls; convex."""
        growth = np.expm1(w)
        orders, dropout = order_share * growth, dropout_share * growth
        steepness = (
            shape * (order_share + orders) / (1 + orders)
            + (s + 1) * (dropout_share + dropout) / (1 + dropout)
            - 1
        )
        return shape * np.log1p(orders) + (s + 1) * np.log1p(dropout) - w, steepness

    width = np.log1p((end - start) / nearest)
    first_slope = shape * order_share + (s + 1) * dropout_share - 1
    # A convex fall is at least its first slope times w, so the cut is no later than this.
    width = np.where(
        first_slope * width > _NEGLIGIBLE_FALL,
        _NEGLIGIBLE_FALL / np.maximum(first_slope, 1e-300),
        width,
    )
    for _ in range(_NEWTON_STEPS):
        depth, slope = fall(width)
        too_far = depth > _NEGLIGIBLE_FALL
        if not too_far.any():
            break
        # From the right, Newton's steps on a convex function never pass the root.
        step = (depth - _NEGLIGIBLE_FALL) / np.where(too_far, slope, 1.0)
        width = np.where(too_far, width - step, width)

    half = width / 2
    nodes, weights = gauss_legendre(float(half.max(initial=0.0)), _FEWEST_NODES)
    total = np.zeros(np.broadcast(shape, start, order_scale).shape)
    moments = np.zeros((4, *total.shape))
    for node, weight in zip(nodes, weights, strict=True):
        w = half * (1 + node)
        growth = np.expm1(w)
        log_orders, log_dropout = np.log1p(order_share * growth), np.log1p(dropout_share * growth)
        mass = weight * np.exp(w - shape * log_orders - (s + 1) * log_dropout)
        total += mass
        if with_gradient:
            moments[0] += mass * log_orders
            moments[1] += mass / (1 + order_share * growth)
            moments[2] += mass * log_dropout
            moments[3] += mass / (1 + dropout_share * growth)
    with np.errstate(divide="ignore"):
        log_value = (
            np.log(half * total * nearest)
            + math.log(s)
            + s * np.log(beta)
            - shape * np.log(order_scale)
            - (s + 1) * np.log(dropout_scale)
        )
    if not with_gradient:
        return DropoutIntegral(log_value, moments)
    moments /= total
    gradient = np.array(
        [
            -np.log(order_scale) - moments[0],
            -shape * moments[1] / order_scale,
            1 / s + np.log(beta) - np.log(dropout_scale) - moments[2],
            s / beta - (s + 1) * moments[3] / dropout_scale,
        ]
    )
    return DropoutIntegral(log_value, np.where(half > 0, gradient, 0.0))
