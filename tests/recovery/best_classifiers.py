"""The best that any classifier could do, who knows how people were planted but not each one.

Posterior odds under the planted parameters and shares, written out from the papers' likelihoods.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaln, gammaln

from orchestration.demo_shop import behaviour_kinds as kinds
from orchestration.demo_shop.planted_types import TYPES

LOYAL_TYPES = ("regular", "loyal", "clockwork")


def engaged_log_odds(
    visit_count: np.ndarray, exposure_days: np.ndarray, density: float, shares: dict[str, float]
) -> np.ndarray:
    """Log odds of a steady or devoted visitor against a casual or silent one.

    Args:
        visit_count: visits of their own accord.
        exposure_days: in which they could come.
        density: visits a day as a multiple of the planted rates.
        shares: of each level among these people.
    """
    log_share = {}
    for level, rate in kinds.ENGAGEMENT_LEVELS.items():
        mean = np.maximum(rate * density * exposure_days, 1e-9)
        log_share[level] = np.log(shares[level]) + visit_count * np.log(mean) - mean
    return np.logaddexp(log_share["steady"], log_share["devoted"]) - np.logaddexp(
        log_share["silent"], log_share["casual"]
    )


def loyal_log_odds(
    repeats: np.ndarray,
    first_to_last: np.ndarray,
    age: np.ndarray,
    level: np.ndarray,
    attitude: np.ndarray,
) -> np.ndarray:
    """Log odds of an active customer of a loyal type, told level and attitude beside the orders.

    Args:
        repeats: orders after the first.
        first_to_last: days.
        age: days since the first order.
        level: engagement level of each.
        attitude: of each.
    """
    loyal, everybody = (np.full(len(repeats), -np.inf) for _ in range(2))
    levels, attitudes = list(kinds.ENGAGEMENT_LEVELS), list(kinds.ATTITUDES)
    for planted in TYPES:
        if planted.spending is None:
            continue
        of_level = np.array(kinds.ENGAGEMENT_SHARES[planted.code])
        of_attitude = np.array(kinds.ATTITUDE_SHARES.get(planted.code, kinds.USUAL_ATTITUDE_SHARES))
        prior = (
            planted.share
            * of_level[[levels.index(each) for each in level]]
            * of_attitude[[attitudes.index(each) for each in attitude]]
        )
        prior = np.log(np.maximum(prior, 1e-12))
        if planted.repeat is None:
            everybody = np.logaddexp(everybody, np.where(repeats == 0, prior, -np.inf))
            continue
        r, alpha, a, b = (getattr(planted.repeat, name) for name in ("r", "alpha", "a", "b"))
        orders = gammaln(r + repeats) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
        active = orders + betaln(a, b + repeats + 1) - (r + repeats) * np.log(alpha + age)
        gone = orders + betaln(a + 1, b + repeats) - (r + repeats) * np.log(alpha + first_to_last)
        everybody = np.logaddexp(everybody, prior + np.logaddexp(active, gone))
        if planted.code in LOYAL_TYPES:
            loyal = np.logaddexp(loyal, prior + active)
    return loyal - everybody
