"""dbt's YAML: known keys only, the current spelling, and file names that say what is in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

FOLDERS = (
    "dbt_project/models/",
    "dbt_project/macros/",
    "dbt_project/tests/",
    "seeds/config/",
)
# Texts that several folders use.
SHARED_DOCS = "dbt_project/models/_shared__docs.md"
KINDS = "models|sources|seeds|unit_tests|data_tests|macros|exposures"


@cache
def validator(kind: str, version: str) -> Draft7Validator:
    """dbt's own JSON schema: mistyped keys are accepted by dbt itself on DuckDB."""
    schema = resources.files("dbt.jsonschemas") / kind / f"{version}.json"
    return Draft7Validator(json.loads(schema.read_text(encoding="utf-8")))


def schema_violations(text: str, kind: str = "resources", version: str = "latest") -> list[str]:
    """What the schema says against a file's text."""
    errors = validator(kind, version).iter_errors(yaml.safe_load(text))
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]


def old_test_keys(value: object, place: str = "") -> Iterator[str]:
    """Places where data tests stand under their former name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "tests":
                yield f"{place}.{key}".lstrip(".")
            yield from old_test_keys(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from old_test_keys(inner, f"{place}.{number}")


def name_violation(path: str) -> str | None:
    """`_<folder>__<kind>.yml` beside what it describes; Markdown is `_<folder>__docs.md`."""
    if path == SHARED_DOCS:
        return None
    file = PurePosixPath(path)
    folder = re.escape(file.parent.name)
    wanted = {
        ".yml": rf"_{folder}__({KINDS})\.yml",
        ".yaml": r"(?!)",
        ".md": rf"_{folder}__docs\.md",
    }
    pattern = wanted.get(file.suffix)
    return path if pattern and not re.fullmatch(pattern, file.name) else None


def kind_violations(path: str, properties: dict[str, Any]) -> list[str]:
    """Top-level keys that a file's name does not announce."""
    kind = PurePosixPath(path).stem.rsplit("__", 1)[-1]
    return [f"{path}: {key}" for key in properties if key not in (kind, "version")]


@pytest.fixture(scope="module")
def property_files(repository_texts: dict[str, str]) -> dict[str, str]:
    return {
        path: text
        for path, text in repository_texts.items()
        if path.startswith(FOLDERS) and path.endswith(".yml")
    }


def test_property_files_have_no_unknown_keys(property_files):
    assert property_files != {}
    found = {path: schema_violations(text) for path, text in property_files.items()}
    assert {path: messages for path, messages in found.items() if messages} == {}


def test_the_dbt_project_file_has_no_unknown_keys(repository_texts):
    text = repository_texts["dbt_project/dbt_project.yml"]
    assert schema_violations(text, kind="project", version="0.0.110") == []


def test_data_tests_stand_under_their_current_name(property_files):
    found = {
        path: list(old_test_keys(yaml.safe_load(text))) for path, text in property_files.items()
    }
    assert {path: places for path, places in found.items() if places} == {}


def test_a_property_file_is_named_after_its_folder_and_its_kind(repository_texts):
    paths = [path for path in repository_texts if path.startswith(FOLDERS)]
    assert [path for path in paths if name_violation(path)] == []


def test_a_property_file_holds_the_kind_that_its_name_says(property_files):
    found = []
    for path, text in property_files.items():
        found += kind_violations(path, yaml.safe_load(text))
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "models: [{name: rfm_segments, descripton: mistyped}]",
        "modles: []",
        "models: [{name: rfm_segments, columns: [{name: profile_id, datatest: [unique]}]}]",
        "seeds: [{name: rfm_grid, columns: [{name: cell, typ: varchar}]}]",
        "unit_tests: [{name: test_edge, model: m, givn: [], expect: {rows: []}}]",
    ],
)
def test_an_unknown_key_is_told(text):
    assert len(schema_violations(text)) > 0


def test_an_unknown_key_of_the_project_file_is_told():
    text = "{name: strata, profile: strata, modelpaths: [models]}"
    assert len(schema_violations(text, kind="project", version="0.0.110")) > 0


def test_the_former_name_of_data_tests_is_told_wherever_it_stands():
    text = "models: [{name: m, tests: [a], columns: [{name: c, tests: [unique]}]}]"
    assert list(old_test_keys(yaml.safe_load(text))) == [
        "models.0.tests",
        "models.0.columns.0.tests",
    ]


@pytest.mark.parametrize(
    ("path", "is_violation"),
    [
        ("dbt_project/models/marts/rfm/_rfm__models.yml", False),
        ("dbt_project/models/marts/rfm/_rfm__docs.md", False),
        ("seeds/config/_config__seeds.yml", False),
        ("dbt_project/models/_shared__docs.md", False),
        ("dbt_project/macros/_shared__docs.md", True),
        ("dbt_project/models/marts/rfm/rfm_segments.sql", False),
        ("dbt_project/models/marts/rfm/schema.yml", True),
        ("dbt_project/models/marts/rfm/_loyalty__models.yml", True),
        ("dbt_project/models/marts/rfm/_rfm__things.yml", True),
        ("dbt_project/models/marts/rfm/_rfm__models.yaml", True),
        ("dbt_project/models/marts/rfm/notes.md", True),
    ],
)
def test_a_property_file_of_another_name_is_named(path, is_violation):
    assert name_violation(path) == (path if is_violation else None)


def test_a_file_with_more_than_its_name_says_is_named():
    path = "dbt_project/models/marts/rfm/_rfm__models.yml"
    properties = {"models": [], "unit_tests": []}
    assert kind_violations(path, properties) == [f"{path}: unit_tests"]
