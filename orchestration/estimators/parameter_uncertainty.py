"""How sure a prediction is of the *parameters*: what else they might be, and what then.

Named apart from a prediction interval, which is about one customer's outcome: with a million
customers the parameters are all but known, and what a customer does is not. Laplace's
approximation takes the log-parameters to be normal around the optimum; with fewer customers it is
corrected by importance sampling (Robert & Casella 2004, "Monte Carlo Statistical Methods", ch. 3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic

import numpy as np
from scipy.special import gammaincinv, ndtri
from scipy.stats import qmc

from orchestration.estimators.fit_outcome import FitResult, Params
from orchestration.estimators.order_counts import check_level
from orchestration.estimators.purchase_tuples import FloatArray

# From here on the normal curve and the sampled one cannot be told apart.
SAMPLED_BELOW_CUSTOMERS = 50_000
DEFAULT_POINT_COUNT = 256
# Fewer effective points than this say less than the normal curve.
FEWEST_EFFECTIVE_POINTS = 30.0
# Degrees of freedom of the proposal: tails heavier than the posterior's.
_PROPOSAL_FREEDOM = 6
_SEED = 20_050
# Derivatives by log-parameters are taken over this part of a standard error.
_PART_OF_ERROR = 0.25
# Beyond this the normal curve says no more than "anything"; the ends stay finite.
_LONGEST_REACH = 50.0

Statistic = Callable[[Params], FloatArray]
LogDensity = Callable[[Params], float]


@dataclass(frozen=True, slots=True)
class ParameterInterval:
    """Interval of a statistic over what the parameters may be.

    Attributes:
        lower: lower end, the shape of the statistic.
        upper: upper end.
        log_standard_error: standard deviation of the statistic's logarithm; of a product of
            statistics of independent fits the squares add up. 0 where the statistic is 0.
        method: `laplace` or `importance_sampling`.
        effective_sample_size: of the sampled points; None for `laplace`.
    """

    lower: FloatArray
    upper: FloatArray
    log_standard_error: FloatArray
    method: str
    effective_sample_size: float | None


@dataclass(frozen=True, slots=True)
class ParameterSample(Generic[Params]):
    """Parameters that might be, with weights that sum to 1.

    Attributes:
        params: one per point.
        weight: shape (points,).
        effective_sample_size: 1 / Σ weight².
    """

    params: tuple[Params, ...]
    weight: FloatArray
    effective_sample_size: float


def parameter_interval(
    fit: FitResult[Params],
    statistic: Statistic[Params],
    coverage: float,
    log_density: LogDensity[Params] | None = None,
    point_count: int = DEFAULT_POINT_COUNT,
) -> ParameterInterval:
    """Interval of a statistic, by importance sampling where it is worth it, else by Laplace.

    Args:
        fit: a fit that converged.
        statistic: params to an array of numbers ≥ 0, such as expected orders of all tuples.
        coverage: share of the posterior within the interval, equally far from both tails.
        log_density: params to log-likelihood plus log prior; without it, always Laplace.
        point_count: points to sample, best a power of two.

    Raises:
        ValueError: the coverage is not within (0, 1).
    """
    check_level(coverage)
    if log_density is not None and fit.customer_count < SAMPLED_BELOW_CUSTOMERS:
        sample = sample_parameters(fit, log_density, point_count)
        if sample.effective_sample_size >= FEWEST_EFFECTIVE_POINTS:
            return sampled_interval(sample, statistic, coverage)
    return laplace_interval(fit, statistic, coverage)


def laplace_interval(
    fit: FitResult[Params], statistic: Statistic[Params], coverage: float
) -> ParameterInterval:
    """By the slope of the statistic's logarithm in the log-parameters (delta method).

    Parameters that ended at a bound are taken as known.
    """
    check_level(coverage)
    centre = np.asarray(statistic(fit.params), dtype=float)
    positive = centre > 0
    log_centre = np.log(np.where(positive, centre, 1.0))
    slopes = []
    for index in range(len(fit.log_param_names)):
        step = _PART_OF_ERROR * np.sqrt(fit.log_param_covariance[index, index])
        shift = np.zeros(len(fit.log_param_names))
        shift[index] = step
        above, below = (
            np.log(np.maximum(statistic(_shifted(fit, sign * shift)), 1e-300)) for sign in (1, -1)
        )
        slopes.append(np.where(positive, above - below, 0.0) / (2 * step))
    variance = np.zeros(centre.shape)
    for row, slope in zip(fit.log_param_covariance, slopes, strict=True):
        variance += slope * sum(entry * other for entry, other in zip(row, slopes, strict=True))
    error = np.sqrt(np.maximum(variance, 0.0))
    reach = np.minimum(ndtri((1 + coverage) / 2) * error, _LONGEST_REACH)
    lower, upper = (np.where(positive, np.exp(log_centre + part), 0.0) for part in (-reach, reach))
    return ParameterInterval(lower, upper, error, "laplace", None)


def product_interval(
    product: FloatArray, log_standard_errors: Sequence[FloatArray], coverage: float
) -> tuple[FloatArray, FloatArray]:
    """Interval of a product of statistics of independent fits, such as orders × order value.

    product · e^(±z·√Σ error²), with z the normal quantile of the coverage: simple enough for SQL.

    Args:
        product: the product of the point estimates, ≥ 0.
        log_standard_errors: of each factor, the shape of the product.
        coverage: within (0, 1).
    """
    check_level(coverage)
    variance = sum(np.square(error) for error in log_standard_errors)
    reach = np.minimum(ndtri((1 + coverage) / 2) * np.sqrt(variance), _LONGEST_REACH)
    return product * np.exp(-reach), product * np.exp(reach)


def sample_parameters(
    fit: FitResult[Params],
    log_density: LogDensity[Params],
    point_count: int = DEFAULT_POINT_COUNT,
) -> ParameterSample[Params]:
    """Points of a multivariate t around the optimum, weighted by how likely they are.

    The points are a scrambled Sobol sequence with a fixed seed: the same on every run.
    """
    size = len(fit.log_param_names)
    uniform = qmc.Sobol(size + 1, seed=_SEED).random(point_count)
    uniform = np.clip(uniform, 1e-9, 1 - 1e-9)
    normal = ndtri(uniform[:, :size])
    # A t is a normal over the root of a mean square of as many normals as it has freedom.
    widening = np.sqrt(_PROPOSAL_FREEDOM / 2 / gammaincinv(_PROPOSAL_FREEDOM / 2, uniform[:, size]))
    standard = normal * widening[:, None]
    root = np.linalg.cholesky(fit.log_param_covariance)
    params, log_weight = [], []
    for point in standard:
        at = _shifted(fit, root @ point)
        log_proposal = (
            -(_PROPOSAL_FREEDOM + size) / 2 * np.log1p((point @ point) / _PROPOSAL_FREEDOM)
        )
        value = log_density(at)
        params.append(at)
        log_weight.append(value - log_proposal if np.isfinite(value) else -np.inf)
    weight = np.exp(np.array(log_weight) - max(log_weight))
    weight /= weight.sum()
    return ParameterSample(tuple(params), weight, float(1 / (weight**2).sum()))


def sampled_interval(
    sample: ParameterSample[Params], statistic: Statistic[Params], coverage: float
) -> ParameterInterval:
    """By weighted quantiles of the statistic over the sampled parameters."""
    check_level(coverage)
    weight = sample.weight
    values = np.array([statistic(params) for params in sample.params], dtype=float)
    tail = (1 - coverage) / 2
    lower, upper = _weighted_quantiles(values, weight, (tail, 1 - tail))
    logs = np.log(np.maximum(values, 1e-300))
    mean = np.tensordot(weight, logs, axes=1)
    variance = np.tensordot(weight, (logs - mean) ** 2, axes=1)
    error = np.where(values.max(axis=0) > 0, np.sqrt(variance), 0.0)
    return ParameterInterval(
        lower, upper, error, "importance_sampling", sample.effective_sample_size
    )


def _weighted_quantiles(
    values: FloatArray, weight: FloatArray, levels: tuple[float, ...]
) -> list[FloatArray]:
    """Quantiles along the first axis, each value standing in the middle of its weight."""
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    share = weight[order]
    middle = np.cumsum(share, axis=0) - share / 2
    found = []
    for level in levels:
        above = np.clip((middle < level).sum(axis=0), 1, len(weight) - 1)[None]
        ends = [
            np.take_along_axis(part, above + by, axis=0)[0]
            for part in (middle, ordered)
            for by in (-1, 0)
        ]
        at_low, at_high, low, high = ends
        part = np.clip((level - at_low) / np.maximum(at_high - at_low, 1e-300), 0.0, 1.0)
        found.append(low + part * (high - low))
    return found


def _shifted(fit: FitResult[Params], shift: FloatArray) -> Params:
    """The estimates, each free one times e to its shift."""
    changed = {
        name: float(np.clip(getattr(fit.params, name) * np.exp(by), 1e-250, 1e250))
        for name, by in zip(fit.log_param_names, shift, strict=True)
    }
    return replace(fit.params, **changed)
