"""Dagster's event log with kept connections: what it holds, and who hears of it."""

import subprocess
import sys
import threading
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite import sqlite_event_log

from orchestration.event_log_storage import KeptConnectionEventLog
from orchestration.launch import prepare_instance
from orchestration.paths import Home, Project

A_RUN = """
import pathlib, time
import dagster as dg

@dg.op
def work(context):
    context.log.info("half way")
    for _ in range({waits}):
        if pathlib.Path({heard_file!r}).exists():
            break
        time.sleep(0.05)
    else:
        if {waits}:
            raise RuntimeError("nobody heard")

@dg.job(executor_def=dg.in_process_executor)
def small():
    work()

with dg.DagsterInstance.get() as instance:
    for _ in range({times}):
        small.execute_in_process(instance=instance, run_id={run_id!r})
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home" / "dagster"))
    monkeypatch.setenv("STRATA_HOME", str(tmp_path / "home"))
    home = Home(tmp_path / "home")
    prepare_instance(home, Project.here())
    return home


def start_run(
    run_id: str | None = None, times: int = 1, heard_file: str = "", waits: int = 0
) -> subprocess.Popen[bytes]:
    program = A_RUN.format(run_id=run_id, times=times, heard_file=heard_file, waits=waits)
    return subprocess.Popen([sys.executable, "-c", program])


@dg.op
def nothing() -> None: ...


@dg.job(executor_def=dg.in_process_executor)
def empty() -> None:
    nothing()


def test_the_instance_keeps_its_events_where_dagster_itself_looks_for_them(home: Home) -> None:
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, KeptConnectionEventLog)
        run_id = empty.execute_in_process(instance=instance).run_id
        ours = [entry.message for entry in instance.all_logs(run_id)]
    plain = sqlite_event_log.SqliteEventLogStorage(str(home.dagster / "history" / "runs"))
    assert [entry.message for entry in plain.get_logs_for_run(run_id)] == ours
    assert len(ours) > 5


def test_who_follows_a_run_of_another_process_hears_of_each_event_at_once(
    home: Home, tmp_path: Path
) -> None:
    """The run waits until its follower has heard of what it does."""
    run_id = "3f2b1c9e-0a5d-4c11-9d55-9b7f4f0e7a10"
    heard: list[str] = []
    is_over = threading.Event()

    def hear(entry: dg.EventLogEntry, _cursor: str) -> None:
        heard.append(entry.message)
        if entry.message == "half way":
            (tmp_path / "heard").touch()
        if entry.is_dagster_event and entry.dagster_event_type == dg.DagsterEventType.RUN_SUCCESS:
            is_over.set()

    with dg.DagsterInstance.get() as instance:
        instance.watch_event_logs(run_id, None, hear)
        run = start_run(run_id, heard_file=str(tmp_path / "heard"), waits=400)
        try:
            assert is_over.wait(60), heard
        finally:
            assert run.wait(60) == 0
        assert "half way" in heard
        assert [entry.message for entry in instance.all_logs(run_id)] == heard


def test_two_processes_write_at_once_and_nothing_is_lost(home: Home) -> None:
    # Dagster can't make its own files in two processes at once.
    dg.DagsterInstance.get().dispose()
    runs = [start_run(times=3) for _ in range(2)]
    assert [run.wait(120) for run in runs] == [0, 0]
    with dg.DagsterInstance.get() as instance:
        runs = instance.get_runs()
        assert len(runs) == 6
        assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}
        assert {len(instance.all_logs(run.run_id)) for run in runs} == {
            len(instance.all_logs(runs[0].run_id))
        }


def test_engines_of_runs_looked_at_do_not_pile_up(home: Home) -> None:
    with dg.DagsterInstance.get() as instance:
        run_ids = [empty.execute_in_process(instance=instance).run_id for _ in range(12)]
        for run_id in run_ids:
            assert instance.all_logs(run_id)
        files = [Path(link).resolve() for link in Path("/proc/self/fd").iterdir()]
        open_runs = {file.name for file in files if file.name.endswith(".db")} - {"index.db"}
        assert 1 <= len(open_runs & {f"{run_id}.db" for run_id in run_ids}) <= 8, open_runs
