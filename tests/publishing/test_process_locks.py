"""Locks: one process at a time, the holder is told, a killed holder lets go."""

import re
import subprocess
import sys
import threading
import time

import pytest

from orchestration.errors import StrataError
from orchestration.paths import Home, Project
from orchestration.warehouse.locks import FileLock, holder_of, run_lock, wait_for_dbt

HOLD = """
import sys, time
from pathlib import Path
from orchestration.warehouse.locks import FileLock
with FileLock(Path(sys.argv[1]), sys.argv[2], 5):
    print("held", flush=True)
    time.sleep(float(sys.argv[3]))
"""


@pytest.fixture
def empty_home(tmp_path):
    return Home(tmp_path / "home")


@pytest.fixture
def hold():
    """Start processes that hold a lock; they are ended with the test."""
    started = []

    def start(path, what, seconds=60):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(path), what, str(seconds)],
            cwd=Project.here().root,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_who_waits_too_long_is_told_in_one_line_who_holds_the_lock(empty_home, hold):
    holder = hold(empty_home.run_lock, "strata run 2026-01-02")

    begun = time.monotonic()
    with (
        pytest.raises(StrataError) as told,
        run_lock(empty_home, "strata run", 0.3, say=lambda text: None),
    ):
        pass

    assert time.monotonic() - begun >= 0.3
    assert re.fullmatch(
        rf"strata run 2026-01-02 \(process {holder.pid}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
        r"\) holds run\.lock; waited 0\.3 s; run again when it has ended",
        str(told.value),
    )


def test_a_killed_holder_lets_go_at_once(empty_home, hold):
    holder = hold(empty_home.run_lock, "strata run")
    holder.kill()
    holder.wait()

    assert holder_of(empty_home.run_lock) is None
    with run_lock(empty_home, "the next run", 0):
        assert holder_of(empty_home.run_lock).what == "the next run"


def test_who_waits_gets_the_lock_when_it_comes_free_and_said_whom_it_waited_for(empty_home, hold):
    holder = hold(empty_home.run_lock, "a short run", seconds=0.5)
    said = []

    with run_lock(empty_home, "strata run", 30, say=said.append):
        pass

    assert len(said) == 1
    assert said[0].startswith(f"waiting for a short run (process {holder.pid}, since")


def test_a_process_may_take_its_own_lock_again(empty_home):
    with run_lock(empty_home, "outer", 0):
        with run_lock(empty_home, "inner", 0):
            pass
        assert holder_of(empty_home.run_lock).what == "outer"
    assert holder_of(empty_home.run_lock) is None


def test_threads_of_a_process_share_its_lock(empty_home):
    entered = threading.Event()

    def enter():
        with run_lock(empty_home, "a step", 0):
            entered.set()

    with run_lock(empty_home, "strata run", 0):
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join(10)
    assert entered.is_set()


def test_a_free_lock_has_no_holder(empty_home):
    assert holder_of(empty_home.run_lock) is None
    with run_lock(empty_home, "strata run", 0):
        pass
    assert holder_of(empty_home.run_lock) is None


def test_another_process_can_not_take_a_held_lock(empty_home):
    with FileLock(empty_home.run_lock, "this test", 0):
        other = subprocess.run(
            [sys.executable, "-c", HOLD.replace(", 5)", ", 0)"), empty_home.run_lock, "other", "0"],
            cwd=Project.here().root,
            capture_output=True,
            text=True,
            check=False,
        )
    assert "held" not in other.stdout
    assert "this test (process" in other.stderr


def test_the_next_run_waits_for_a_dbt_left_behind_and_names_it(empty_home, hold):
    orphan = hold(empty_home.dbt_lock, "dbt build", seconds=0.5)
    said = []

    wait_for_dbt(empty_home, 30, say=said.append)

    assert said[0].startswith(f"waiting for dbt build (process {orphan.pid}, since")
    assert holder_of(empty_home.dbt_lock) is None


def test_a_dbt_that_never_ends_is_named(empty_home, hold):
    orphan = hold(empty_home.dbt_lock, "dbt build")

    with pytest.raises(StrataError, match=rf"dbt build \(process {orphan.pid}, since .* dbt\.lock"):
        wait_for_dbt(empty_home, 0, say=lambda text: None)
