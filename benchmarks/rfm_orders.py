"""A seeded Parquet file of clean orders, as RFM tools want them: who, when, how much.

Nobody has two orders on one day, and all lie within Strata's window of 730 days. So counting
orders and counting days with orders come to the same, and the peers can be held against each other.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

import duckdb

SEED = 20240229
AS_OF_DATE = dt.date(2025, 12, 31)
_WINDOW_DAYS = 729
_ORDERS_PER_CUSTOMER = 33
_MOST_ORDERS = 360


def write_orders(path: Path, order_count: int) -> None:
    """Write about so many orders, in order of time: some 33 a customer, few of many, many of few.

    Columns: order_id, customer_id (text), ordered_at (UTC, without zone), amount (double, cents).
    """
    customers = max(1, order_count // _ORDERS_PER_CUSTOMER)
    with duckdb.connect(config={"memory_limit": "4GB"}) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(
            f"create macro uniform(number, use_number) as"
            f" (hash(number * 16 + use_number + {SEED}) % 1000003) / 1000003.0"
        )
        connection.execute(
            f"""
            copy (
                with counted as (
                    select
                        customer,
                        least(
                            {_MOST_ORDERS},
                            1 + floor(-ln(1 - uniform(customer, 1)) * {_ORDERS_PER_CUSTOMER - 1})
                        )::bigint as orders
                    from range({customers}) as numbers (customer)
                ),
                spans as (
                    select
                        *,
                        orders + floor(uniform(customer, 2) * ({_WINDOW_DAYS} - orders))::bigint
                            as span_days
                    from counted
                ),
                lives as (
                    select
                        *,
                        floor(uniform(customer, 3) * ({_WINDOW_DAYS} - span_days + 1))::bigint
                            as first_day,
                        -- An order has days of its own to fall on: never two on one.
                        span_days // orders as gap_days
                    from spans
                ),
                numbered as (
                    select *, unnest(range(orders)) as place, customer * 1000 + place as number
                    from lives
                )
                select
                    printf('%012d', number) as order_id,
                    printf('c%08d', customer) as customer_id,
                    timestamp '{AS_OF_DATE - dt.timedelta(days=_WINDOW_DAYS)}'
                    + to_days((
                        first_day + place * gap_days
                        + floor(uniform(number, 4) * gap_days)
                    )::int)
                    + to_seconds(floor(uniform(number, 5) * 86400)::int) as ordered_at,
                    round(5 + 195 * pow(uniform(number, 6), 3), 2) as amount
                from numbered
                order by ordered_at, order_id
            ) to '{path}' (format parquet)
            """
        )


def main() -> None:
    """Write the file, in a process that may be large."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--file", type=Path, required=True)
    asked = parser.parse_args()
    write_orders(asked.file, asked.orders)


if __name__ == "__main__":
    main()
