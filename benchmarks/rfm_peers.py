"""The peers' part of the RFM benchmark: one library, one file of orders, one process.

Runs in an environment with the peers and without the product, so it imports nothing of it. What
counts is reading the file and calling the library; importing the library does not.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.measured_process import tell_cost

if TYPE_CHECKING:
    from datetime import date

_SCORES = 5


def read_orders(file: Path) -> pd.DataFrame:
    """The three columns that all of them take."""
    return pd.read_parquet(file, columns=["customer_id", "ordered_at", "amount"])


def by_pandas(file: Path, as_of_date: date) -> pd.DataFrame:
    """Group by customer, rank each measure into fifths, put the three digits together."""
    orders = read_orders(file)
    found = orders.groupby("customer_id").agg(
        last_ordered_at=("ordered_at", "max"),
        order_count=("amount", "size"),
        monetary_total=("amount", "sum"),
    )
    found["recency_days"] = (
        pd.Timestamp(as_of_date) - found["last_ordered_at"].dt.normalize()
    ).dt.days
    digits = []
    for measure, is_ascending in (
        ("recency_days", False),
        ("order_count", True),
        ("monetary_total", True),
    ):
        share = found[measure].rank(pct=True, ascending=is_ascending)
        digits.append(np.ceil(share * _SCORES).astype(int).astype(str))
    found["rfm_score"] = digits[0] + digits[1] + digits[2]
    return found.reset_index()


def by_pymc_marketing(file: Path, as_of_date: date) -> pd.DataFrame:
    """`rfm_segments`: days with orders, mean a day, quarters, named segments."""
    from pymc_marketing.clv import rfm_segments

    found = rfm_segments(
        read_orders(file),
        customer_id_col="customer_id",
        datetime_col="ordered_at",
        monetary_value_col="amount",
        observation_period_end=as_of_date.isoformat(),
    )
    return found.assign(
        recency_days=found["recency"],
        order_count=found["frequency"],
        monetary_total=found["monetary_value"] * found["frequency"],
    )


def by_lifetimes(file: Path, as_of_date: date) -> pd.DataFrame:
    """`summary_data_from_transaction_data`: what CLV models take; no scores, no segments."""
    from lifetimes.utils import summary_data_from_transaction_data

    found = summary_data_from_transaction_data(
        read_orders(file),
        customer_id_col="customer_id",
        datetime_col="ordered_at",
        monetary_value_col="amount",
        observation_period_end=as_of_date.isoformat(),
    ).reset_index()
    return found.assign(
        recency_days=found["T"] - found["recency"],
        order_count=found["frequency"] + 1,
        age_days=found["T"],
        mean_repeat_order_value=found["monetary_value"],
    )


WAYS: dict[str, Callable[[Path, date], pd.DataFrame]] = {
    "pandas": by_pandas,
    "pymc_marketing": by_pymc_marketing,
    "lifetimes": by_lifetimes,
}
COMPARED = (
    "customer_id",
    "recency_days",
    "order_count",
    "monetary_total",
    "age_days",
    "mean_repeat_order_value",
)


def main() -> None:
    """Do it one way, print what it took, and leave the numbers for the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--way", choices=sorted(WAYS), required=True)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--result", type=Path, required=True)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    if asked.way == "pymc_marketing":
        import pymc_marketing.clv  # noqa: F401
    elif asked.way == "lifetimes":
        import lifetimes.utils  # noqa: F401
    as_of_date = pd.Timestamp(asked.as_of).date()
    found = tell_cost(lambda: WAYS[asked.way](asked.file, as_of_date))
    found[[name for name in COMPARED if name in found.columns]].to_parquet(asked.result)


if __name__ == "__main__":
    main()
