"""What the estimators are fed: weighted sufficient statistics of purchases and of spend.

One tuple stands for all customers who share it; `customer_count` says how many. Arrays that
cannot be a customer's history are refused here, so that no estimator has to check again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def weighted_sum(weight: FloatArray, values: FloatArray) -> float:
    """Sum of products with the same last digit on every machine, which a dot product has not.

    That one is split over as many threads as there are cores.
    """
    return float((weight * values).sum())


def _read_only_column(kind: str, name: str, values: ArrayLike) -> FloatArray:
    try:
        column = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{kind}: {name} has values that are no numbers") from None
    if column.ndim != 1:
        raise ValueError(f"{kind}: {name} must have one dimension, it has {column.ndim}")
    _refuse(kind, ~np.isfinite(column), f"{name} is missing or infinite")
    _refuse(kind, column < 0, f"{name} is negative")
    column.setflags(write=False)
    return column


def _refuse(kind: str, offending: NDArray[np.bool_], what: str) -> None:
    count = int(np.count_nonzero(offending))
    if count:
        raise ValueError(f"{kind}: {what} in {count} of {offending.size} tuples")


def _set_columns(tuples: PurchaseTuples | SpendTuples, names: tuple[str, ...]) -> None:
    kind = type(tuples).__name__
    for name in names:
        object.__setattr__(tuples, name, _read_only_column(kind, name, getattr(tuples, name)))
    lengths = {name: getattr(tuples, name).size for name in names}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(f"{kind}: the columns differ in length ({told})")
    _refuse(kind, tuples.customer_count == 0, "customer_count is zero")


@dataclass(frozen=True, slots=True)
class PurchaseTuples:
    """Order histories as the purchase models see them: four columns of one length.

    Attributes:
        repeat_count: distinct order days less one (x in the literature); whole numbers ≥ 0.
        first_to_last_days: from the first order day to the last (t_x); 0 exactly if there is no
            repeat order.
        age_days: from the first order day to the as-of day (T); never less than
            `first_to_last_days`.
        customer_count: how many customers share the tuple; above 0.

    Times are days. Another unit works as well, if it is the same throughout: `alpha`, horizons
    and `SufficiencyRule.minimum_span_days` are then in that unit.

    Raises:
        ValueError: a column is no such thing; the message names the column and counts the tuples.
    """

    repeat_count: FloatArray
    first_to_last_days: FloatArray
    age_days: FloatArray
    customer_count: FloatArray

    def __post_init__(self) -> None:
        """Copy, check and lock the columns."""
        _set_columns(self, ("repeat_count", "first_to_last_days", "age_days", "customer_count"))
        kind = type(self).__name__
        repeat, last, age = self.repeat_count, self.first_to_last_days, self.age_days
        _refuse(kind, repeat != np.floor(repeat), "repeat_count is not whole")
        _refuse(kind, last > age, "first_to_last_days is above age_days")
        _refuse(
            kind,
            (repeat == 0) != (last == 0),
            "repeat_count and first_to_last_days disagree on whether there was a repeat order",
        )

    def __len__(self) -> int:
        """Number of tuples."""
        return self.repeat_count.size


@dataclass(frozen=True, slots=True)
class SpendTuples:
    """Order values as the spend model sees them: three columns of one length.

    Attributes:
        order_count: orders that the mean is taken over; whole numbers ≥ 1.
        mean_order_value: mean value of those orders, in any one currency; ≥ 0.
        customer_count: how many customers share the tuple; above 0.

    Raises:
        ValueError: a column is no such thing; the message names the column and counts the tuples.
    """

    order_count: FloatArray
    mean_order_value: FloatArray
    customer_count: FloatArray

    def __post_init__(self) -> None:
        """Copy, check and lock the columns."""
        _set_columns(self, ("order_count", "mean_order_value", "customer_count"))
        kind = type(self).__name__
        _refuse(kind, self.order_count != np.floor(self.order_count), "order_count is not whole")
        _refuse(kind, self.order_count == 0, "order_count is zero")

    def __len__(self) -> int:
        """Number of tuples."""
        return self.order_count.size
