"""Where a home takes its files from, and taking them in.

`strata run` notes the source, so that the schedule and the pages of Dagster use the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from orchestration.errors import StrataError
from orchestration.intake.intake_ledger import intake_ledger, raw_files
from orchestration.intake.raw_files.raw_views import last_order_day
from orchestration.intake.take_in import IntakeReport, take_in
from orchestration.paths import Home
from orchestration.publishing.run_ledger import newest_published_day
from orchestration.settings.settings_loader import Configuration
from orchestration.warehouse.fault_messages import told_in_one_line


@dataclass(frozen=True, slots=True)
class InputSource:
    """A landing folder, and a map where its files are not in the contract's own shape."""

    landing: Path
    map_path: Path | None


def remembered_input(home: Home) -> InputSource:
    """What the last `strata run` of this home used; `<home>/landing` where there was none.

    Raises:
        StrataError: the note is broken, or its map is gone.
    """
    if not home.input_note.is_file():
        return InputSource(home.landing, None)
    try:
        note = yaml.safe_load(home.input_note.read_text(encoding="utf-8"))
        landing, named_map = Path(note["landing"]), note["map"]
    except (yaml.YAMLError, KeyError, TypeError, OSError) as error:
        raise StrataError(
            f"{home.input_note}: expected `landing:` and `map:`; delete it and name both again"
        ) from error
    map_path = Path(named_map) if named_map else None
    if map_path is not None and not map_path.is_file():
        raise StrataError(f"{home.input_note}: no file {map_path}; name the map again with --map")
    return InputSource(landing, map_path)


def remember_input(home: Home, source: InputSource) -> None:
    """Note the source for the runs that follow.

    Raises:
        StrataError: the home holds the demo shop, and this is not it; or it can't be written.
    """
    if home.input_note.is_file():
        before = remembered_input(home).landing
        if before.is_relative_to(home.demo) and before != source.landing:
            raise StrataError(
                f"{home.root} holds the demo shop; name another folder with --home for other data"
            )
    note = {
        "landing": str(source.landing),
        "map": str(source.map_path) if source.map_path else None,
    }
    with told_in_one_line("noting the input", home.input_note):
        home.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        home.input_note.write_text(yaml.safe_dump(note), encoding="utf-8")


def refuse_first_day_without_orders(
    home: Home, source: InputSource, business_timezone: str
) -> None:
    """Check that a home that has never published has something to begin with.

    Args:
        home: the home, after intake.
        source: where its files come from.
        business_timezone: the shop's zone.

    Raises:
        StrataError: nothing is published, and no order has a day.
    """
    if newest_published_day(home) is None and last_order_day(home, business_timezone) is None:
        raise StrataError(_no_orders_told(home, source))


def _no_orders_told(home: Home, source: InputSource) -> str:
    with intake_ledger(home) as ledger:
        has_rows = any(file.row_count for file in raw_files(ledger, table_name="orders"))
    if has_rows:
        return f"no order of {source.landing} has a day; `ordered_at` reads as 2024-04-05 09:30:00"
    if source.map_path is not None:
        return (
            f"no orders in {source.landing}: no row of a file there becomes an order by the map"
            f" {source.map_path}; `--as-of` builds a day without orders"
        )
    return (
        f"no orders in {source.landing}; expected {source.landing}/orders/*.csv (or .parquet,"
        " .ndjson), with a row at least; `--as-of` builds a day without orders"
    )


def take_in_source(
    home: Home,
    source: InputSource,
    configuration: Configuration,
    *,
    retake: bool,
    progress: Callable[[str], None],
) -> IntakeReport:
    """Take in the files of a source under a configuration.

    Raises:
        StrataError: no landing folder, or the files don't fit the contract or the map.
    """
    if not source.landing.is_dir():
        raise StrataError(
            f"no landing folder {source.landing}; name the folder of your files with --landing"
        )
    settings = configuration.settings
    return take_in(
        home,
        source.landing,
        map_path=source.map_path,
        guest_ids=configuration.tables["guest_ids.csv"],
        blocked_identifiers=configuration.tables["blocked_identifiers.csv"],
        max_file_bytes=settings.max_file_bytes,
        memory_limit=settings.memory_limit,
        retake=retake,
        progress=progress,
    )
