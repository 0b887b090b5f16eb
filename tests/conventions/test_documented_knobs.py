"""What a user may turn or run: every knob documented, one default each, every target there."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

FENCE_OR_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
MAKE_CALL = re.compile(r"\bmake\s+((?:[A-Za-z_]+=\S+\s+)*)([a-z][a-z-]*)")


def default_violations(settings: dict[str, Any], dbt_vars: dict[str, Any]) -> list[str]:
    """dbt vars that are no setting, or whose default is another one."""
    found = [f"{name} is no setting" for name in dbt_vars if name not in settings]
    for name in dbt_vars.keys() & settings.keys():
        # YAML makes a day a date and a quoted one a text: the same to dbt.
        if str(settings[name]) != str(dbt_vars[name]):
            found.append(f"{name}: {settings[name]} and {dbt_vars[name]}")
    return sorted(found)


def undocumented(names: list[str], text: str) -> list[str]:
    """Names that do not stand in code style in a text."""
    code = " ".join(FENCE_OR_CODE.findall(text))
    return [name for name in names if not re.search(rf"(?<![\w.]){re.escape(name)}(?![\w])", code)]


def make_targets(makefile: str) -> set[str]:
    """Names of the rules that a user can call."""
    return set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))


def missing_targets(text: str, makefile: str) -> list[str]:
    """Targets that a text tells the reader to make, and that are not in the Makefile."""
    named = {
        match.group(2) for code in FENCE_OR_CODE.findall(text) for match in MAKE_CALL.finditer(code)
    }
    return sorted(named - make_targets(makefile))


@pytest.fixture(scope="module")
def settings(repository_texts: dict[str, str]) -> dict[str, Any]:
    return yaml.safe_load(repository_texts["strata.yml"])


def test_settings_and_dbt_vars_have_the_same_defaults(settings, repository_texts):
    dbt_project = yaml.safe_load(repository_texts["dbt_project/dbt_project.yml"])
    assert dbt_project["vars"] != {}
    assert default_violations(settings, dbt_project["vars"]) == []


def test_every_setting_stands_in_the_configuration_page(settings, repository_texts):
    assert undocumented(list(settings), repository_texts["docs/configuration.md"]) == []


def test_every_config_table_stands_in_the_configuration_page(project, repository_texts):
    names = [path.name for path in sorted(project.config_tables.glob("*.csv"))]
    assert names != []
    assert undocumented(names, repository_texts["docs/configuration.md"]) == []


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"])
def test_the_pages_that_a_reader_looks_for_are_there(repository_texts, name):
    assert len(repository_texts[name].splitlines()) > 3


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_is_named_exists(repository_texts, name):
    assert MAKE_CALL.search(repository_texts[name])
    assert missing_targets(repository_texts[name], repository_texts["Makefile"]) == []


def test_ci_runs_what_the_readme_tells_a_user_to_run(repository_texts):
    assert "make test" in repository_texts[".ci/run"]


def test_a_default_that_is_told_twice_and_differs_is_named():
    settings = {"window_days": 730, "zone": "UTC", "day": "1990-01-01", "only_python": 1}
    dbt_vars = {"window_days": 365, "zone": "UTC", "day": "1990-01-01", "stray": True}
    assert default_violations(settings, dbt_vars) == [
        "stray is no setting",
        "window_days: 730 and 365",
    ]


def test_a_date_and_its_text_are_the_same_default():
    settings = yaml.safe_load("day: 1990-01-01")
    assert default_violations(settings, {"day": "1990-01-01"}) == []


def test_a_knob_that_no_page_tells_of_is_named():
    text = "| `threads` | cores |\nmemory_limit without code style\n`my_threads` `rfm_grid.csv`"
    names = ["threads", "memory_limit", "rfm_grid.csv", "grid.csv"]
    assert undocumented(names, text) == ["memory_limit", "grid.csv"]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("run `make demo` first", []),
        ("```\nmake PYTHON=python3.11 demo\nmake tests\n```", ["tests"]),
        ("`make test-everything`", ["test-everything"]),
        ("we make things", []),
    ],
)
def test_a_target_that_is_not_in_the_makefile_is_named(text, missing):
    makefile = ".PHONY: demo test\n\ndemo: ready\n\techo\n\ntest:\n\techo\n"
    assert missing_targets(text, makefile) == missing
