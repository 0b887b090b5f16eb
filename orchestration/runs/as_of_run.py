"""The two ends of a run: what it is built from, and what it publishes."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.errors import StrataError
from orchestration.intake.intake_ledger import erased_identifier_count, latest_seq
from orchestration.intake.raw_files.raw_views import register_raw
from orchestration.paths import Home, Project
from orchestration.publishing.ledger_repair import repair_ledger
from orchestration.publishing.observation_ledger import record_observation, sync_observations
from orchestration.publishing.publish_set import PublishedSet, publish
from orchestration.publishing.run_key import ObservedDay, RunKey, code_version, history_hash
from orchestration.publishing.run_ledger import (
    begin_run,
    finish_run,
    last_run_succeeded,
    mark_dead_runs_failed,
    newest_published_day,
    record_run_key,
)
from orchestration.publishing.set_file import PublishedTable
from orchestration.runs.erased_history import erase_from_history
from orchestration.runs.observed_days import let_stand, standing_days
from orchestration.settings.settings_loader import Configuration
from orchestration.warehouse.duckdb_warehouse import Warehouse

# Enough to look into last month's failures; a year of them would fill a disk.
KEPT_DBT_RUNS = 40


@dataclass(frozen=True)
class AsOfRun:
    """One run of one day in one home."""

    home: Home
    project: Project
    configuration: Configuration
    warehouse: Warehouse
    run_id: str
    as_of_date: dt.date
    # The last delivery that counts; None: the last one taken in.
    intake_seq: int | None = None

    @property
    def is_past_day(self) -> bool:
        """Whether the day is older than the newest one published: built beside, not published."""
        newest = newest_published_day(self.home)
        return newest is not None and self.as_of_date < newest

    @property
    def fit_date(self) -> dt.date:
        """The day that the CLV models are fitted as of."""
        return self.configuration.settings.clv_fit_date(self.as_of_date)

    def schema(self, name: str) -> str:
        """The schema's name in this run: a past day has schemas of its own."""
        return f"asof_{name}" if self.is_past_day else name

    def key(self, observed: Sequence[ObservedDay]) -> RunKey:
        """What the content of this run's tables depends on.

        Raises:
            StrataError: there is no such delivery.
        """
        return RunKey(
            as_of_date=self.as_of_date,
            intake_seq=self._checked_intake_seq(),
            config_hash=self.configuration.config_hash,
            code_version=code_version_of_process(self.project),
            history_hash=history_hash(observed, self.as_of_date),
        )

    def _checked_intake_seq(self) -> int:
        latest = latest_seq(self.home)
        if self.intake_seq is None:
            return latest
        if not 0 < self.intake_seq <= latest:
            raise StrataError(
                f"--intake-seq: there is no delivery {self.intake_seq}; the last one is {latest}"
            )
        return self.intake_seq


@cache
def code_version_of_process(project: Project) -> str:
    """What this process has loaded: an edit while a run goes on must not give it another key."""
    return code_version(project)


def begin_as_of_run(run: AsOfRun) -> RunKey:
    """Record the run and lay out what dbt reads: `raw`, and the one row of `control.as_of`.

    Raises:
        StrataError: the warehouse can't be opened or written.
    """
    repair_ledger(run.home)
    mark_dead_runs_failed(run.home)
    prune_dbt_runs(run.home)
    begin_run(run.home, run.run_id, "as_of" if run.is_past_day else "daily", run.as_of_date)
    # Damage inside a table shows only when every block is read: after a run that failed.
    run.warehouse.open_or_rebuild(thorough=not last_run_succeeded(run.home))
    observed = standing_days(run.warehouse)
    sync_observations(run.home, observed)
    key = run.key(observed)
    record_run_key(run.home, run.run_id, key)
    with run.warehouse.connect() as connection:
        register_raw(connection, run.home, key.intake_seq)
        erase_from_history(connection, run.home)
    run.warehouse.write_arrow(
        "control",
        "as_of",
        pa.table(
            {
                "as_of_date": pa.array([run.as_of_date], pa.date32()),
                "intake_seq": pa.array([key.intake_seq], pa.int64()),
                "clv_fit_date": pa.array([run.fit_date], pa.date32()),
                "config_hash": pa.array([key.config_hash], pa.string()),
                "code_version": pa.array([key.code_version], pa.string()),
                "definition_hash": pa.array([key.definition_hash], pa.string()),
                "history_hash": pa.array([key.history_hash], pa.string()),
            }
        ),
    )
    return key


def begun_key(run: AsOfRun) -> RunKey:
    """The key that the run began with: what dbt has built from.

    Raises:
        StrataError: another run has begun another day since.
    """
    [begun] = run.warehouse.read_arrow(
        "select as_of_date, intake_seq, config_hash, code_version, history_hash from control.as_of"
    ).to_pylist()
    key = RunKey(**begun)
    if key.as_of_date != run.as_of_date:
        raise StrataError(
            f"the warehouse holds {key.as_of_date} by now; run {run.as_of_date} again"
        )
    return key


def prune_dbt_runs(home: Home, keep: int = KEPT_DBT_RUNS) -> None:
    """Delete dbt's artifacts and logs of all but the newest runs; the parsed project stays."""
    if not home.dbt_runs.is_dir():
        return
    runs = [path for path in home.dbt_runs.iterdir() if path != home.dbt_manifest.parent]
    for path in sorted(runs, key=lambda path: path.stat().st_mtime_ns)[: -keep or None]:
        shutil.rmtree(path)


def publish_as_of_run(run: AsOfRun, manifest: Path, *, show: bool = True) -> PublishedSet | None:
    """Let the audited day stand in history and publish its marts; a past day's stay beside.

    Args:
        run: the run.
        manifest: dbt's, with the marts' keys and descriptions.
        show: False for a day on the way to a newer one: it is built and not published.

    Returns:
        What was published; None where nothing was.

    Raises:
        StrataError: readers still get the last good set.
    """
    key = begun_key(run)
    let_stand(run.warehouse, run.as_of_date)
    record_observation(run.home, key)
    if run.is_past_day or not show:
        finish_run(run.home, run.run_id, "succeeded")
        return None
    settings = run.configuration.settings
    published = publish(
        run.home,
        run.warehouse.path,
        key,
        published_tables(manifest),
        settings.keep_sets,
        erased_identifier_count=erased_identifier_count(run.home),
        memory_limit=settings.memory_limit,
        threads=settings.threads,
        lock_timeout_seconds=settings.lock_timeout_seconds,
    )
    finish_run(run.home, run.run_id, "succeeded")
    return published


def published_tables(manifest: Path) -> list[PublishedTable]:
    """Every mart with its key and its descriptions, as the dbt manifest has them.

    A mart's key is what its `unique` or `unique_combination` test says, so it is a tested one. A
    list of events may have none: its rows are then ordered by all columns.
    """
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    tested_keys = _tested_keys(nodes.values())
    tables = []
    for unique_id, node in sorted(nodes.items()):
        if node["resource_type"] != "model" or node["config"]["schema"] != "marts":
            continue
        tables.append(
            PublishedTable(
                name=node["name"],
                key_columns=tested_keys.get(unique_id, tuple(node["columns"])),
                description=node["description"],
                column_descriptions={
                    name: column["description"] for name, column in node["columns"].items()
                },
            )
        )
    return tables


def _tested_keys(nodes: Iterable[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        test = node.get("test_metadata")
        if not test or test["name"] not in ("unique", "unique_combination"):
            continue
        named = test["kwargs"].get("column_names") or [test["kwargs"]["column_name"]]
        model = node["attached_node"]
        # Of several keys the shortest one; of equals the first by name.
        keys[model] = min(
            (keys.get(model), tuple(named)),
            key=lambda key: (key is None, len(key or ()), key or ()),
        )
    return keys
