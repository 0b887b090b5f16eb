"""The rules of the config tables, checked before a run touches anything.

What one CSV must be like to make sense: complete grids, growing bounds, known codes. dbt tests the
same tables again once they are loaded; here the fault is one line that names file and cell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product
from pathlib import Path

from orchestration.errors import StrataError
from orchestration.paths import Project
from orchestration.settings.config_rows import (
    Row,
    check_bounds,
    check_codes,
    check_filled,
    check_header,
    check_unique,
    read_rows,
)
from orchestration.settings.slice_table_checks import check_engagement, check_loyalty
from orchestration.settings.suggestions import did_you_mean

_SCORES = ("1", "2", "3", "4", "5")
# Every segment table may hold these beside what its rules give.
_WITHOUT_RULE = frozenset({"prospect", "returned_only", "insufficient_data"})


def check_config_tables(tables: Mapping[str, Path]) -> None:
    """Check the tables of one configuration.

    Args:
        tables: path by file name.

    Raises:
        StrataError: the first fault, in one line.
    """
    for name, path in tables.items():
        check_header(path, Project.here().config_tables / name)
    read = {name: read_rows(path) for name, path in tables.items()}
    _check_rfm_grid(tables["rfm_grid.csv"], read)
    _check_rfm_cutoffs(tables["rfm_cutoffs.csv"], read["rfm_cutoffs.csv"])
    for name, first in (("clv_tiers.csv", 0.0), ("churn_bands.csv", 0.0)):
        bounds = [(row, row["lower_bound"]) for row in read[name]]
        check_bounds(tables[name], bounds, first, below=1.0)
    for name, column in (
        ("clv_tiers.csv", "tier_code"),
        ("churn_bands.csv", "band_code"),
        ("rfm_segment_definitions.csv", "segment_code"),
        ("order_statuses.csv", "status"),
        ("segment_types.csv", "segment_type"),
    ):
        check_unique(tables[name], read[name], column)
    check_engagement(tables, read)
    check_loyalty(tables, read)
    check_codes(
        tables["order_statuses.csv"],
        read["order_statuses.csv"],
        "order_outcome",
        ("pending", "valid", "returned", "cancelled"),
    )
    check_codes(
        tables["excluded_orders.csv"],
        read["excluded_orders.csv"],
        "field",
        ("account_type", "is_test", "channel"),
    )
    check_codes(
        tables["blocked_identifiers.csv"],
        read["blocked_identifiers.csv"],
        "kind",
        ("customer", "member", "email", "phone", "anonymous"),
    )


def _check_rfm_grid(path: Path, read: Mapping[str, list[Row]]) -> None:
    rows = read["rfm_grid.csv"]
    scores = ("recency_score", "frequency_score", "monetary_score")
    check_filled(path, rows)
    known = [row["segment_code"] for row in read["rfm_segment_definitions.csv"]]
    for grid in sorted({row["grid"] for row in rows}):
        cells: dict[tuple[str, ...], int] = {}
        for line, row in enumerate(rows, start=2):
            if row["grid"] != grid:
                continue
            cell = tuple(row[score] for score in scores)
            if cell in cells:
                raise StrataError(
                    f"{path}, line {line}: cell {_cell(cell)} of grid {grid} is there already,"
                    f" in line {cells[cell]}; leave one"
                )
            if row["segment_code"] not in known:
                raise StrataError(
                    f"{path}, line {line}: unknown segment '{row['segment_code']}'"
                    f"{did_you_mean(row['segment_code'], known)}"
                )
            cells[cell] = line
        for cell in product(_SCORES, repeat=3):
            if cell not in cells:
                raise StrataError(
                    f"{path}: grid {grid} has a hole at {_cell(cell)}; add a row for that cell"
                )
        unknown = [cell for cell in cells if not set(cell) <= set(_SCORES)]
        if unknown:
            raise StrataError(
                f"{path}, line {cells[unknown[0]]}: scores go from 1 to 5, got {_cell(unknown[0])}"
            )
    reached = {row["segment_code"] for row in rows} | _WITHOUT_RULE
    for code in known:
        if code not in reached:
            raise StrataError(
                f"{path}: no cell leads to segment '{code}' of rfm_segment_definitions.csv;"
                " give it a cell or delete it there"
            )


def _cell(cell: tuple[str, ...]) -> str:
    return "R{} F{} M{}".format(*cell)


def _check_rfm_cutoffs(path: Path, rows: list[Row]) -> None:
    check_filled(path, rows)
    check_codes(path, rows, "measure", ("recency", "frequency", "monetary"))
    check_codes(path, rows, "method", ("absolute", "quantile"))
    for measure in ("recency", "frequency", "monetary"):
        of_measure = [row for row in rows if row["measure"] == measure]
        methods = sorted({row["method"] for row in of_measure})
        if len(methods) > 1:
            raise StrataError(f"{path}: {measure} has two methods, {' and '.join(methods)}")
        if sorted(row["score"] for row in of_measure) != list(_SCORES):
            raise StrataError(f"{path}: {measure} needs one row for each score from 1 to 5")
        # The fewer days ago, the better: recency alone has its best score first.
        by_score = sorted(of_measure, key=lambda row: row["score"], reverse=measure == "recency")
        bounds = [(row, row["lower_bound"]) for row in by_score]
        below = 1.0 if methods == ["quantile"] else math.inf
        check_bounds(path, bounds, None if below > 1 else 0.0, below)
