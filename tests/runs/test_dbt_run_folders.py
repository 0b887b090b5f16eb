"""dbt's artifacts do not pile up."""

import os

from orchestration.paths import Home
from orchestration.runs.as_of_run import prune_dbt_runs


def test_the_newest_runs_and_the_parsed_project_are_kept(tmp_path):
    home = Home(tmp_path)
    home.dbt_manifest.parent.mkdir(parents=True)
    for number in range(5):
        folder = home.dbt_runs / f"run{number}"
        (folder / "foundation").mkdir(parents=True)
        os.utime(folder, (number, number))
    prune_dbt_runs(home, keep=2)
    assert {path.name for path in home.dbt_runs.iterdir()} == {"parsed", "run3", "run4"}


def test_a_home_without_runs_is_left_alone(tmp_path):
    prune_dbt_runs(Home(tmp_path))
    assert list(tmp_path.iterdir()) == []
