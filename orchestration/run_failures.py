"""Why a Dagster run failed, in one line that is safe to show: for the terminal and the alert.

Only what was written for a user is passed on; any other exception is named by its class, because
its text may quote a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from orchestration.errors import StrataError
from orchestration.paths import Home

if TYPE_CHECKING:
    import dagster as dg

STOPPED = "stopped; what was published before is untouched"
# What Dagster calls Ctrl-C and SIGTERM: inside a step, and between two of them.
_INTERRUPTS = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")
_CANCELLED = "PIPELINE_CANCELED"


def logged_cause(instance: dg.DagsterInstance, run_id: str, home: Home) -> str:
    """The first failure among the events of a run that an instance has kept."""
    entries = instance.all_logs(run_id)
    return first_cause((entry.dagster_event for entry in entries if entry.dagster_event), home)


def first_cause(events: Iterable[dg.DagsterEvent], home: Home) -> str:
    """The first failure among a run's events.

    Args:
        events: events of one run, oldest first.
        home: where it ran.
    """
    details = f"its page in `{home.dev_command}` has the details"
    refused = ""
    for event in events:
        if event.event_type_value == _CANCELLED:
            return STOPPED
        if event.event_type_value == "ASSET_CHECK_EVALUATION":
            evaluation = event.asset_check_evaluation_data
            if evaluation.blocking and not evaluation.passed and evaluation.description:
                refused = evaluation.description
        if not (event.is_step_failure or event.is_run_failure):
            continue
        data = event.event_specific_data
        failure = getattr(data, "user_failure_data", None)
        if failure is not None and failure.description:
            return failure.description
        link = getattr(data, "error", None)
        innermost = link
        while link is not None:
            if link.cls_name in _INTERRUPTS:
                return STOPPED
            if link.cls_name == StrataError.__name__:
                return link.message.partition(": ")[2].strip()
            innermost, link = link, link.cause
        if refused:
            return f"{refused}; nothing was published"
        if innermost is not None:
            step = event.step_key or "the run"
            return f"{step} failed ({innermost.cls_name}); {details}"
    return f"the run failed; {details}"
