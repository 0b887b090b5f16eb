"""The rules of the config tables, checked before a run touches anything.

What one CSV must be like to make sense: complete grids, growing bounds, known codes. dbt tests the
same tables again once they are loaded; here the fault is one line that names file and cell.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from orchestration.errors import StrataError
from orchestration.paths import Project
from orchestration.settings.suggestions import did_you_mean

Row = dict[str, str]
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
        _check_header(path, Project.here().config_tables / name)
    read = {name: _read(path) for name, path in tables.items()}
    _check_rfm_grid(tables["rfm_grid.csv"], read)
    _check_rfm_cutoffs(tables["rfm_cutoffs.csv"], read["rfm_cutoffs.csv"])
    for name, first in (("clv_tiers.csv", 0.0), ("churn_bands.csv", 0.0)):
        bounds = [(row, row["lower_bound"]) for row in read[name]]
        _check_bounds(tables[name], bounds, first, below=1.0)
    for name, column in (
        ("clv_tiers.csv", "tier_code"),
        ("churn_bands.csv", "band_code"),
        ("rfm_segment_definitions.csv", "segment_code"),
        ("order_statuses.csv", "status"),
        ("segment_types.csv", "segment_type"),
    ):
        _check_unique(tables[name], read[name], column)
    _check_codes(
        tables["order_statuses.csv"],
        read["order_statuses.csv"],
        "order_outcome",
        ("pending", "valid", "returned", "cancelled"),
    )
    _check_codes(
        tables["excluded_orders.csv"],
        read["excluded_orders.csv"],
        "field",
        ("account_type", "is_test", "channel"),
    )


@contextmanager
def _reader(path: Path) -> Iterator[csv.DictReader]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            yield csv.DictReader(lines, strict=True)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StrataError(f"{path}: can't be read as CSV in UTF-8 ({error})") from error


def _check_header(path: Path, shipped: Path) -> None:
    """Check that a table has the columns that the shipped one has, each once."""
    with _reader(shipped) as reader:
        expected = list(reader.fieldnames or ())
    with _reader(path) as reader:
        names = list(reader.fieldnames or ())
    for name in expected:
        if name not in names:
            raise StrataError(
                f"{path}: no column '{name}'{did_you_mean(name, names)};"
                f" the header is {','.join(expected)}"
            )
    for name in names:
        if name not in expected or names.count(name) > 1:
            raise StrataError(
                f"{path}: column '{name}' is not known, or stands twice;"
                f" the header is {','.join(expected)}"
            )


def _read(path: Path) -> list[Row]:
    with _reader(path) as reader:
        rows = list(reader)
    for line, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise StrataError(f"{path}, line {line}: not as many cells as the header has")
    return rows


def _check_filled(path: Path, rows: list[Row]) -> None:
    if not rows:
        raise StrataError(f"{path}: no rows; at least one is needed")


def _check_rfm_grid(path: Path, read: Mapping[str, list[Row]]) -> None:
    rows = read["rfm_grid.csv"]
    scores = ("recency_score", "frequency_score", "monetary_score")
    _check_filled(path, rows)
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
    _check_filled(path, rows)
    _check_codes(path, rows, "measure", ("recency", "frequency", "monetary"))
    _check_codes(path, rows, "method", ("absolute", "quantile"))
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
        _check_bounds(path, bounds, None if below > 1 else 0.0, below)


def _check_bounds(
    path: Path, bounds: Iterable[tuple[Row, str]], first: float | None, below: float
) -> None:
    before: tuple[str, float] | None = None
    for row, text in bounds:
        name = " ".join(value for key, value in row.items() if key != "lower_bound")
        try:
            bound = float(text)
        except ValueError as error:
            raise StrataError(f"{path}: lower_bound of '{name}' is no number") from error
        if not math.isfinite(bound) or bound < 0 or bound >= below:
            raise StrataError(
                f"{path}: lower_bound of '{name}' must be at least 0"
                + (f" and below {below:g}" if math.isfinite(below) else "")
            )
        if before is None and first is not None and bound != first:
            raise StrataError(f"{path}: the first lower_bound must be {first:g}, at '{name}'")
        if before is not None and bound <= before[1]:
            raise StrataError(
                f"{path}: lower_bound of '{name}' must be above that of '{before[0]}'"
            )
        before = (name, bound)


def _check_unique(path: Path, rows: list[Row], column: str) -> None:
    _check_filled(path, rows)
    seen: set[str] = set()
    for line, row in enumerate(rows, start=2):
        if row[column] in seen:
            raise StrataError(f"{path}, line {line}: {column} '{row[column]}' is there already")
        seen.add(row[column])


def _check_codes(path: Path, rows: list[Row], column: str, known: tuple[str, ...]) -> None:
    for line, row in enumerate(rows, start=2):
        if row[column] not in known:
            raise StrataError(
                f"{path}, line {line}: unknown {column} '{row[column]}'"
                f"{did_you_mean(row[column], known)}; known are {', '.join(known)}"
            )
