"""Reading a config table's rows and refusing those that make no sense, whatever the table.

What is particular to a table is in `config_table_checks` and `slice_table_checks`.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.errors import StrataError
from orchestration.settings.suggestions import did_you_mean

Row = dict[str, str]


@contextmanager
def _reader(path: Path) -> Iterator[csv.DictReader]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            yield csv.DictReader(lines, strict=True)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StrataError(f"{path}: can't be read as CSV in UTF-8 ({error})") from error


def check_header(path: Path, shipped: Path) -> None:
    """Refuse a table that lacks a column of the shipped one, has another, or has one twice."""
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


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV, each with all its cells."""
    with _reader(path) as reader:
        rows = list(reader)
    for line, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise StrataError(f"{path}, line {line}: not as many cells as the header has")
    return rows


def check_filled(path: Path, rows: list[Row]) -> None:
    """Refuse a table without rows."""
    if not rows:
        raise StrataError(f"{path}: no rows; at least one is needed")


def check_bounds(
    path: Path, bounds: Iterable[tuple[Row, str]], first: float | None, below: float
) -> None:
    """Refuse bounds that are no numbers, don't grow, or don't begin where they must."""
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


def check_unique(path: Path, rows: list[Row], column: str) -> None:
    """Refuse a value that stands twice in a column."""
    check_filled(path, rows)
    seen: set[str] = set()
    for line, row in enumerate(rows, start=2):
        if row[column] in seen:
            raise StrataError(f"{path}, line {line}: {column} '{row[column]}' is there already")
        seen.add(row[column])


def check_codes(path: Path, rows: list[Row], column: str, known: tuple[str, ...]) -> None:
    """Refuse a code that nothing knows."""
    for line, row in enumerate(rows, start=2):
        if row[column] not in known:
            raise StrataError(
                f"{path}, line {line}: unknown {column} '{row[column]}'"
                f"{did_you_mean(row[column], known)}; known are {', '.join(known)}"
            )
