"""Start the Dagster job in this process, and wait for it: what `strata run` and `strata demo` do.

The job, its run and its events are the ones that `strata dev` shows: same definitions, same
instance. Dagster is imported inside the functions, so that commands that need none of it start at
once.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import StrataError
from orchestration.paths import Home, Project
from orchestration.run_failures import STOPPED, first_cause
from orchestration.warehouse.fault_messages import told_in_one_line
from orchestration.warehouse.locks import FileLock

if TYPE_CHECKING:
    import dagster as dg

# Tags by which a later run tells whether the process that ran this one is still there.
PROCESS_TAG = "strata/process"

# To wait for another process that makes Dagster's databases: it takes a second or two.
_INSTANCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What one run takes in and which day it makes, from deliveries up to `intake_seq`."""

    as_of_date: dt.date
    landing: Path | None = None
    map_file: Path | None = None
    retake: bool = False
    publish: bool = True
    accept_volume_change: bool = False
    accept_no_orders: bool = False
    intake_seq: int | None = None

    def run_config(self) -> dict[str, object]:
        """The run's configuration as Dagster takes it, and as its page shows it."""
        return {
            "loggers": {"console": {}},
            "resources": {
                "run_session": {
                    "config": {
                        "landing": str(self.landing or ""),
                        "map_file": str(self.map_file or ""),
                        "retake": self.retake,
                        "publish": self.publish,
                        "accept_volume_change": self.accept_volume_change,
                        "accept_no_orders": self.accept_no_orders,
                        "intake_seq": self.intake_seq or 0,
                    }
                }
            },
        }


def prepare_instance(home: Home, project: Project) -> None:
    """Make the home's folders and put the instance's settings where Dagster looks for them.

    Raises:
        StrataError: the home can't be written.
    """
    os.umask(0o077)
    with told_in_one_line("preparing the home", home.root):
        for folder in (home.root, home.dagster, home.locks, home.scratch, home.dbt_runs):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _put_settings(home, project)
    os.environ["STRATA_HOME"] = str(home.root)
    os.environ["DAGSTER_HOME"] = str(home.dagster)


def open_instance(home: Home) -> dg.DagsterInstance:
    """Dagster's instance of a prepared home. Its databases are made where they are missing.

    Dagster makes a table where it has seen none, so two that see none at once meet: one waits here.

    Raises:
        StrataError: another process went on making them for too long; says which.
    """
    import dagster as dg

    with _instance_lock(home):
        return dg.DagsterInstance.get()


def _instance_lock(home: Home) -> FileLock:
    return FileLock(home.instance_lock, "preparing Dagster's databases", _INSTANCE_SECONDS)


def _put_settings(home: Home, project: Project) -> None:
    settings, wanted = home.dagster / "dagster.yaml", project.dagster_yaml.read_bytes()
    if settings.is_file() and settings.read_bytes() == wanted:
        return
    # Who opens the instance must not read the half of them.
    with _instance_lock(home):
        settings.write_bytes(wanted)


def launch(home: Home, project: Project, request: RunRequest) -> str:
    """Run the daily job for one day in this process.

    Returns:
        The run's id.

    Raises:
        StrataError: the run failed; says why in one line.
        KeyboardInterrupt: it was stopped by hand.
    """
    prepare_instance(home, project)
    from orchestration.definitions import defs

    with open_instance(home) as instance:
        _fail_runs_of_dead_processes(instance)
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            # dagster-dbt prints each of dbt's lines; progress comes from the run's own messages.
            result = (
                defs()
                .resolve_job_def("daily")
                .execute_in_process(
                    instance=instance,
                    partition_key=request.as_of_date.isoformat(),
                    run_config=request.run_config(),
                    tags={PROCESS_TAG: str(os.getpid())},
                    raise_on_error=False,
                )
            )
        if not result.success:
            cause = first_cause(result.all_events, home)
            if cause == STOPPED:
                raise KeyboardInterrupt
            raise StrataError(cause)
        return result.run_id


def _fail_runs_of_dead_processes(instance: dg.DagsterInstance) -> None:
    import dagster as dg

    unfinished = dg.RunsFilter(
        statuses=[
            dg.DagsterRunStatus.NOT_STARTED,
            dg.DagsterRunStatus.STARTING,
            dg.DagsterRunStatus.STARTED,
            dg.DagsterRunStatus.CANCELING,
        ]
    )
    for run in instance.get_runs(unfinished):
        process_id = run.tags.get(PROCESS_TAG, "")
        if process_id.isdigit() and not Path("/proc", process_id).exists():
            instance.report_run_failed(run, "The process that ran this is gone.")
    # A killed run keeps its place in the pool of writers; the next one would wait for it for ever.
    storage = instance.event_log_storage
    for pool in storage.get_concurrency_keys():
        for run_id in storage.get_concurrency_info(pool).active_run_ids:
            claimed_by = instance.get_run_by_id(run_id)
            if claimed_by is None or claimed_by.is_finished:
                storage.free_concurrency_slots_for_run(run_id)
