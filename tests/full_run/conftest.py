"""One run of the demo shop and one of Online Retail, shared by the tests of this folder."""

import shutil

import pytest

from orchestration.paths import Home, Project
from tests.full_run.strata_command import strata

DATA = Project.here().root.parent / "shared" / "data"


@pytest.fixture(scope="session")
def demo_files(tmp_path_factory):
    """The landing folder of a small demo shop."""
    from orchestration.demo_shop.demo_maker import make_demo_shop

    return make_demo_shop(tmp_path_factory.mktemp("shop"), customer_count=400).landing


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """A home with a small demo shop's last day published, and what the command printed."""
    home = Home(tmp_path_factory.mktemp("demo") / "home")
    finished = strata("demo", "--home", home.root, "--customers", 400)
    # Tests go on in the home; what it published first is kept for those who compare with it.
    shutil.copy(home.published_db.resolve(), home.root.with_name("first_set.duckdb"))
    return home, finished


@pytest.fixture(scope="session")
def demo_first_set(demo):
    """The file that the small demo shop's first run published."""
    home, _ = demo
    return home.root.with_name("first_set.duckdb")


@pytest.fixture(scope="session")
def online_retail_files():
    """The folder of daily files."""
    folder = DATA / "online_retail_by_day_to_2011-08"
    if not folder.is_dir():
        pytest.skip("the Online Retail files are not on this machine")
    return folder


@pytest.fixture(scope="session")
def online_retail(tmp_path_factory, online_retail_files):
    """A home with Online Retail published as of 2011-08-31."""
    home = Home(tmp_path_factory.mktemp("retail") / "home")
    strata(
        *("run", "--landing", online_retail_files),
        *("--map", Project.here().maps / "online_retail.yml"),
        *("--as-of", "2011-08-31", "--home", home.root),
    )
    return home
