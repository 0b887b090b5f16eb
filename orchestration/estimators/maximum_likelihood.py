"""Finding the maximum of a likelihood in the logarithms of its parameters, and its curvature.

Knows no model: it is given a smooth objective with its gradient, bounds and starting points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigvalsh
from scipy.optimize import minimize

from orchestration.estimators.fit_outcome import FitResult, Params
from orchestration.estimators.purchase_tuples import FloatArray

# Objectives are means per customer in log-parameters, so these are free of unit and of size.
GRADIENT_TOLERANCE = 1e-6
# A descent may give up in a narrow valley; begun anew from there, it forgets the valley's walls.
_DESCENTS = 6
_DESCENDED_GRADIENT = 1e-4
_POLISHED_GRADIENT = 1e-11
_POLISHING_STEPS = 6
_LONGEST_POLISHING_STEP = 0.5
# Near the cube root of the rounding error, where a central difference is at its best.
_DIFFERENCE_STEP = 1e-4
_AT_BOUND = 1e-9
# Below these a direction is flat but for rounding: the data (and the prior) say nothing of it.
_FLAT_PARAMETER = 1e-10
_FLAT_DIRECTION = 1e-9

Objective = Callable[[FloatArray], tuple[float, FloatArray]]


@dataclass(frozen=True, slots=True)
class Optimum:
    """Where the search ended.

    Attributes:
        log_params: the point, shape (parameters,).
        covariance: inverse curvature of the objective over the free parameters; divide by the
            number of customers for the covariance of the estimates. Empty without a maximum.
        free: which parameters are off their bounds, shape (parameters,).
        converged: gradient below `GRADIENT_TOLERANCE` and curvature positive, both over the free
            parameters, and none of the others at an end that is not sound.
        message: one line.
    """

    log_params: FloatArray
    covariance: FloatArray
    free: np.ndarray
    converged: bool
    message: str


def minimise(
    objective: Objective,
    starts: Sequence[FloatArray],
    bounds: FloatArray,
    sound_limits: np.ndarray,
) -> Optimum:
    """Minimise by L-BFGS-B and finish with Newton steps.

    Args:
        objective: log-parameters to (value, gradient); finite everywhere within the bounds.
        starts: points of shape (parameters,), tried in turn until one leads to a minimum off the
            bounds; else the lowest end of all is taken.
        bounds: lower and upper ends, shape (parameters, 2).
        sound_limits: which ends are limits that may be used as estimates, shape (parameters, 2).

    Returns:
        The optimum. The Newton steps make it independent, to about ten digits, of the order of
        the data, of their unit and of the start.
    """
    best: tuple[float, Optimum] | None = None
    for start in starts:
        start = np.clip(start, bounds[:, 0], bounds[:, 1])
        value, optimum = _descend(objective, start, bounds, sound_limits)
        if optimum.converged and optimum.free.all():
            return optimum
        if best is None or (optimum.converged, -value) > (best[1].converged, -best[0]):
            best = value, optimum
    if best is None:
        raise ValueError("minimise needs at least one start")
    return best[1]


def fit_result(
    params: Params,
    estimates: dict[str, float],
    optimum: Optimum,
    *,
    log_likelihood: float,
    tuple_count: int,
    customer_count: float,
) -> FitResult[Params]:
    """Put an optimum of a mean over customers into the form that fits are handed on in.

    Args:
        params: the model's parameters.
        estimates: the same by name, in the order of the optimum.
        optimum: where the search ended.
        log_likelihood: of the data at the optimum.
        tuple_count: tuples used.
        customer_count: customers used.
    """
    covariance = optimum.covariance / customer_count
    names = list(estimates)
    log_errors = np.sqrt(np.diag(covariance))
    estimated = [name for name, free in zip(names, optimum.free, strict=True) if free]
    # Without a maximum there is no curvature, hence no error to tell.
    known = estimated[: log_errors.size]
    return FitResult(
        params=params,
        standard_errors={
            name: float(estimates[name] * error)
            for name, error in zip(known, log_errors, strict=True)
        },
        log_param_names=tuple(known),
        log_param_covariance=covariance,
        log_likelihood=float(log_likelihood),
        converged=optimum.converged,
        message=optimum.message,
        parameters_at_bound=tuple(name for name in names if name not in estimated),
        tuple_count=tuple_count,
        customer_count=customer_count,
    )


def _descend(
    objective: Objective, start: FloatArray, bounds: FloatArray, sound_limits: np.ndarray
) -> tuple[float, Optimum]:
    point, step_count = start, 0
    for _ in range(_DESCENTS):
        found = minimize(
            objective,
            point,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 1000, "maxfun": 5000, "ftol": 1e-14, "gtol": 1e-8},
        )
        point = np.clip(found.x, bounds[:, 0], bounds[:, 1])
        step_count += found.nit
        value, gradient = objective(point)
        at_low = (point <= bounds[:, 0] + _AT_BOUND) & (gradient > 0)
        at_high = (point >= bounds[:, 1] - _AT_BOUND) & (gradient < 0)
        free = ~(at_low | at_high)
        if np.max(np.abs(gradient[free]), initial=0.0) < _DESCENDED_GRADIENT:
            break
    steps = f"{step_count} steps"
    none = np.empty((0, 0))
    if np.any(np.column_stack([at_low, at_high]) & ~sound_limits) or not free.any():
        return value, Optimum(point, none, free, False, f"no maximum within the bounds, {steps}")
    curvature = _curvature(objective, point, free)
    if not _is_that_of_a_minimum(curvature):
        message = f"the curvature is not that of a maximum, {steps}"
        return value, Optimum(point, none, free, False, message)
    factor = cho_factor(curvature)
    point, value, gradient = _polish(objective, point, bounds, free, factor)
    slope = float(np.max(np.abs(gradient[free])))
    covariance = cho_solve(factor, np.eye(int(free.sum())))
    message = f"{steps}, largest slope {slope:.1e}"
    return value, Optimum(point, covariance, free, slope < GRADIENT_TOLERANCE, message)


def _polish(
    objective: Objective,
    point: FloatArray,
    bounds: FloatArray,
    free: np.ndarray,
    factor: tuple[FloatArray, bool],
) -> tuple[FloatArray, float, FloatArray]:
    """Newton steps with one curvature, each kept only if it lessens the slope."""
    value, gradient = objective(point)
    for _ in range(_POLISHING_STEPS):
        slope = np.max(np.abs(gradient[free]))
        step = -cho_solve(factor, gradient[free])
        if slope < _POLISHED_GRADIENT or np.max(np.abs(step)) > _LONGEST_POLISHING_STEP:
            break
        next_point = point.copy()
        next_point[free] += step
        next_point = np.clip(next_point, bounds[:, 0], bounds[:, 1])
        next_value, next_gradient = objective(next_point)
        if not np.max(np.abs(next_gradient[free])) < slope:
            break
        point, value, gradient = next_point, next_value, next_gradient
    return point, value, gradient


def _curvature(objective: Objective, point: FloatArray, free: np.ndarray) -> FloatArray:
    """Second derivatives over the free parameters, by central differences of the gradient."""
    rows = []
    for index in np.flatnonzero(free):
        shift = np.zeros_like(point)
        shift[index] = _DIFFERENCE_STEP
        above, below = objective(point + shift)[1], objective(point - shift)[1]
        rows.append((above - below)[free] / (2 * _DIFFERENCE_STEP))
    curvature = np.array(rows)
    return (curvature + curvature.T) / 2


def _is_that_of_a_minimum(curvature: FloatArray) -> bool:
    """Whether all directions bend upwards, by more than rounding on each parameter's own scale."""
    diagonal = np.diag(curvature)
    if np.min(diagonal) <= _FLAT_PARAMETER:
        return False
    scaled = curvature / np.sqrt(np.outer(diagonal, diagonal))
    return bool(eigvalsh(scaled)[0] > _FLAT_DIRECTION)
