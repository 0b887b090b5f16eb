"""Where the time of a home's newest run went: its steps, and the slowest nodes of both dbt calls.

Read from what the run leaves in its home: Dagster's event log and dbt's run results.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from unittest.mock import patch

import dagster as dg

from orchestration.paths import Home

SLOWEST_NODES = 10
# A step of the job, as the table names it. Whatever else the command does is told as one.
STEP_NAMES = {
    "control__landing_files": "intake",
    "raw_relations": "raw relations",
    "foundation": "first dbt call",
    "clv_predictions": "model fits",
    "segments": "second dbt call",
    "marts__customer_360_population_has_not_collapsed": "volume check",
    "published__published_set": "publish",
    "published__report": "report",
}
_DBT_CALLS = ("foundation", "segments")


@dataclass(frozen=True, slots=True)
class NodeTime:
    """One model, seed or test of a dbt call: two of them run at a time."""

    name: str
    call: str
    seconds: float


@dataclass(frozen=True, slots=True)
class RunTimes:
    """Seconds of a run: by step, in their order, and by dbt node, the slowest first."""

    steps: tuple[tuple[str, float], ...]
    nodes: tuple[NodeTime, ...]
    tests_seconds: float
    models_seconds: float


def newest_run_times(home: Home) -> RunTimes:
    """The times of the run that ended last in a home.

    Raises:
        RuntimeError: there was none.
    """
    with (
        patch.dict(os.environ, {"DAGSTER_HOME": str(home.dagster)}),
        dg.DagsterInstance.get() as instance,
    ):
        records = instance.get_run_records(limit=1)
        if not records:
            raise RuntimeError(f"{home.root}: no run")
        run_id = records[0].dagster_run.run_id
        stats = instance.get_run_step_stats(run_id)
    ended = sorted(
        (step for step in stats if step.start_time is not None and step.end_time is not None),
        key=lambda step: step.start_time,
    )
    nodes = _nodes(home, run_id)
    return RunTimes(
        steps=tuple(
            (STEP_NAMES.get(step.step_key, step.step_key), step.end_time - step.start_time)
            for step in ended
        ),
        nodes=tuple(sorted(nodes, key=lambda node: -node.seconds)[:SLOWEST_NODES]),
        tests_seconds=sum(node.seconds for node in nodes if node.name.startswith("test.")),
        models_seconds=sum(node.seconds for node in nodes if not node.name.startswith("test.")),
    )


def _nodes(home: Home, run_id: str) -> list[NodeTime]:
    found = []
    for call in _DBT_CALLS:
        results = home.dbt_runs / run_id / call / "run_results.json"
        for result in json.loads(results.read_text(encoding="utf-8"))["results"]:
            kind, _, name = result["unique_id"].split(".", 2)
            # A test's id ends in a hash of its arguments.
            short = name.rpartition(".")[0] or name
            found.append(NodeTime(f"{kind}.{short}", call, result["execution_time"]))
    return found
