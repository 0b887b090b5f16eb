"""`strata-dbt` becomes dbt while it holds dbt's lock, and holds it when its parent is killed."""

import os
import signal
import subprocess
import sys
import time

import pytest

from orchestration.paths import Home, Project
from orchestration.warehouse.locks import FileLock, holder_of, wait_for_dbt
from tests.faults.kill_harness import end_survivors, kill_run, wait_for_survivors

WRAPPER = [sys.executable, "-m", "orchestration.warehouse.dbt_wrapper"]

# Stands for Dagster: starts the wrapper, as dagster-dbt does, and waits for it.
PARENT = """
import subprocess, sys
subprocess.run(sys.argv[1:], check=False)
"""


@pytest.fixture
def empty_home(tmp_path):
    return Home(tmp_path / "home")


@pytest.fixture
def slow_project(tmp_path):
    """A dbt project whose one operation sleeps inside DuckDB."""
    folder = tmp_path / "slow"
    (folder / "macros").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: slow\nprofile: slow\nversion: '1.0'\n")
    (folder / "macros" / "linger.sql").write_text(
        "{% macro linger() %}{% for n in range(8) %}"
        "{% do run_query('select sum(hash(range)) from range(20000000)') %}"
        "{% endfor %}{% endmacro %}"
    )
    (folder / "profiles.yml").write_text(
        "slow:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: ':memory:'}\n"
    )
    return folder


def environment(home, timeout="600"):
    return os.environ | {
        "STRATA_DBT_LOCK": str(home.dbt_lock),
        "STRATA_LOCK_TIMEOUT_SECONDS": timeout,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def run_wrapper(*arguments, env):
    return subprocess.run(
        [*WRAPPER, *arguments],
        cwd=Project.here().root,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_version_is_told_without_any_lock(tmp_path, empty_home):
    plain = {name: value for name, value in os.environ.items() if "STRATA" not in name}
    finished = run_wrapper("--version", env=plain)

    assert finished.returncode == 0
    assert "installed: 1.11" in finished.stdout
    assert finished.stderr == ""


def test_commands_that_open_no_warehouse_do_not_wait(empty_home):
    with FileLock(empty_home.dbt_lock, "dbt build", 0):
        finished = run_wrapper("parse", "--help", env=environment(empty_home, "0"))
    assert finished.returncode == 0
    assert "Usage: dbt parse" in finished.stdout
    assert finished.stderr == ""


def test_a_build_does_not_start_while_another_one_runs(empty_home):
    with FileLock(empty_home.dbt_lock, "dbt build", 0):
        finished = run_wrapper("build", env=environment(empty_home, "0"))

    assert finished.returncode == 2
    assert finished.stderr.splitlines()[-1].startswith(f"dbt build (process {os.getpid()}, since")
    assert "Traceback" not in finished.stderr


def test_a_timeout_that_is_no_number_is_told(empty_home):
    finished = run_wrapper("build", env=environment(empty_home, "soon"))

    assert finished.returncode == 2
    assert finished.stderr == (
        "STRATA_LOCK_TIMEOUT_SECONDS must be a number of seconds, not 'soon'\n"
    )


def test_dbt_holds_the_lock_when_its_parent_is_killed_and_the_next_run_waits(
    empty_home, slow_project
):
    call = ["run-operation", "linger", "--project-dir", slow_project, "--profiles-dir"]
    command = [sys.executable, "-c", PARENT, *WRAPPER, *map(str, call), str(slow_project)]
    dbt_starts_seconds = 2.5

    outcome = kill_run(
        command, empty_home.root, dbt_starts_seconds, "parent", env=environment(empty_home)
    )
    try:
        assert outcome.exit_code == -signal.SIGKILL
        holder = holder_of(empty_home.dbt_lock)
        assert holder.what == "dbt run-operation"
        survivors = {each.process_id: each.command_line for each in outcome.survivors}
        assert "/dbt run-operation linger" in survivors[holder.process_id]

        said = []
        begun = time.monotonic()
        wait_for_dbt(empty_home, 120, say=said.append)
        assert said == [f"waiting for {holder} to end"]
        assert time.monotonic() - begun > 0.2
        assert wait_for_survivors(outcome, 5)
    finally:
        end_survivors(outcome)


def test_killing_dbt_alone_frees_its_lock_and_leaves_the_parent(empty_home, slow_project):
    call = ["run-operation", "linger", "--project-dir", slow_project, "--profiles-dir"]
    command = [sys.executable, "-c", PARENT, *WRAPPER, *map(str, call), str(slow_project)]

    outcome = kill_run(command, empty_home.root, 2.0, "dbt", env=environment(empty_home))

    assert outcome.exit_code == 0
    assert len(outcome.killed) == 1
    # Python's own helper of a killed process ends a moment after it.
    assert wait_for_survivors(outcome, 5)
    assert holder_of(empty_home.dbt_lock) is None
