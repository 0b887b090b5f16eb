"""BG/NBD: customers may drop out after any repeat order. A challenger to MBG/NBD.

Fader, Hardie & Lee (2005), "Counting your customers the easy way: an alternative to the Pareto/NBD
model", Marketing Science 24 (2). It holds every one-time buyer to be alive, so its P(alive) is no
churn score.
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
    "BgNbdParams",
    "expected_orders",
    "fit",
    "log_likelihood",
    "order_count_distribution",
    "p_active",
    "p_alive",
]


class BgNbdParams(BetaGeometricParams):
    """Parameters of BG/NBD."""

    __slots__ = ()

    @staticmethod
    def dropout_occasions(repeat_count: FloatArray) -> FloatArray:
        """Repeat orders are the occasions; after the first order nobody drops out."""
        return repeat_count


def fit(
    tuples: PurchaseTuples,
    prior: BetaGeometricPrior | None = DEFAULT_PRIOR,
    rule: SufficiencyRule = DEFAULT_RULE,
) -> FitResult[BgNbdParams] | InsufficientData[BgNbdParams]:
    """Fit BG/NBD to weighted tuples.

    Args:
        tuples: order histories.
        prior: weak prior; None for plain maximum likelihood.
        rule: when data are too few.

    Returns:
        The fit, or why there is none: no customers, too short a span, too few repeat customers,
        or no maximum (a parameter runs off, which happens without the prior).
    """
    return beta_geometric.fit(tuples, BgNbdParams, prior, rule)
