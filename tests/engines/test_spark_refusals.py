"""What DuckDB refuses, Spark refuses too: a null that a contract forbids, a cast that fails."""

from __future__ import annotations

import shutil

import pytest
import yaml
from engine_builds import DbtOnEngine

from orchestration.paths import Project

MODELS = {
    "sound": "select 'somebody' as profile_id",
    "null_in_a_key": "select cast(null as string) as profile_id",
    "text_for_a_number": "select cast(cast('ten' as integer) as string) as profile_id",
    "another_type": "select 10 as profile_id",
}


@pytest.fixture(scope="module")
def outcomes(cluster, tmp_path_factory):
    """What became of each model, as a mart of a copy of the project."""
    folder = tmp_path_factory.mktemp("refusals")
    copied = folder / "dbt_project"
    shutil.copytree(
        Project.here().dbt_project, copied, ignore=shutil.ignore_patterns("target", "logs")
    )
    shutil.copytree(Project.here().config_tables, folder / "seeds" / "config")
    marts = copied / "models" / "marts" / "refusals"
    marts.mkdir()
    for name, sql in MODELS.items():
        (marts / f"{name}.sql").write_text(sql, encoding="utf-8")
    column = {
        "name": "profile_id",
        "data_type": "varchar",
        "constraints": [{"type": "not_null"}],
    }
    described = {"models": [{"name": name, "columns": [column]} for name in MODELS]}
    (marts / "_refusals__models.yml").write_text(yaml.safe_dump(described), encoding="utf-8")
    dbt = DbtOnEngine(folder, "spark", project=copied)
    result = dbt.invoke("run", "--select", "strata.marts.refusals")
    return {node.node.name: (str(node.status), str(node.message)) for node in result.result}


def test_a_sound_mart_is_built(outcomes):
    assert outcomes["sound"][0] == "success"


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("null_in_a_key", "a null that its contract forbids"),
        ("text_for_a_number", "CAST_INVALID_INPUT"),
        ("another_type", "data type mismatch"),
    ],
)
def test_a_mart_that_breaks_its_contract_is_refused(outcomes, model, message):
    status, told = outcomes[model]
    assert status == "error"
    assert message in told
