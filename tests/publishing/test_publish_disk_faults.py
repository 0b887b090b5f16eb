"""A full or read-only disk while publishing: one line, the last set stays, and it works after."""

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from contextlib import contextmanager

import pytest

from orchestration.errors import StrataError
from orchestration.launch import prepare_instance
from orchestration.paths import Home, Project
from orchestration.publishing.publish_status import status
from orchestration.runs.input_source import InputSource, remember_input
from tests.publishing.sample_marts import (
    build_marts,
    driver_command,
    key,
    names_in,
    publish_day,
    shown,
    warehouse_of,
)


@contextmanager
def mounted(folder, *options):
    """A mount for the length of a `with`; skips the test where mounting is not allowed."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    made = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
    if made.returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def read_only(folder):
    """A folder that can't be written for the length of a `with`."""
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield


def test_a_full_disk_is_told_and_the_same_key_is_published_after(tmp_path):
    home = Home(tmp_path / "home")
    home.root.mkdir()
    with mounted(home.root, "-t", "tmpfs", "-o", "size=24m", "tmpfs"):
        build_marts(home, rows=1000)
        before = publish_day(home, day=1).set_id
        build_marts(home, rows=100_000)
        ballast = home.root / "ballast"
        free = os.statvfs(home.root).f_bavail * os.statvfs(home.root).f_frsize
        ballast.write_bytes(bytes(free - 1_000_000))

        with pytest.raises(StrataError, match="the disk or quota is full") as told:
            publish_day(home, day=2)
        assert "\n" not in str(told.value)
        assert shown(home)[0] == before
        assert names_in(home.sets) == [f"{before}.duckdb"]

        ballast.unlink()
        assert publish_day(home, day=2).is_shown
        assert shown(home)[0] == key(2).set_id


def test_a_limit_on_file_size_is_told_and_leaves_no_part_of_a_file(home):
    before = publish_day(home, day=1).set_id
    build_marts(home, rows=200_000)

    finished = subprocess.run(
        driver_command(home, 2, 1),
        cwd=Project.here().root,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000)),
    )

    assert finished.returncode == 1
    assert "the disk or quota is full" in finished.stderr
    assert len(finished.stderr.splitlines()) == 1
    assert shown(home)[0] == before
    assert names_in(home.sets) == [f"{before}.duckdb"]


def test_a_read_only_folder_is_named(home):
    before = publish_day(home, day=1).set_id
    with read_only(home.sets):
        with pytest.raises(StrataError, match=r"no permission to write .*/sets") as told:
            publish_day(home, day=2)
        assert "\n" not in str(told.value)
        assert shown(home)[0] == before

    assert publish_day(home, day=2).is_shown


def test_a_read_only_home_is_named(tmp_path):
    home = Home(tmp_path / "home")
    build_marts(home)
    before = publish_day(home, day=1).set_id
    with read_only(home.root):
        with pytest.raises(StrataError, match=f"no permission to write {home.root}"):
            publish_day(home, day=2)
        assert shown(home)[0] == before


def test_status_can_be_read_where_nothing_can_be_written(home, tmp_path):
    before = publish_day(home, day=1).set_id
    told = status(home)
    with read_only(home.root):
        assert status(home) == told
    assert (told.set_id, told.days) == (before, (key(1).as_of_date,))


def test_what_a_killed_run_left_in_the_journal_is_read_too(home, tmp_path):
    publish_day(home, day=1)
    told = status(home)
    # While somebody has the ledger open, its last lines stand in the journal alone.
    with sqlite3.connect(home.ledger_db) as reader:
        reader.execute("select count(*) from runs").fetchone()
        publish_day(home, day=2)
        copy = Home(tmp_path / "copy")
        shutil.copytree(home.root, copy.root, symlinks=True)
    reader.close()
    with read_only(copy.root):
        assert len(status(copy).kept_sets) == len(told.kept_sets) + 1


def test_preparing_a_home_that_can_not_be_written_is_one_line(tmp_path):
    home = Home(tmp_path / "home")
    home.root.mkdir()
    with read_only(home.root):
        for prepare in (
            lambda: prepare_instance(home, Project.here()),
            lambda: remember_input(home, InputSource(tmp_path, None)),
        ):
            with pytest.raises(StrataError, match=f"no permission to write {home.root}") as told:
                prepare()
            assert "\n" not in str(told.value)


def test_memory_that_runs_out_is_told_with_its_limit(home):
    before = publish_day(home, day=1).set_id
    build_marts(home, rows=1_000_000)

    with pytest.raises(StrataError, match=r"memory_limit|max_temp_directory_size") as told:
        publish_day(home, day=2, memory_limit="20MB", max_temp_directory_size="1MB")
    assert "\n" not in str(told.value)
    assert shown(home)[0] == before
    assert names_in(home.sets) == [f"{before}.duckdb"]


PUBLISH_AND_MEASURE = """
import sys
from pathlib import Path
from orchestration.paths import Home
from orchestration.publishing.publish_set import publish
from orchestration.publishing.set_file import PublishedTable
from tests.publishing.sample_marts import key

def peak_bytes():
    told = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
    return int(told) * 1024

home = Home(Path(sys.argv[1]))
before = peak_bytes()
publish(
    home, home.build_db, key(), [PublishedTable("wide", ("id",))], 3, memory_limit=sys.argv[2]
)
print("grew by", peak_bytes() - before)
"""


@pytest.mark.long
def test_memory_stays_flat_while_a_set_larger_than_its_limit_is_copied(home):
    # 640 bytes a row, 250 MB in all, in the reverse order of its key.
    # DuckDB's writer needs some 300 MB beside its limit; without a limit this takes 1,050 MB.
    warehouse_of(home).execute(
        "create table marts.wide as select range as id, repeat(md5(range::varchar), 20) as text"
        " from range(400000) order by range desc"
    )
    finished = subprocess.run(
        [sys.executable, "-c", PUBLISH_AND_MEASURE, str(home.root), "250MB"],
        cwd=Project.here().root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(finished.stdout.rpartition("grew by")[2]) < 700_000_000
