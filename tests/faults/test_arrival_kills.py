"""dbt killed while it adds to the arrival tables: the next build makes of them what it should."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from orchestration.paths import Project
from tests.dbt.dbt_in_process import environment_of
from tests.properties.arrival_tables import ARRIVAL_TABLES, arrival_tables
from tests.properties.arrival_worlds import ARRIVAL_VARS, random_batches

pytestmark = pytest.mark.long

KILLS = 8


def start_build(folder):
    """dbt in a process of its own, on the folder's file."""
    project = Project.here()
    with environment_of(folder):
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "dbt.cli.main", "--quiet", "run"),
                *("--project-dir", str(project.dbt_project)),
                *("--profiles-dir", str(project.profiles)),
                *("--target", "duckdb", "--target-path", str(folder / "own_target")),
                *("--log-path", str(folder / "own_logs")),
                *("--vars", json.dumps(ARRIVAL_VARS), "--select", *ARRIVAL_TABLES),
            ],
            env=dict(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def build(folder):
    begun = time.monotonic()
    assert start_build(folder).wait() == 0
    return time.monotonic() - begun


def restore(folder, kept):
    for path in folder.glob("build.duckdb*"):
        path.unlink()
    shutil.copyfile(kept, folder / "build.duckdb")


@pytest.fixture(scope="module")
def waiting(tmp_path_factory):
    """A folder whose file has a batch in raw that the tables have not, and a copy of the file."""
    folder = tmp_path_factory.mktemp("killed")
    script = (
        "import sys; from pathlib import Path;"
        "from tests.faults.test_arrival_kills import prepare; prepare(Path(sys.argv[1]))"
    )
    # In a process of its own, because dbt keeps the file open as long as its process lives.
    subprocess.run([sys.executable, "-c", script, str(folder)], cwd=Project.here().root, check=True)
    kept = folder / "kept.duckdb"
    shutil.copyfile(folder / "build.duckdb", kept)
    return folder, kept


def prepare(folder):
    """Build a first batch, and put a second one into raw."""
    first, second, *_ = random_batches(1)
    with arrival_tables(folder, Project.here()) as tables:
        tables.take(first)
        tables.refresh()
        tables.take(second)


def content(folder):
    script = (
        "import sys, duckdb; c = duckdb.connect(sys.argv[1], read_only=True)\n"
        "for table in sys.argv[2:]:\n"
        "    print(c.execute(f'select * from intermediate.{table} order by all').fetchall())"
    )
    return subprocess.run(
        [sys.executable, "-c", script, str(folder / "build.duckdb"), *ARRIVAL_TABLES],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_a_killed_build_is_taken_up_by_the_next_one(waiting):
    folder, kept = waiting
    build(folder)
    reference = content(folder)
    restore(folder, kept)
    assert content(folder) != reference
    seconds = build(folder)
    assert content(folder) == reference
    stopped_on_the_way = 0
    for number in range(KILLS):
        restore(folder, kept)
        before = content(folder)
        process = start_build(folder)
        time.sleep(seconds * (0.5 + 0.5 * number / KILLS))
        process.send_signal(signal.SIGKILL)
        process.wait()
        stopped_on_the_way += content(folder) not in (before, reference)
        build(folder)
        assert content(folder) == reference
    assert stopped_on_the_way > 0
