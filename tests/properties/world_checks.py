"""What property tests share: seeds, what of a build is compared, and bugs that must be seen.

A property is a function `check(strata, ...)` that asserts. Beside it stands a test that plants a
bug in the compiled SQL and sees the same function fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import duckdb
import pytest

from tests.properties.compiled_project import Compiled
from tests.properties.world_build import PROVENANCE, Built

# What a model reads of what is delivered.
READ_TABLES = (
    *("orders", "order_items", "refunds", "customers", "products", "fx_rates"),
    *("events", "messages", "feedback"),
)
# They tell of deliveries, not of people: the same facts in other files make other numbers.
DELIVERY_TABLES = frozenset({"capabilities", "data_quality_report", "rejected_records"})

# What is compared with a number of the shop's own, not with other people.
ABSOLUTE = (
    "profile_kind, first_order_date, last_order_date, order_count, renewal_count,"
    " zero_value_order_count, returned_order_count, cancelled_order_count, net_revenue,"
    " recency_days, order_count_in_window, monetary_total_in_window,"
    " average_order_value_in_window, frequency_score, churn_risk, p_alive, churn_probability,"
    " expected_orders_365_days, expected_order_value, historic_clv, predicted_clv_365_days"
)


def seeds(few: int, many: int = 60) -> list[Any]:
    """Worlds of `make test`, and those of the long sweep."""
    return [*range(few), *(pytest.param(n, marks=pytest.mark.long) for n in range(few, many))]


def facts(built: Built, without: Iterable[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """All that the marts say of people: every table but those that count deliveries."""
    left_out = PROVENANCE | frozenset(without)
    return {
        table: built.table(f"marts.{table}", left_out)
        for table in built.tables()
        if table not in DELIVERY_TABLES
    }


def by_profile(built: Built, columns: str, table: str = "customer_360") -> dict[str, tuple]:
    """Some columns of a mart, or of another `schema.table`, by profile."""
    schema = "" if "." in table else "marts."
    rows = built.rows(f"select profile_id, {columns} from {schema}{table}")
    return {row[0]: row[1:] for row in rows}


def see_it_fail(
    check: Callable[..., None], broken: Compiled, cases: Iterable[Any] = range(6)
) -> None:
    """A property that holds must not hold any more once a bug is planted.

    A null where a mart's contract has none counts as seen: dbt would stop there too.

    Raises:
        AssertionError: it holds in every case: it can't see the bug.
    """
    for case in cases:
        try:
            check(broken, case)
        except (AssertionError, duckdb.ConstraintException):
            return
    pytest.fail("the planted bug was not seen")
