"""The kill harness tells what died, what lived on, and each complaint of a reader."""

import signal
import sys
import time
from contextlib import closing

import duckdb
import pytest

from orchestration.paths import Home
from tests.faults.kill_harness import end_survivors, kill_run, wait_for_survivors, watch
from tests.publishing.sample_marts import publish_day

# A parent with two children; one has "dbt" in its command line.
FAMILY = """
import subprocess, sys
children = [
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)", name])
    for name in ("dbt", "other")
]
for child in children:
    child.wait()
"""


@pytest.fixture
def run_family(tmp_path):
    outcomes = []

    def run(whom, **options):
        command = [sys.executable, "-c", FAMILY]
        outcomes.append(kill_run(command, tmp_path, 1.0, whom, **options))
        return outcomes[-1]

    yield run
    for outcome in outcomes:
        end_survivors(outcome)


def test_killing_the_group_leaves_nobody(run_family):
    outcome = run_family("group")

    assert outcome.exit_code == -signal.SIGKILL
    assert len(outcome.killed) == 3
    assert outcome.survivors == ()


def test_killing_the_parent_leaves_its_children_and_names_them(run_family):
    outcome = run_family("parent")

    assert outcome.exit_code == -signal.SIGKILL
    assert len(outcome.killed) == 1
    assert sorted(each.command_line.split()[-1] for each in outcome.survivors) == ["dbt", "other"]
    assert not wait_for_survivors(outcome, 0.1)
    end_survivors(outcome)
    assert wait_for_survivors(outcome, 0.1)


def test_killing_dbt_leaves_the_parent_and_its_other_child_running(run_family):
    begun = time.monotonic()
    outcome = run_family("dbt", timeout_seconds=3)

    # It went on until the time-out: the parent still waited for its other child.
    assert time.monotonic() - begun >= 3
    assert outcome.killed[0].command_line.split()[-1] == "dbt"


def test_a_command_that_ends_before_the_kill_is_told_with_its_output(tmp_path):
    outcome = kill_run([sys.executable, "-c", "print('done')"], tmp_path, 60, "group")

    assert (outcome.exit_code, outcome.was_running, outcome.killed) == (0, False, ())
    assert outcome.output == "done\n"


def publish_by_hand(home: Home, name: str, set_ids: dict[str, str]) -> None:
    home.sets.mkdir(parents=True, exist_ok=True)
    with closing(duckdb.connect(home.set_file(name))) as connection:
        connection.execute("create schema marts")
        for table, set_id in set_ids.items():
            connection.execute(f"create table marts.{table} as select '{set_id}' as set_id")
    home.published_db.symlink_to(home.set_file(name))


def test_a_reader_sees_tables_of_two_sets(tmp_path):
    home = Home(tmp_path)
    publish_by_hand(home, "mixed", {"published_set": "one", "customers": "two"})

    with watch(tmp_path) as watched:
        time.sleep(0.5)
    assert "tables of different sets: ['one', 'two']" in watched[0].faults[0]


def test_a_reader_sees_a_set_that_may_not_be_seen(tmp_path):
    home = Home(tmp_path)
    publish_by_hand(home, "strange", {"published_set": "strange", "customers": "strange"})

    with watch(tmp_path, allowed_sets={"old", "new"}) as watched:
        time.sleep(0.5)
    assert watched[0].faults == ("a set that may not be seen: strange",)
    assert watched[0].set_ids == ("strange",)


def test_a_reader_sees_that_the_published_file_is_gone(home):
    publish_day(home)
    with watch(home.root) as watched:
        time.sleep(1.5)
        home.published_db.unlink()

    assert watched[0].looks > 0
    assert "the published file was there and is gone" in watched[0].faults


def test_a_reader_has_no_complaint_about_a_whole_set(home):
    set_id = publish_day(home).set_id
    with watch(home.root, allowed_sets={set_id}) as watched:
        time.sleep(1.0)

    assert watched[0].faults == ()
    assert watched[0].set_ids == (set_id,)
    assert watched[0].looks > 0
