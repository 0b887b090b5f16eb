"""Why a run failed, from its events: one line that is safe to show."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from orchestration.paths import Home, Project
from orchestration.run_failures import STOPPED, first_cause

HOME = Home(Path("/srv/a shop"))


def error(cls_name, message="", cause=None):
    return SimpleNamespace(cls_name=cls_name, message=message, cause=cause)


def event(kind, error=None, step_key=None):
    return SimpleNamespace(
        event_type_value=kind,
        is_step_failure=kind == "STEP_FAILURE",
        is_run_failure=kind == "PIPELINE_FAILURE",
        step_key=step_key,
        event_specific_data=SimpleNamespace(user_failure_data=None, error=error),
    )


def test_a_users_fault_is_told_as_it_was_raised():
    raised = error("Failure", cause=error("StrataError", "StrataError: no orders; deliver some\n"))
    told = first_cause([event("STEP_FAILURE", raised, "foundation")], HOME)
    assert told == "no orders; deliver some"


def test_any_other_fault_is_named_by_its_class():
    raised = error("Error", "row 7", error("ValueError", "ValueError: Jane Doe"))
    told = first_cause([event("STEP_FAILURE", raised, "foundation")], HOME)
    assert told == (
        "foundation failed (ValueError);"
        " its page in `strata dev --home '/srv/a shop'` has the details"
    )


@pytest.mark.parametrize(
    "events",
    [
        [event("STEP_FAILURE", error("DagsterExecutionInterruptedError"), "foundation")],
        [event("STEP_FAILURE", error("Error", cause=error("KeyboardInterrupt")), "segments")],
        [event("PIPELINE_CANCELED")],
    ],
    ids=["in a step", "in a library", "between steps"],
)
def test_a_run_that_was_stopped_by_hand_is_no_failure_of_a_step(events):
    assert first_cause(events, HOME) == STOPPED


def test_no_event_is_no_cause():
    default = Home(Project.here().root / "warehouse")
    told = "the run failed; its page in `make dev` has the details"
    assert first_cause([], default) == told
