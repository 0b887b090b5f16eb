"""SIGKILL at any instant of a run: readers see a whole set, and running again gives the reference.

Each kill falls into a day that is new to a copy of one home; the reference is that day run
undisturbed in another copy, so that all stand on the same deliveries.
"""

import datetime as dt
import re
import shutil
from itertools import cycle

import pytest

from orchestration.paths import Home
from orchestration.publishing.content_digest import digest_of, set_digest
from tests.faults.kill_harness import end_survivors, kill_run
from tests.full_run.strata_command import command, environment, strata

FIRST_DAY = dt.date(2026, 1, 31)
NEW_DAY = dt.date(2026, 2, 1)
KILLS = 20


def digest(home):
    return set_digest(digest_of(home.published_db.resolve()))


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A home of a small demo shop with one early day published."""
    from orchestration.demo_shop.demo_maker import make_demo_shop

    home = Home(tmp_path_factory.mktemp("kills") / "home")
    landing = make_demo_shop(home.root / "demo", customer_count=200).landing
    strata("run", "--home", home.root, "--landing", landing, "--as-of", FIRST_DAY)
    return home


def copy_of(home, name):
    target = Home(home.root.parent / name)
    shutil.rmtree(target.root, ignore_errors=True)
    shutil.copytree(home.root, target.root, symlinks=True)
    return target


def undisturbed(home, day):
    """Run a day; gives its digest, the seconds it took and when publishing began, in seconds."""
    run = ("run", "--home", home.root, "--as-of", day)
    outcome = kill_run(command(*run), home.root, None, "group", env=environment())
    assert outcome.exit_code == 0, outcome.output
    audited = [float(at) for at in re.findall(r"^ *([\d.]+) s  dbt segments", outcome.output, re.M)]
    published = re.search(r"^ *([\d.]+) s  published set", outcome.output, re.M)
    # The command's own clock starts a moment after the process.
    offset = outcome.elapsed_seconds - float(published.group(1))
    return digest(home), outcome.elapsed_seconds, (audited[-1] + offset / 2, offset)


def kill_and_run_again(home, day, delay_seconds, whom, allowed_sets):
    """Kill a run of a day, look at what readers saw, run it again.

    Gives the digest then, whether the kill came in time, and the seconds that a whole run took.
    """
    run = ("run", "--home", home.root, "--as-of", day)
    outcome = kill_run(
        command(*run), home.root, delay_seconds, whom, env=environment(), allowed_sets=None
    )
    assert outcome.reader.faults == ()
    assert set(outcome.reader.set_ids) <= allowed_sets, (outcome.reader, allowed_sets)
    # What outlived the kill goes on by itself; the next run has to wait for it.
    again = kill_run(command(*run), home.root, None, "group", env=environment())
    end_survivors(outcome)
    assert again.exit_code == 0, again.output
    assert again.reader.faults == ()
    assert set(again.reader.set_ids) <= allowed_sets
    whole = again if outcome.was_running else outcome
    return digest(home), len(outcome.killed) > 0, whole.elapsed_seconds


def shown(home):
    return home.published_db.readlink().stem


@pytest.fixture(scope="module")
def reference(base):
    """A new day run undisturbed: digest, seconds, the last part's begin, the sets that may show."""
    home = copy_of(base, "reference")
    expected, seconds, (publish_begins, _) = undisturbed(home, NEW_DAY)
    return expected, seconds, publish_begins, {shown(base), shown(home)}


def test_a_killed_dagster_leaves_a_dbt_that_the_next_run_waits_for(base, reference):
    expected, seconds, _, allowed = reference
    home = copy_of(base, "killed")
    found, was_killed, _ = kill_and_run_again(home, NEW_DAY, seconds * 0.4, "parent", allowed)
    assert was_killed
    assert found == expected


@pytest.mark.long
@pytest.mark.timeout(5400)
def test_twenty_kills_spread_over_a_run_leave_old_or_new_and_the_rerun_is_the_reference(
    base, reference
):
    expected, seconds, publish_begins, allowed = reference
    publish_share = 1 - publish_begins / seconds
    kinds = cycle(["group", "parent", "dbt"])
    late = 0
    for number in range(KILLS):
        # Four of them inside publishing, which is the short last part.
        share = (
            1 - publish_share + publish_share * (number // 5 + 1) / 6
            if number % 5 == 4
            else (number + 0.5) / KILLS
        )
        whom = next(kinds)
        while True:
            home = copy_of(base, f"killed{number}")
            # A busy machine gets faster and slower: the last whole run tells how long one takes.
            delay = seconds * share
            found, was_killed, seconds = kill_and_run_again(home, NEW_DAY, delay, whom, allowed)
            shutil.rmtree(home.root)
            told = "killed after" if was_killed else "not found after"
            print(f"{whom} {told} {delay:.1f} of about {delay / share:.1f} s", flush=True)
            assert found == expected
            if was_killed:
                break
            # There was nothing to kill: the run had ended, or no dbt was running.
            whom = "group"
            late += 1
            assert late < KILLS, "the run ends before the kill, again and again"
