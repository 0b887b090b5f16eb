"""What all steps of one run share: the run lock, what the run was asked to do, dbt's arguments."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from orchestration.defs.code_location import CodeLocation, code_location
from orchestration.errors import StrataError
from orchestration.paths import Home
from orchestration.publishing.run_ledger import end_unfinished_run
from orchestration.run_failures import logged_cause
from orchestration.runs.as_of_run import AsOfRun
from orchestration.runs.input_source import InputSource, remembered_input
from orchestration.warehouse.dbt_invocation import AS_OF_TARGET, CURRENT_TARGET, dbt_vars_argument
from orchestration.warehouse.duckdb_warehouse import Warehouse
from orchestration.warehouse.locks import run_lock, wait_for_dbt

# Dagster's tag with the partition that a run makes.
PARTITION_TAG = "dagster/partition"


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Make a user's fault the step's failure: its line is what is shown, and it is not retried."""
    try:
        yield
    except StrataError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error


class RunSession(dg.ConfigurableResource):
    """Holds the run lock while the run lasts. Its configuration is what the run was asked to do."""

    landing: str = ""
    map_file: str = ""
    retake: bool = False
    publish: bool = True
    accept_volume_change: bool = False
    # Whether the first set of a home may be one without orders.
    accept_no_orders: bool = False
    # The last delivery that counts; 0: the last one taken in.
    intake_seq: int = 0

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[RunSession]:
        """Wait for other runs and for a dbt that outlived its run; then hold the lock."""
        location = self.location
        home, timeout = location.home, location.configuration.settings.lock_timeout_seconds
        with run_lock(home, f"run {context.run_id}", timeout):
            wait_for_dbt(home, timeout)
            empty_scratch(home)
            try:
                yield self
            finally:
                run_id = context.run_id or ""
                end_unfinished_run(
                    home, run_id, lambda: logged_cause(context.instance, run_id, home)
                )

    @property
    def location(self) -> CodeLocation:
        """Home, checkout and configuration."""
        return code_location()

    @property
    def source(self) -> InputSource:
        """Where this run takes its files from: what it was told, else what the home remembers."""
        remembered = remembered_input(self.location.home)
        return InputSource(
            landing=Path(self.landing) if self.landing else remembered.landing,
            map_path=Path(self.map_file) if self.map_file else remembered.map_path,
        )

    def day_of(self, context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> dt.date:
        """The as-of day that a step's run makes."""
        return dt.date.fromisoformat(context.run.tags[PARTITION_TAG])

    def run_of(self, context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> AsOfRun:
        """The run that a step belongs to."""
        location, settings = self.location, self.location.configuration.settings
        return AsOfRun(
            home=location.home,
            project=location.project,
            configuration=location.configuration,
            warehouse=Warehouse(
                path=location.home.build_db,
                memory_limit=settings.memory_limit,
                threads=settings.threads,
                temp_directory=location.home.scratch,
            ),
            run_id=context.run.run_id,
            as_of_date=self.day_of(context),
            intake_seq=self.intake_seq or None,
        )

    def dbt_arguments(self, run: AsOfRun) -> list[str]:
        """Arguments of both dbt calls."""
        return [
            "build",
            "--target",
            AS_OF_TARGET if run.is_past_day else CURRENT_TARGET,
            "--exclude-resource-types",
            "unit_test",
            *dbt_vars_argument(self.location.configuration),
        ]

    def dbt_target_path(self, run_id: str, call: str) -> Path:
        """The call's own folder for artifacts and log."""
        return self.location.home.dbt_runs / run_id / call


def empty_scratch(home: Home) -> None:
    """Delete what a killed run left half-made."""
    shutil.rmtree(home.scratch, ignore_errors=True)
    home.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
