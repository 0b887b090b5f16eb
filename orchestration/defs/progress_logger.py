"""The console logger: what a person wants to read while a run goes on, and nothing else."""

from __future__ import annotations

import logging
import sys

import dagster as dg

from orchestration.runs.progress import command_progress

# What is meant for who looks into the run's event log, where it stands: how dagster-dbt calls dbt,
# and which steps are left out after one that failed.
_FOR_THE_EVENT_LOG = (
    "A dbt subsetted execution",
    "Copying `",
    "Dependencies for step",
    "Finished dbt command",
    "Running dbt command",
)


class _ProgressHandler(logging.Handler):
    """Prints what steps say themselves; Dagster's own event messages stay in its event log."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._progress = command_progress()

    def emit(self, record: logging.LogRecord) -> None:
        """Print one line for a step's own message, and for a failure."""
        meta = getattr(record, "dagster_meta", {})
        told = str(meta.get("orig_message", record.getMessage()))
        is_own = getattr(record, "dagster_event", None) is None
        if is_own and not told.startswith(_FOR_THE_EVENT_LOG):
            self._progress(told)
            sys.stderr.flush()


@dg.logger(description="One line per thing done.")
def progress_logger(init_context: dg.InitLoggerContext) -> logging.Logger:
    """A logger without Dagster's own event messages."""
    logger = logging.Logger("strata.progress", logging.INFO)
    logger.addHandler(_ProgressHandler())
    return logger
