"""A publication killed at any instant leaves readers a whole set, and the next one mends it."""

import random
import signal
import time

import pytest

from orchestration.publishing.ledger_repair import repair_ledger
from orchestration.publishing.publish_set import rollback
from orchestration.publishing.publish_status import status
from orchestration.publishing.run_ledger import missing_days, newest_published_day
from orchestration.publishing.set_ledger import list_sets
from tests.faults.kill_harness import kill_run, watch
from tests.publishing.publish_driver import POINTS
from tests.publishing.sample_marts import (
    build_marts,
    driver_command,
    key,
    names_in,
    publish_day,
    shown,
    start_driver,
)

OLD, NEW = key(1).set_id, key(2).set_id


def kill_at(home, point, *arguments):
    driver = start_driver(home, *(arguments or (2, 1)), point)
    driver.communicate(timeout=60)
    assert driver.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("point", "is_shown"),
    [
        ("before:write", False),
        ("after:write", False),
        ("after:announce", False),
        ("after:rename", False),
        ("after:pointer", True),
        ("before:record", True),
        ("after:record", True),
        ("after:prune", True),
    ],
)
def test_a_kill_at_each_step_leaves_the_old_or_the_new_set_and_is_mended(home, point, is_shown):
    publish_day(home, day=1)
    kill_at(home, point)

    assert shown(home)[0] == (NEW if is_shown else OLD)

    repair_ledger(home)
    assert shown(home)[0] == (NEW if is_shown else OLD)
    assert not [name for name in names_in(home.sets) if "unfinished" in name]
    assert {each.file_name for each in list_sets(home)} == set(names_in(home.sets))

    published = publish_day(home, day=2)
    assert (shown(home)[0], published.is_shown) == (NEW, True)
    assert [each.set_id for each in list_sets(home)] == [NEW, OLD]
    assert names_in(home.sets) == sorted([f"{OLD}.duckdb", f"{NEW}.duckdb"])


@pytest.mark.parametrize("point", ["after:rename", "before:record"])
def test_a_set_renamed_but_not_recorded_is_learned_with_its_key(home, point):
    publish_day(home, day=1)
    kill_at(home, point)
    day_two = key(2).as_of_date
    assert missing_days(home, day_two, day_two) == [day_two]

    repair_ledger(home)

    newest = list_sets(home)[0]
    assert (newest.set_id, newest.is_kept, newest.intake_seq) == (NEW, True, 1)
    assert newest.digest == publish_day(home, day=2).digest
    assert missing_days(home, day_two, day_two) == []
    assert newest_published_day(home) == day_two


def test_a_lost_ledger_is_read_back_from_the_sets(home):
    published = [publish_day(home, day=day) for day in (1, 2)]
    for path in home.root.glob("ledger.sqlite*"):
        path.unlink()

    repair_ledger(home)

    assert [(each.set_id, each.digest) for each in list_sets(home)] == [
        (each.set_id, each.digest) for each in reversed(published)
    ]
    assert newest_published_day(home) == key(2).as_of_date
    assert rollback(home) == OLD


def test_when_the_shown_file_is_deleted_readers_get_the_newest_one_left(home):
    publish_day(home, day=1)
    publish_day(home, day=2).path.unlink()

    repair_ledger(home)

    assert shown(home)[0] == OLD
    assert [each.set_id for each in list_sets(home)] == [OLD]


def test_a_kill_between_the_hold_and_the_rename_finishes_the_rollback(home):
    publish_day(home, day=1)
    publish_day(home, day=2)
    kill_at(home, "after:hold", "rollback", 0)
    assert shown(home)[0] == NEW

    repair_ledger(home)

    assert shown(home)[0] == OLD
    assert status(home).hold.set_id == OLD


def test_every_named_point_stands_for_a_step_of_publishing():
    assert set(POINTS) == {"write", "announce", "rename", "pointer", "record", "prune", "hold"}


def test_a_looping_reader_sees_whole_sets_only_while_sets_come_and_go(home):
    build_marts(home, rows=20_000)
    with watch(home.root) as watched:
        published = [publish_day(home, day=day, keep_sets=2).set_id for day in range(1, 9)]
        rollback(home)
        time.sleep(0.3)

    report = watched[0]
    assert report.faults == ()
    assert report.looks >= 10
    assert len(report.set_ids) >= 3
    assert set(report.set_ids) <= set(published)


def sweep(home, kills, seed):
    """Publish set after set, killed at random instants; each reader and the end are checked."""
    build_marts(home, rows=60_000)
    calm = kill_run(driver_command(home, 1, 1), home.root, None, "group")
    assert calm.exit_code == 0, calm.output
    instants, whole_seconds = random.Random(seed), calm.elapsed_seconds
    before, intake_seq, died = key(1).set_id, 1, 0
    while died < kills:
        intake_seq += 1
        allowed = {before, key(1, intake_seq).set_id}
        delay_seconds = instants.uniform(0.3, 1.0) * whole_seconds
        command = driver_command(home, 1, intake_seq)
        outcome = kill_run(command, home.root, delay_seconds, "group", allowed_sets=allowed)
        assert outcome.reader.faults == ()
        assert outcome.reader.looks > 0
        before = shown(home)[0]
        assert before in allowed
        if outcome.was_running:
            died += 1
        else:
            # The machine got faster, or was slow at first: later kills would all come too late.
            whole_seconds = min(whole_seconds, outcome.elapsed_seconds)
        assert intake_seq < 4 * kills
    final = publish_day(home, 1, intake_seq)
    assert final.is_shown
    assert final.digest == list_sets(home)[-1].digest
    assert {each.file_name for each in list_sets(home)} == set(names_in(home.sets))


def test_twenty_kills_spread_over_a_publication_leave_readers_with_whole_sets(home):
    sweep(home, kills=20, seed=20260101)


@pytest.mark.long
def test_two_hundred_kills_spread_over_a_publication_leave_readers_with_whole_sets(home):
    sweep(home, kills=200, seed=20260102)


def test_a_killed_publisher_frees_its_lock_at_once(home):
    publish_day(home, day=1)
    kill_at(home, "after:announce")

    begun = time.monotonic()
    publish_day(home, day=2, lock_timeout_seconds=0)
    assert time.monotonic() - begun < 10
    assert home.published_db.samefile(home.set_file(NEW))
