"""MBG/NBD: customers may drop out after any order, the first included. The default model.

Batislam, Denizel & Filiztekin (2007), "Empirical validation and comparison of models for customer
base analysis", International Journal of Research in Marketing 24 (3), with the erratum by Wagner &
Hoppe (2008). Unlike BG/NBD it has doubts about one-time buyers, so its P(alive) is a churn score.
"""

from __future__ import annotations

from orchestration.estimators import beta_geometric
from orchestration.estimators.beta_geometric import (
    DEFAULT_PRIOR,
    BetaGeometricParams,
    BetaGeometricPrior,
    log_likelihood,
)
from orchestration.estimators.beta_geometric_outlook import (
    expected_orders,
    order_count_distribution,
    p_active,
    p_alive,
)
from orchestration.estimators.fit_outcome import (
    DEFAULT_RULE,
    FitResult,
    InsufficientData,
    SufficiencyRule,
)
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples

__all__ = [
    "DEFAULT_PRIOR",
    "MbgNbdParams",
    "expected_orders",
    "fit",
    "log_likelihood",
    "order_count_distribution",
    "p_active",
    "p_alive",
]


class MbgNbdParams(BetaGeometricParams):
    """Parameters of MBG/NBD."""

    __slots__ = ()

    @staticmethod
    def dropout_occasions(repeat_count: FloatArray) -> FloatArray:
        """Every order is an occasion, so one more than there are repeat orders."""
        return repeat_count + 1


def fit(
    tuples: PurchaseTuples,
    prior: BetaGeometricPrior | None = DEFAULT_PRIOR,
    rule: SufficiencyRule = DEFAULT_RULE,
) -> FitResult[MbgNbdParams] | InsufficientData[MbgNbdParams]:
    """Fit MBG/NBD to weighted tuples.

    Args:
        tuples: order histories.
        prior: weak prior; None for plain maximum likelihood.
        rule: when data are too few.

    Returns:
        The fit, or why there is none: no customers, too short a span, too few repeat customers,
        or no maximum (a parameter runs off, which happens without the prior).
    """
    return beta_geometric.fit(tuples, MbgNbdParams, prior, rule)
