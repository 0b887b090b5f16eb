"""Which days stand in the warehouse's `history`: read before a run, added to after its audit.

dbt writes `history`, and leaves in each log one row for the day itself. A day stands once its tests
have passed and as long as every log has it as it was then; `control.observed_days` lists those.
Whatever else is found in the logs (a run that failed, or was killed on the way) the next run
strikes out.
"""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Any

import pyarrow as pa

from orchestration.publishing.run_key import ObservedDay
from orchestration.warehouse.duckdb_warehouse import Warehouse

_SCHEMA = pa.schema(
    [
        ("as_of_date", pa.date32()),
        ("intake_seq", pa.int64()),
        ("definition_hash", pa.string()),
        ("cut_points_date", pa.date32()),
        ("profile_count", pa.int64()),
    ]
)
_COLUMNS = ", ".join(_SCHEMA.names)
# Each log, and the column that is null in a day's own row.
_DAILY_LOGS = {"segment_change_log": "profile_id", "profile_activity_log": "profile_id"}
_MONTHLY_LOGS = {"segment_month_ends": "segment_type"}

_Row = dict[str, Any]


def standing_days(warehouse: Warehouse) -> list[ObservedDay]:
    """The days that stand, in order. What doesn't is struck from `control.observed_days`.

    Raises:
        StrataError: the warehouse can't be opened or written.
    """
    daily = _days_in_all(warehouse, _DAILY_LOGS)
    monthly = _days_in_all(warehouse, _MONTHLY_LOGS)
    rows = [
        row
        for row in _listed(warehouse)
        if _as_logged(row) in daily and (not _is_month_end(row) or _as_logged(row) in monthly)
    ]
    warehouse.write_arrow("control", "observed_days", pa.Table.from_pylist(rows, _SCHEMA))
    return [
        ObservedDay(row["as_of_date"], row["intake_seq"], row["definition_hash"]) for row in rows
    ]


def let_stand(warehouse: Warehouse, day: dt.date) -> None:
    """Add a day that has passed its tests to `control.observed_days`, as it stands in history."""
    observed = warehouse.read_arrow(
        f"select {_COLUMNS} from history.segment_days where as_of_date = date '{day}'"
    ).to_pylist()
    others = [row for row in _listed(warehouse) if row["as_of_date"] != day]
    rows = sorted([*others, *observed], key=lambda row: row["as_of_date"])
    warehouse.write_arrow("control", "observed_days", pa.Table.from_pylist(rows, _SCHEMA))


def _listed(warehouse: Warehouse) -> list[_Row]:
    if not warehouse.has_table("control", "observed_days"):
        return []
    return warehouse.read_arrow(
        f"select {_COLUMNS} from control.observed_days order by as_of_date"
    ).to_pylist()


def _days_in_all(
    warehouse: Warehouse, empty_key_by_log: dict[str, str]
) -> set[tuple[object, object]]:
    """(day, observation key) of the days that all of these logs have."""
    found = []
    for log, empty_key in empty_key_by_log.items():
        if not warehouse.has_table("history", log):
            return set()
        days = warehouse.read_arrow(
            f"select changed_on, observation_key from history.{log}"
            f" where {empty_key} is null and changed_on is not null"
        ).to_pylist()
        found.append({(day["changed_on"], day["observation_key"]) for day in days})
    return set.intersection(*found)


def _as_logged(row: _Row) -> tuple[object, object]:
    return row["as_of_date"], f"{row['definition_hash']}-{row['intake_seq']}"


def _is_month_end(row: _Row) -> bool:
    day = row["as_of_date"]
    return day.day == calendar.monthrange(day.year, day.month)[1]
