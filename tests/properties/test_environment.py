"""The machine changes nothing: threads, zones, language, the seed of Python's hashes."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys

import pytest

from orchestration.paths import Project
from tests.properties.random_shop import random_world
from tests.properties.world_build import build, fitted_scores
from tests.properties.world_checks import see_it_fail, seeds

# A world that is large enough for the CLV models to be fitted.
LARGE = 26
PLACES = [
    {"TZ": "Pacific/Auckland", "LANG": "tr_TR.UTF-8", "LC_ALL": "C", "PYTHONHASHSEED": "0"},
    {"TZ": "America/Los_Angeles", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "4294967295"},
]


def digests(strata, seed, **more):
    with build(strata, random_world(seed), scores=fitted_scores, **more) as built:
        return built.digest()


def check_threads(strata, seed):
    assert digests(strata, seed, threads=4) == digests(strata, seed)


@pytest.mark.parametrize("seed", [LARGE, *seeds(1, 20)])
def test_the_number_of_threads_changes_nothing(strata, seed):
    check_threads(strata, seed)


def test_a_number_that_depends_on_threads_is_seen(strata):
    broken = strata.up_to("probabilistic_segments").with_bug(
        "int_order_days", "sum(net_revenue)", "sum(net_revenue) * current_setting('threads')"
    )
    see_it_fail(check_threads, broken, [LARGE])


def check_session_zone(strata, seed):
    expected = digests(strata, seed)
    for zone in ("Asia/Kolkata", "America/Los_Angeles", "Pacific/Kiritimati"):
        assert digests(strata, seed, time_zone=zone) == expected


@pytest.mark.parametrize("seed", seeds(1, 20))
def test_the_sessions_zone_changes_nothing(strata, seed):
    check_session_zone(strata, seed)


IN_THE_SESSIONS_ZONE = (
    "int_order_versions",
    "timezone('America/New_York', timezone('UTC', ordered_at))",
    "timezone('UTC', ordered_at)",
)


def test_a_day_cut_in_the_sessions_zone_is_seen(strata):
    see_it_fail(check_session_zone, strata.up_to("rfm_segments").with_bug(*IN_THE_SESSIONS_ZONE))


def check_place(strata, place):
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("TZ", "LANG", "PYTHONHASHSEED") and not name.startswith("LC_")
    }
    finished = subprocess.run(
        [sys.executable, "-m", "tests.properties.world_process", str(LARGE)],
        input=pickle.dumps(strata),
        cwd=Project.here().root,
        env=kept | place,
        capture_output=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr.decode()
    assert json.loads(finished.stdout) == digests(strata, LARGE)


@pytest.mark.parametrize("place", [PLACES[0], pytest.param(PLACES[1], marks=pytest.mark.long)])
def test_zone_language_and_hash_seed_of_the_process_change_nothing(strata, place):
    check_place(strata, place)


def test_a_day_cut_in_the_machines_zone_is_seen(strata):
    see_it_fail(
        check_place, strata.up_to("rfm_segments").with_bug(*IN_THE_SESSIONS_ZONE), PLACES[:1]
    )
