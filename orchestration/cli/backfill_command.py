"""`strata backfill`: build past days into history, then publish the newest day with them.

Each day is a run of the same Dagster job as `strata run`, one after the other. What is observed
already with the same deliveries, configuration and code is passed over, so a backfill that was cut
short goes on where it stopped.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from orchestration.cli.run_command import chosen_source
from orchestration.errors import StrataError
from orchestration.intake.intake_ledger import latest_seq
from orchestration.intake.raw_files.raw_views import first_order_day, last_order_day
from orchestration.launch import RunRequest, launch, prepare_instance
from orchestration.paths import Home, Project
from orchestration.publishing.observation_ledger import has_other_history_now
from orchestration.publishing.run_key import RunKey
from orchestration.publishing.run_ledger import newest_published_day
from orchestration.runs.as_of_day import default_as_of_date, parse_as_of_date
from orchestration.runs.as_of_run import code_version_of_process
from orchestration.runs.backfill_days import days_between, days_to_build, is_month_end
from orchestration.runs.input_source import remember_input, take_in_source
from orchestration.settings.config_table_checks import check_config_tables
from orchestration.settings.settings_loader import Configuration, load_configuration
from orchestration.settings.settings_model import Settings
from orchestration.warehouse.locks import run_lock


def backfill(
    home: Home,
    *,
    first: str | None,
    last: str | None,
    month_ends: bool,
    landing: Path | None,
    map_file: Path | None,
    progress: Callable[[str], None],
) -> None:
    """Build days into history, oldest first, then publish the newest day again if need be.

    Raises:
        StrataError: one line; the days that are built stay.
    """
    project = Project.here()
    source = chosen_source(home, project, landing, map_file)
    configuration = load_configuration(project, source.map_path)
    settings = configuration.settings
    check_config_tables(configuration.tables)
    if first is None and not month_ends:
        raise StrataError("--from: name the first day, or --month-ends for all month ends")
    named_first = parse_as_of_date(first, settings, option="--from") if first else None
    named_last = parse_as_of_date(last, settings, option="--to") if last else None
    prepare_instance(home, project)
    remember_input(home, source)
    with run_lock(home, "intake", settings.lock_timeout_seconds):
        take_in_source(home, source, configuration, retake=False, progress=progress)
    # One sequence for all days: what comes in meanwhile is for the next run.
    intake_seq = latest_seq(home)
    days = _days(home, settings, named_first, named_last, month_ends)
    keys = [_key(project, configuration, day, intake_seq) for day in days]
    attempted: set[dt.date] = set()
    while to_build := [day for day in days_to_build(home, keys) if day not in attempted]:
        day = to_build[0]
        attempted.add(day)
        _refuse_other_configuration(project, source.map_path, configuration)
        progress(f"backfill: {day}, {len(to_build)} of {len(days)} days to go")
        request = RunRequest(
            as_of_date=day,
            landing=source.landing,
            map_file=source.map_path,
            publish=day == days[-1],
            accept_no_orders=True,
            intake_seq=intake_seq,
        )
        launch(home, project, request)
    newest = newest_published_day(home)
    if newest is not None and has_other_history_now(home, newest):
        progress(f"backfill: {newest} again, to publish it with the days that are there now")
        launch(home, project, RunRequest(newest, source.landing, source.map_path))
    print(
        f"{len(attempted)} days built into history, {len(days) - len(attempted)} stood there;"
        " see `strata status`"
    )


def _days(
    home: Home,
    settings: Settings,
    first: dt.date | None,
    last: dt.date | None,
    month_ends: bool,
) -> list[dt.date]:
    zone = settings.business_timezone
    if first is None:
        begins = first_order_day(home, zone, settings.earliest_valid_date)
        if begins is None:
            raise StrataError("--month-ends: no order has a date; name the first day with --from")
        first = max(begins, settings.first_as_of_date)
    if last is None:
        newest = newest_published_day(home)
        last = newest or default_as_of_date(last_order_day(home, zone), settings)
    if last < first:
        raise StrataError(f"--from: {first} is after the last day {last}")
    days = [day for day in days_between(first, last) if not month_ends or is_month_end(day)]
    if not days:
        raise StrataError(f"--month-ends: no month ends between {first} and {last}")
    return days


def _key(project: Project, configuration: Configuration, day: dt.date, intake_seq: int) -> RunKey:
    return RunKey(
        as_of_date=day,
        intake_seq=intake_seq,
        config_hash=configuration.config_hash,
        code_version=code_version_of_process(project),
    )


def _refuse_other_configuration(
    project: Project, map_path: Path | None, configuration: Configuration
) -> None:
    now = load_configuration(project, map_path)
    if now.settings != configuration.settings or now.config_hash != configuration.config_hash:
        raise StrataError(
            "the configuration has changed since the backfill began; the days built so far stay."
            " Run it again, and all its days are built with the new one"
        )
