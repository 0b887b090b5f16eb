"""Whether the ways of the RFM benchmark have the same numbers, where they mean the same.

Recency in days, number of orders and money per customer; for lifetimes, which tells no total, the
age in days and the mean of all orders but the first. Scores and segments are each library's own.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.warehouse.duckdb_warehouse import literal

# Sums of doubles, and a mean that Strata rounds to four decimals.
_TOLERANCES = {
    "recency_days": 0.0,
    "order_count": 0.0,
    "age_days": 0.0,
    "monetary_total": 0.005,
    "mean_repeat_order_value": 0.0001,
}
# Strata has no mean where there was one order, lifetimes has 0.
_NO_MEAN = {"mean_repeat_order_value": 0}


class DisagreementError(Exception):
    """Two ways have different numbers: comparing their times would mean nothing."""


def check_agreement(strata: Path, other: Path, name: str, *, by_customer: bool = True) -> int:
    """Hold one way's numbers against Strata's.

    Args:
        strata: Parquet with a row per customer and the compared columns.
        other: the same of another way; columns that it lacks are not compared.
        name: of the other way.
        by_customer: False where it has ids of its own: then all rows are compared, in their order.

    Returns:
        customers.

    Raises:
        DisagreementError: says how many customers differ, and in what.
    """
    with duckdb.connect() as connection:
        columns = [
            row[0]
            for row in connection.execute(f"describe from {literal(str(other))}").fetchall()
            if row[0] in _TOLERANCES
        ]
        order = ", ".join(["customer_id"] if by_customer else columns)
        for side, file in (("ours", strata), ("theirs", other)):
            connection.execute(
                f"create table {side} as select *, row_number() over (order by {order}) as place"
                f" from {literal(str(file))}"
            )
        key = "customer_id" if by_customer else "place"
        differing = ", ".join(f"count(*) filter ({_differs(name)})" for name in columns)
        [(customers, unmatched, *counts)] = connection.execute(
            "select count(*), count(*) filter (ours.place is null or theirs.place is null),"
            f" {differing} from ours full join theirs on ours.{key} = theirs.{key}"
        ).fetchall()
    found = {"customers of one side only": unmatched, **dict(zip(columns, counts, strict=True))}
    wrong = ", ".join(f"{what}: {count:,}" for what, count in found.items() if count)
    if wrong:
        raise DisagreementError(f"strata and {name} differ: {wrong} of {customers:,} customers")
    return customers


def _differs(column: str) -> str:
    ours, theirs = f"ours.{column}", f"theirs.{column}"
    if column in _NO_MEAN:
        ours, theirs = (f"coalesce({side}, {_NO_MEAN[column]})" for side in (ours, theirs))
    # Null differs from a number: a difference that is null must count.
    return (
        f"coalesce(abs({ours}::double - {theirs}::double) > {_TOLERANCES[column]},"
        f" {ours} is not null or {theirs} is not null)"
    )
