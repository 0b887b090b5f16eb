"""What assets are handed: dbt through its locking wrapper, and the run's session."""

from __future__ import annotations

import sys
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource

from orchestration.defs.code_location import code_location
from orchestration.defs.progress_logger import progress_logger
from orchestration.defs.run_session import RunSession


@dg.definitions
def resources() -> dg.Definitions:
    """Resources, the executor and the console logger of every run."""
    location = code_location()
    return dg.Definitions(
        resources={
            "dbt": DbtCliResource(
                project_dir=str(location.project.dbt_project),
                profiles_dir=str(location.project.profiles),
                dbt_executable=str(Path(sys.executable).with_name("strata-dbt")),
            ),
            "run_session": RunSession.configure_at_launch(),
        },
        # One DuckDB file has one writer: all steps of a run share one process.
        executor=dg.in_process_executor,
        loggers={"console": progress_logger},
    )
