"""Shops of seeds that no test has seen before: what was planted must be found again in each."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import duckdb
import pytest

from orchestration.demo_shop.demo_maker import DemoShop, make_demo_shop
from orchestration.paths import Home
from tests.full_run.strata_command import strata
from tests.recovery.published_truth import open_both

PEOPLE, EVENTS_PER_PERSON = 3000, 225


@pytest.fixture(scope="session")
def fresh_seed() -> int:
    """Another seed each time; printed, so that a failing shop can be made again."""
    seed = secrets.randbelow(2**31)
    print(f"fresh seed: {seed}")
    return seed


def _published(shop: DemoShop, home: Home) -> Home:
    strata("run", "--home", home.root, "--landing", shop.landing, "--as-of", shop.last_day)
    return home


@pytest.fixture(scope="session")
def fresh_shop(tmp_path_factory, fresh_seed) -> DemoShop:
    """A small shop with its dirt, busy enough that people can be told apart."""
    return make_demo_shop(
        tmp_path_factory.mktemp("fresh"),
        customer_count=PEOPLE,
        seed=fresh_seed,
        events_per_person=EVENTS_PER_PERSON,
    )


@pytest.fixture(scope="session")
def fresh_home(tmp_path_factory, fresh_shop) -> Home:
    """The shop's last day, published."""
    return _published(fresh_shop, Home(tmp_path_factory.mktemp("fresh_home") / "home"))


@pytest.fixture(scope="session")
def clean_home(tmp_path_factory, fresh_seed) -> Home:
    """The last day of the same shop's clean copy, published."""
    shop = make_demo_shop(
        tmp_path_factory.mktemp("clean"),
        customer_count=PEOPLE,
        seed=fresh_seed,
        events_per_person=EVENTS_PER_PERSON,
        is_dirty=False,
    )
    return _published(shop, Home(tmp_path_factory.mktemp("clean_home") / "home"))


@pytest.fixture(scope="session")
def both(fresh_shop, fresh_home) -> Iterator[duckdb.DuckDBPyConnection]:
    """What was planted and what was made of it, in one connection."""
    connection = open_both(fresh_shop, fresh_home)
    yield connection
    connection.close()
