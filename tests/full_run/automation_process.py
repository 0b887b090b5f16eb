"""Evaluates what starts runs in a process of its own: definitions read the environment once.

`python -m tests.full_run.automation_process schedule INSTANT ...` prints what `daily_schedule` asks
for at each instant. `... catch_up` does what `reconcile_sensor` asks for until it asks for nothing,
and prints each day with the published set after it. `... click DAY` runs a day as Dagster's pages
do.
"""

import contextlib
import datetime as dt
import json
import os
import sys
from pathlib import Path

import dagster as dg

from orchestration.launch import prepare_instance
from orchestration.paths import Home, Project
from orchestration.run_failures import first_cause

MOST = 40


def scheduled(instants: list[str]) -> list[dict[str, object]]:
    """Run key and partition of the schedule's request at each instant."""
    from orchestration.definitions import defs

    schedule = defs().resolve_schedule_def("daily_schedule")
    asked = []
    for text in instants:
        with dg.build_schedule_context(
            scheduled_execution_time=dt.datetime.fromisoformat(text)
        ) as context:
            [request] = schedule.evaluate_tick(context).run_requests
        asked.append({"run_key": request.run_key, "partition": request.partition_key})
    return asked


def caught_up() -> list[dict[str, object]]:
    """Each day that was asked for, whether it was to be published, and what readers got then."""
    home = Home.from_environment()
    prepare_instance(home, Project.here())
    from orchestration.definitions import defs
    from orchestration.defs.automation.sensors import reconcile_sensor

    job, done = defs().resolve_job_def("daily"), []
    with dg.DagsterInstance.get() as instance:
        while len(done) < MOST:
            told = reconcile_sensor(dg.build_sensor_context(instance=instance))
            if isinstance(told, dg.SkipReason):
                break
            [request] = told.run_requests
            result = job.execute_in_process(
                instance=instance,
                partition_key=request.partition_key,
                run_config=request.run_config,
            )
            done.append(
                {
                    "day": request.partition_key,
                    "publish": request.run_config["resources"]["run_session"]["config"]["publish"],
                    "succeeded": result.success,
                    "readers_get": str(home.published_db.readlink()),
                }
            )
    return done


def clicked(day: str) -> dict[str, object]:
    """What comes of a day that is chosen on Dagster's pages, and the cause if it fails."""
    home = Home.from_environment()
    prepare_instance(home, Project.here())
    from orchestration.definitions import defs

    job = defs().resolve_job_def("daily")
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(
            instance=instance, partition_key=day, raise_on_error=False, run_config={}
        )
        cause = None if result.success else first_cause(result.all_events, home)
    return {"succeeded": result.success, "cause": cause}


def main() -> None:
    """Print the answer as JSON, and nothing else."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        asked, *arguments = sys.argv[1:]
        answer = {
            "schedule": lambda: scheduled(arguments),
            "catch_up": caught_up,
            "click": lambda: clicked(*arguments),
        }[asked]()
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
