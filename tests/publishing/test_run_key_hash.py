"""The set id follows from the key, and the code version from code alone."""

import datetime as dt
import re
import shutil
from dataclasses import replace

import pytest

from orchestration.paths import Project
from orchestration.publishing.run_key import (
    ObservedDay,
    RunKey,
    code_version,
    history_hash,
)

KEY = RunKey(dt.date(2026, 1, 31), 7, "config", "code", "days")


def test_the_set_id_is_sixteen_digits_and_the_same_everywhere():
    # printf '["2026-01-31", 7, "config", "code", "days"]' | sha256sum
    assert KEY.set_id == "9cdbd1883409c394"
    assert re.fullmatch("[0-9a-f]{16}", KEY.set_id)


@pytest.mark.parametrize(
    "change",
    [
        {"as_of_date": dt.date(2026, 1, 30)},
        {"intake_seq": 8},
        {"config_hash": "other"},
        {"code_version": "other"},
        {"history_hash": "other"},
        {"history_hash": ""},
        {"config_hash": "configcode", "code_version": ""},
    ],
)
def test_each_part_of_the_key_changes_the_set_id(change):
    assert replace(KEY, **change).set_id != KEY.set_id


def test_the_definition_is_configuration_and_code_alone():
    same = replace(KEY, as_of_date=dt.date(2026, 2, 1), intake_seq=8, history_hash="other")
    assert same.definition_hash == KEY.definition_hash
    assert replace(KEY, config_hash="other").definition_hash != KEY.definition_hash
    assert replace(KEY, code_version="other").definition_hash != KEY.definition_hash


def test_an_observed_day_does_not_depend_on_the_days_before_it():
    assert replace(KEY, history_hash="other").observed_day == KEY.observed_day
    assert replace(KEY, intake_seq=8).observed_day != KEY.observed_day


DAYS = [ObservedDay(dt.date(2026, 1, number), 7, "definition") for number in (1, 5, 9)]


def test_history_is_the_days_before_whatever_order_they_are_told_in():
    before = history_hash(DAYS, dt.date(2026, 1, 9))
    assert history_hash(reversed(DAYS), dt.date(2026, 1, 9)) == before
    assert history_hash(DAYS[:2], dt.date(2026, 1, 9)) == before
    assert history_hash(DAYS, dt.date(2026, 1, 10)) != before
    assert history_hash(DAYS, dt.date(2026, 1, 1)) == ""


@pytest.mark.parametrize("change", [{"intake_seq": 8}, {"definition_hash": "other"}])
def test_a_day_that_was_built_otherwise_makes_another_history(change):
    changed = [replace(DAYS[0], **change), *DAYS[1:]]
    assert history_hash(changed, dt.date(2026, 2, 1)) != history_hash(DAYS, dt.date(2026, 2, 1))


@pytest.fixture
def project(tmp_path):
    """A checkout in small."""
    made = Project(tmp_path / "checkout")
    for path, text in {
        made.dbt_project_file: "name: strata\n",
        made.models / "marts" / "rfm_segments.sql": "select 1\n",
        made.models / "marts" / "_rfm__models.yml": "models: []\n",
        made.macros / "as_of_date.sql": "{% macro as_of_date() %}{% endmacro %}\n",
        made.orchestration / "estimators" / "bg_nbd.py": "FIT = 1\n",
        made.orchestration / "reporting" / "charts.py": "COLOUR = 1\n",
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return made


@pytest.mark.parametrize(
    "changed",
    [
        "dbt_project/dbt_project.yml",
        "dbt_project/models/marts/rfm_segments.sql",
        "dbt_project/models/marts/_rfm__models.yml",
        "dbt_project/macros/as_of_date.sql",
        "orchestration/estimators/bg_nbd.py",
        "dbt_project/models/marts/new_model.sql",
    ],
)
def test_a_change_of_code_changes_its_version(project, changed):
    before = code_version(project)
    with (project.root / changed).open("a") as file:
        file.write("-- changed\n")
    assert code_version(project) != before


@pytest.mark.parametrize("changed", ["charts.py", "new_chart.py", "templates/lines.py"])
def test_a_change_of_what_draws_the_report_leaves_the_version(project, changed):
    before = code_version(project)
    path = project.reporting / changed
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        file.write("# changed\n")
    assert code_version(project) == before


def test_renaming_a_model_changes_the_version(project):
    before = code_version(project)
    model = project.models / "marts" / "rfm_segments.sql"
    model.rename(model.with_name("rfm_bands.sql"))
    assert code_version(project) != before


def test_what_runs_leave_behind_and_where_the_checkout_lies_does_not_matter(project, tmp_path):
    before = code_version(project)
    for leftover in (
        project.dbt_project / "target" / "manifest.json",
        project.orchestration / "__pycache__" / "bg_nbd.cpython-311.pyc",
        project.config_tables / "rfm_grid.csv",
    ):
        leftover.parent.mkdir(parents=True, exist_ok=True)
        leftover.write_text("{}")
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(project.root, elsewhere)

    assert code_version(project) == before
    assert code_version(Project(elsewhere)) == before
