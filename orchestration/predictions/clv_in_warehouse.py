"""CLV in a warehouse: read the tuples that dbt counted, predict, write the four tables.

The same on every engine: whatever reads and writes Arrow will do.
"""

from __future__ import annotations

import datetime as dt
from typing import Protocol

import pyarrow as pa

from orchestration.predictions.clv_predictions import (
    ORDER_KEY,
    SPEND_KEY,
    ClvPredictions,
    CountedTuples,
    predict_clv,
)
from orchestration.settings.settings_model import Settings

# The relation of each set of tuples, and its key. In the key's order: sums depend on it.
COUNTED = {
    "fit_orders": ("int_clv_order_tuples", ORDER_KEY),
    "fit_spend": ("int_clv_spend_tuples", SPEND_KEY),
    "score_orders": ("int_clv_scoring_order_tuples", ORDER_KEY),
    "score_spend": ("int_clv_scoring_spend_tuples", SPEND_KEY),
}


class ArrowWarehouse(Protocol):
    """The seam: what predictions ask of a warehouse."""

    def read_arrow(self, sql: str) -> pa.Table:
        """The result of a query."""

    def write_arrow(self, schema: str, table: str, data: pa.Table) -> None:
        """Create or replace a table."""


def predict_in_warehouse(
    warehouse: ArrowWarehouse,
    settings: Settings,
    fit_date: dt.date,
    *,
    intermediate: str = "intermediate",
    predictions: str = "predictions",
) -> ClvPredictions:
    """Predict from one schema into another.

    Args:
        warehouse: where both schemas are.
        settings: which model, which prior, the discount rate.
        fit_date: the day that the fit tuples were counted as of.
        intermediate: the schema with the tuples.
        predictions: the schema with the four tables.
    """
    counted = CountedTuples(
        **{
            name: warehouse.read_arrow(
                f"select * from {intermediate}.{table} order by {', '.join(key)}"
            )
            for name, (table, key) in COUNTED.items()
        }
    )
    predicted = predict_clv(counted, settings, fit_date)
    for name, table in predicted.tables().items():
        warehouse.write_arrow(predictions, name, table)
    return predicted
