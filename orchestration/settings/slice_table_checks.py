"""The rules of the tables of engagement and loyalty, checked before a run touches anything."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

from orchestration.errors import StrataError
from orchestration.settings.config_rows import (
    Row,
    check_bounds,
    check_codes,
    check_filled,
    check_unique,
)
from orchestration.settings.suggestions import did_you_mean

Tables = Mapping[str, Path]
Rows = Mapping[str, list[Row]]
ANY = "*"
# What every segment table may hold beside what its rules give.
_WITHOUT_RULE = frozenset({"none", "undetermined", "insufficient_data", "prospect"})
_COMPONENTS = (
    *("tenure", "frequency", "regularity", "active_months"),
    *("brand_interaction", "content", "advocacy"),
)


def check_engagement(tables: Tables, read: Rows) -> None:
    """Refuse weights, bands and patterns that make no sense."""
    _check_event_weights(tables["engagement_event_weights.csv"], read)
    _check_tiers(tables, read, "engagement_tiers.csv", "tier_code", "brand_engagement")
    _check_tiers(tables, read, "usage_bands.csv", "band_code", "usage", below=1.0)
    trends = [(row, row["lower_bound"]) for row in read["usage_trends.csv"]]
    check_unique(tables["usage_trends.csv"], read["usage_trends.csv"], "trend_code")
    check_bounds(tables["usage_trends.csv"], trends, 0.0, math.inf)
    hours = [(row, row["first_hour"]) for row in read["dayparts.csv"]]
    check_unique(tables["dayparts.csv"], read["dayparts.csv"], "daypart")
    check_bounds(tables["dayparts.csv"], hours, 0.0, 24.0)
    _check_visit_patterns(tables, read)
    check_codes(
        tables["channel_kinds.csv"],
        read["channel_kinds.csv"],
        "channel_kind",
        ("online", "store"),
    )
    check_codes(
        tables["channel_kinds.csv"],
        read["channel_kinds.csv"],
        "field",
        ("channel", "event_name"),
    )


def check_loyalty(tables: Tables, read: Rows) -> None:
    """Refuse points that don't add up, steps that don't grow and quadrants nobody can be in."""
    _check_components(tables, read)
    _check_tiers(tables, read, "loyalty_tiers.csv", "tier_code", "loyalty", below=100.0)
    path, rows = tables["loyalty_grace_days.csv"], read["loyalty_grace_days.csv"]
    check_unique(path, rows, "days_back")
    for line, row in enumerate(rows, start=2):
        if not row["days_back"].isdigit() or not 1 <= int(row["days_back"]) <= 3660:
            raise StrataError(f"{path}, line {line}: days_back must be a day from 1 to 3660")
    _check_quadrants(tables["loyalty_quadrants.csv"], read["loyalty_quadrants.csv"])
    path, rows = tables["advocacy_rules.csv"], read["advocacy_rules.csv"]
    check_codes(path, rows, "source", ("event", "feedback"))
    for line, row in enumerate(rows, start=2):
        _number(path, line, row, "minimum_share", most=1)
        _number(path, line, row, "minimum_score")


def _number(
    path: Path, line: int, row: Row, column: str, least: float = 0, most: float = math.inf
) -> Decimal:
    try:
        number = Decimal(row[column])
    except (InvalidOperation, KeyError) as error:
        raise StrataError(f"{path}, line {line}: {column} is no number") from error
    if not number.is_finite() or not least <= number <= most:
        up_to = f" to {most:g}" if math.isfinite(most) else " up"
        raise StrataError(f"{path}, line {line}: {column} must be from {least:g}{up_to}")
    return number


def _check_event_weights(path: Path, read: Rows) -> None:
    rows = read[path.name]
    check_filled(path, rows)
    check_codes(path, rows, "is_usage", ("true", "false"))
    seen: set[tuple[str, str]] = set()
    for line, row in enumerate(rows, start=2):
        _number(path, line, row, "weight", most=10_000)
        if _number(path, line, row, "daily_cap", least=1) % 1:
            raise StrataError(f"{path}, line {line}: daily_cap must be a whole number")
        if (key := (row["event_name"], row["channel"])) in seen:
            raise StrataError(f"{path}, line {line}: {' '.join(key)} is there already")
        seen.add(key)
    for name, _ in seen:
        if (name, ANY) not in seen:
            raise StrataError(f"{path}: '{name}' has no row for any channel, {ANY}; add one")


def _check_tiers(
    tables: Tables,
    read: Rows,
    name: str,
    column: str,
    segment_type: str,
    below: float = math.inf,
) -> None:
    """Bounds from 0 up, with the codes of the segment type and no other."""
    path, rows = tables[name], read[name]
    check_unique(path, rows, column)
    check_bounds(path, [(row, row["lower_bound"]) for row in rows], 0.0, below)
    known = [
        row["segment_code"]
        for row in read["segment_definitions.csv"]
        if row["segment_type"] == segment_type
    ]
    for row in rows:
        if row[column] not in known:
            raise StrataError(
                f"{path}: '{row[column]}' is no {segment_type} of segment_definitions.csv"
                f"{did_you_mean(row[column], known)}"
            )
    for code in known:
        if code not in _WITHOUT_RULE and code not in {row[column] for row in rows}:
            raise StrataError(f"{path}: no row for '{code}' of segment_definitions.csv")


def _check_visit_patterns(tables: Tables, read: Rows) -> None:
    path, patterns = tables["visit_patterns.csv"], read["visit_patterns.csv"]
    slots_path, slots = tables["visit_pattern_slots.csv"], read["visit_pattern_slots.csv"]
    check_unique(path, patterns, "pattern_code")
    check_unique(path, patterns, "priority")
    for line, row in enumerate(patterns, start=2):
        _number(path, line, row, "minimum_share", most=1)
    dayparts = [row["daypart"] for row in read["dayparts.csv"]]
    codes = tuple(row["pattern_code"] for row in patterns)
    check_codes(slots_path, slots, "pattern_code", codes)
    check_codes(slots_path, slots, "day_kind", ("weekday", "weekend", ANY))
    check_codes(slots_path, slots, "daypart", (*dayparts, ANY))
    taken: set[tuple[str, str, str]] = set()
    for line, row in enumerate(slots, start=2):
        kinds = ("weekday", "weekend") if row["day_kind"] == ANY else (row["day_kind"],)
        parts = dayparts if row["daypart"] == ANY else [row["daypart"]]
        cells = {(row["pattern_code"], kind, part) for kind in kinds for part in parts}
        if cells & taken:
            raise StrataError(f"{slots_path}, line {line}: overlaps another slot of the pattern")
        taken |= cells
    for code in codes:
        if code not in {row["pattern_code"] for row in slots}:
            raise StrataError(f"{path}: '{code}' has no slot in visit_pattern_slots.csv")


def _check_components(tables: Tables, read: Rows) -> None:
    path, components = tables["loyalty_components.csv"], read["loyalty_components.csv"]
    check_unique(path, components, "component")
    check_codes(path, components, "component", _COMPONENTS)
    most = {
        row["component"]: _number(path, line, row, "maximum_points", most=100)
        for line, row in enumerate(components, start=2)
    }
    if missing := [name for name in _COMPONENTS if name not in most]:
        raise StrataError(f"{path}: no row for '{missing[0]}'")
    if sum(most.values()) != 100:
        raise StrataError(f"{path}: maximum_points add up to {sum(most.values())}, not to 100")
    path, steps = tables["loyalty_cutoffs.csv"], read["loyalty_cutoffs.csv"]
    check_codes(path, steps, "component", _COMPONENTS)
    for name in _COMPONENTS:
        of_component = [row for row in steps if row["component"] == name]
        check_filled(path, of_component)
        check_bounds(path, [(row, row["lower_bound"]) for row in of_component], 0.0, math.inf)
        check_bounds(path, [(row, row["points"]) for row in of_component], 0.0, math.inf)
        if Decimal(of_component[-1]["points"]) != most[name]:
            raise StrataError(
                f"{path}: the last step of '{name}' brings {of_component[-1]['points']},"
                f" not its maximum_points {most[name]}"
            )


def _check_quadrants(path: Path, rows: list[Row]) -> None:
    check_unique(path, rows, "quadrant_code")
    check_unique(path, rows, "priority")
    bounds: list[tuple[str, Decimal, Decimal]] = []
    for line, row in sorted(enumerate(rows, start=2), key=lambda item: int(item[1]["priority"])):
        repeat_buying = _number(path, line, row, "repeat_buying_from", most=1)
        attitude = _number(path, line, row, "attitude_from", most=1)
        for name, other_buying, other_attitude in bounds:
            if other_buying <= repeat_buying and other_attitude <= attitude:
                raise StrataError(
                    f"{path}, line {line}: nobody can be '{row['quadrant_code']}',"
                    f" '{name}' takes them all before"
                )
        bounds.append((row["quadrant_code"], repeat_buying, attitude))
    if not bounds or any(bounds[-1][1:]):
        raise StrataError(f"{path}: the last quadrant must take everybody, from 0 and 0")
