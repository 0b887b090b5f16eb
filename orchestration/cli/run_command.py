"""`strata run` and `strata demo`: choose the day, launch the run, show the segments."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from orchestration.demo_shop.demo_maker import make_demo_shop
from orchestration.errors import StrataError
from orchestration.intake.raw_files.raw_views import last_order_day
from orchestration.launch import RunRequest, launch, prepare_instance
from orchestration.paths import Home, Project
from orchestration.publishing.run_ledger import newest_published_day
from orchestration.runs.as_of_day import (
    default_as_of_date,
    parse_as_of_date,
    refuse_day_without_rows,
    yesterday,
)
from orchestration.runs.input_source import (
    InputSource,
    refuse_first_day_without_orders,
    remember_input,
    remembered_input,
    take_in_source,
)
from orchestration.runs.reject_counts import published_rejects_told
from orchestration.runs.segment_summary import SegmentSummary, segment_summary
from orchestration.settings.config_table_checks import check_config_tables
from orchestration.settings.settings_loader import load_configuration
from orchestration.warehouse.locks import run_lock


def run_one_day(
    home: Home,
    *,
    landing: Path | None,
    map_file: Path | None,
    as_of: str | None,
    retake: bool,
    accept_volume_change: bool,
    progress: Callable[[str], None],
    intake_seq: int | None = None,
) -> None:
    """Take in, build, audit and publish one day, then print its segments.

    Raises:
        StrataError: one line; nothing was published and nothing lost.
    """
    project = Project.here()
    source = chosen_source(home, project, landing, map_file)
    configuration = load_configuration(project, source.map_path)
    settings = configuration.settings
    check_config_tables(configuration.tables)
    refuse_day_without_rows(yesterday(settings), settings)
    day = parse_as_of_date(as_of, settings) if as_of is not None else None
    if intake_seq is not None and day is None:
        raise StrataError("--intake-seq: name the day to build again with --as-of")

    prepare_instance(home, project)
    remember_input(home, source)
    if day is None:
        # The day follows from the orders, so they are taken in before the run; it finds them known.
        with run_lock(home, "intake", settings.lock_timeout_seconds):
            report = take_in_source(home, source, configuration, retake=retake, progress=progress)
        for warning in report.warnings:
            progress(warning)
        refuse_first_day_without_orders(home, source, settings.business_timezone)
        last_day = last_order_day(home, settings.business_timezone)
        day = default_as_of_date(last_day, settings)
        retake = False
        progress(f"as-of day {day} (name another with --as-of)")
    launch(
        home,
        project,
        RunRequest(
            as_of_date=day,
            landing=source.landing,
            map_file=source.map_path,
            retake=retake,
            accept_volume_change=accept_volume_change,
            accept_no_orders=as_of is not None,
            intake_seq=intake_seq,
        ),
    )
    summary = segment_summary(home, settings.shop_currency)
    if summary is not None and summary.as_of_date == day:
        print_summary(summary, home)
    else:
        print(not_shown_told(day, newest_published_day(home)))


def not_shown_told(day: dt.date, newest: dt.date | None) -> str:
    """Why a day that was built is not what readers get, and what to do."""
    if newest is not None and day < newest:
        return (
            f"{day} is built beside and not published: {newest} is, which is later."
            f" To publish, name that day or a later one with --as-of"
        )
    return f"{day} is built; readers get what they got: see `strata status`"


def chosen_source(
    home: Home, project: Project, landing: Path | None, map_file: Path | None
) -> InputSource:
    """Where files come from: what a user named, else what the home remembers.

    Raises:
        StrataError: there is no such file or folder.
    """
    if map_file is not None and not map_file.is_file():
        raise StrataError(f"--map: no file {map_file}; the shipped ones are in {project.maps}")
    if landing is None and map_file is None:
        source = remembered_input(home)
    else:
        before = remembered_input(home)
        source = InputSource(
            landing=landing.resolve() if landing else before.landing,
            map_path=map_file.resolve() if map_file else None,
        )
    if not source.landing.is_dir():
        raise StrataError(
            f"--landing: no folder {source.landing}; name the folder that holds your files"
        )
    return source


def run_demo(
    home: Home,
    *,
    customers: int,
    seed: int,
    events_per_person: float,
    progress: Callable[[str], None],
) -> None:
    """Write the demo shop's files and run its last day.

    Raises:
        StrataError: the home holds other data, or another demo shop.
    """
    if home.input_note.is_file() and not remembered_input(home).landing.is_relative_to(home.demo):
        raise StrataError(
            f"{home.root} holds other data than the demo shop; name another folder with --home"
        )
    described = f"customers: {customers}\nseed: {seed}\nevents: {events_per_person:g}\n"
    note = home.demo / "demo.yml"
    if note.is_file() and note.read_text(encoding="utf-8") != described:
        raise StrataError(
            f"{home.root} holds another demo shop; delete it or name another folder with --home"
        )
    prepare_instance(home, Project.here())
    progress(f"making a demo shop of {customers:,} people")
    shop = make_demo_shop(
        home.demo,
        customer_count=customers,
        seed=seed,
        events_per_person=events_per_person,
        progress=progress,
    )
    note.write_text(described, encoding="utf-8")
    run_one_day(
        home,
        landing=shop.landing,
        map_file=None,
        as_of=shop.last_day.isoformat(),
        retake=False,
        accept_volume_change=False,
        progress=progress,
    )


def print_summary(summary: SegmentSummary, home: Home) -> None:
    """A short table of segments, where the file is, and the next command."""
    table = Table(
        title=f"RFM segments on {summary.as_of_date}, money in {summary.currency}",
        title_justify="left",
    )
    for name in ("segment", "people", "share", "net revenue", "CLV 365 days"):
        table.add_column(name, justify="left" if name == "segment" else "right")
    for row in summary.rows:
        table.add_row(
            row.segment_name,
            f"{row.people:,}",
            f"{row.people_share:.1%}",
            f"{row.net_revenue:,.2f}",
            "–" if row.predicted_clv is None else f"{row.predicted_clv:,.2f}",
        )
    console = Console(file=sys.stdout)
    console.print(table)
    console.print(f"published: {home.published_db}  (set {summary.set_id})", soft_wrap=True)
    for line in published_rejects_told(home):
        console.print(line, soft_wrap=True, highlight=False)
    if home.report_page.is_file():
        console.print(f"report: {home.report_page}", soft_wrap=True)
    console.print(
        f"next: {home.dev_command}, or open the file with any DuckDB client", soft_wrap=True
    )
