"""A shop without an order, whose day is named: it builds, and says what it lacks."""

import json
import subprocess
import sys

import pytest

from orchestration.paths import Home, Project
from tests.full_run.published_file import rows
from tests.full_run.strata_command import environment, strata


def test_an_empty_shop_is_built_where_its_day_is_named(tmp_path):
    home = Home(tmp_path / "home")
    (tmp_path / "landing").mkdir()

    strata("run", "--landing", tmp_path / "landing", "--as-of", "2026-06-30", "--home", home.root)

    assert rows(home, "select profile_id from marts.customer_360") == []
    assert rows(home, "select distinct run_status from marts.clv_model_runs") == [
        ("insufficient_data",)
    ]


@pytest.mark.parametrize(
    ("earliest", "told"),
    [("1990-01-01", "no orders in"), ("2026-07-01", "earliest_valid_date 2026-07-01 is later")],
)
def test_no_run_of_dagster_begins_a_home_with_a_day_of_nothing(tmp_path, earliest, told):
    home, overlay = Home(tmp_path / "home"), tmp_path / "overlay"
    home.landing.mkdir(parents=True)
    overlay.mkdir()
    (overlay / "strata.yml").write_text(f"earliest_valid_date: {earliest}", encoding="utf-8")
    finished = subprocess.run(
        [sys.executable, "-m", "tests.full_run.automation_process", "click", "2026-06-30"],
        cwd=Project.here().root,
        env=environment(
            STRATA_HOME=str(home.root), DAGSTER_HOME=str(home.dagster), STRATA_CONFIG=str(overlay)
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    answer = json.loads(finished.stdout)
    assert not answer["succeeded"]
    assert told in answer["cause"]
    assert not home.published_db.is_symlink()
