"""When the next order is to be expected, in days from the as-of day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from orchestration.estimators.order_counts import check_level
from orchestration.estimators.purchase_outlook import PurchaseParams, days_until_order, p_alive
from orchestration.estimators.purchase_tuples import FloatArray, PurchaseTuples

# The median between the ends of a window that the next order falls into with 80 %.
MEDIAN_AND_WINDOW = (0.1, 0.5, 0.9)
# Later is as good as never, and a date so far ahead would be no date.
LONGEST_DAYS = 3650.0


def next_order_days(
    tuples: PurchaseTuples,
    params: PurchaseParams,
    levels: Sequence[float] = MEDIAN_AND_WINDOW,
    longest_days: float = LONGEST_DAYS,
) -> FloatArray:
    """Days by which the next order has come with each chance, (levels, tuples).

    Whoever may have dropped out may never order again. Where the chance of ever ordering is below
    the level, or the day is later than `longest_days`, the answer is inf: no date, null in tables.

    Raises:
        ValueError: a level is not within (0, 1).
    """
    alive = p_alive(tuples, params)
    days = np.full((len(levels), len(tuples)), np.inf)
    for row, level in enumerate(levels):
        check_level(level)
        may_come = np.flatnonzero(alive > level)
        days[row, may_come] = days_until_order(
            tuples.repeat_count[may_come],
            tuples.age_days[may_come],
            params,
            level / alive[may_come],
            longest_days,
        )
    return days
