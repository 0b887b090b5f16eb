"""The models compile for Snowflake and BigQuery, into SQL of theirs. It is not executed."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

import pytest
from dbt.cli.main import dbtRunner
from dialect_check import OWN, dialect_faults

from orchestration.paths import Project

# dbt asks the database whether a table is there already; without one, these answer.
IS_INCREMENTAL = "{{% macro is_incremental() -%}}{{{{ return({answer}) }}}}{{%- endmacro %}}\n"
BUILT_TABLE = "{{% macro built_table(name) -%}}{{{{ return({answer}) }}}}{{%- endmacro %}}\n"


@pytest.fixture(scope="module", params=[False, True], ids=["first_build", "later_build"])
def is_later_build(request):
    return request.param


@pytest.fixture(scope="module", params=sorted(OWN))
def compiled(request, is_later_build, tmp_path_factory, engine_environment):
    """The dialect and the compiled models and data tests by file name."""
    dialect = request.param
    if find_spec(f"dbt.adapters.{dialect}") is None:
        pytest.skip(f"dbt-{dialect} is not installed here: make test-spark has its own environment")
    folder = tmp_path_factory.mktemp(dialect)
    project = Project.here()
    shutil.copytree(
        project.dbt_project, folder / "dbt_project", ignore=shutil.ignore_patterns("target", "logs")
    )
    shutil.copytree(project.config_tables, folder / "seeds" / "config")
    answer = IS_INCREMENTAL.format(answer=str(is_later_build).lower())
    macros = folder / "dbt_project" / "macros"
    (macros / "is_incremental.sql").write_text(answer, encoding="utf-8")
    relation = "api.Relation.create(schema=this.schema, identifier=name)"
    (macros / "arrivals" / "built_table.sql").write_text(
        BUILT_TABLE.format(answer=relation if is_later_build else "none"), encoding="utf-8"
    )
    result = dbtRunner().invoke(
        [
            *("--quiet", "--no-use-colors", "compile", "--no-introspect", "--no-populate-cache"),
            *("--project-dir", str(folder / "dbt_project")),
            *("--profiles-dir", str(project.profiles)),
            *("--target", dialect),
            *("--target-path", str(folder / "target")),
            *("--log-path", str(folder / "logs")),
            *("--vars", "{business_timezone: America/New_York}"),
        ]
    )
    assert result.success, result.exception
    files = (folder / "target" / "compiled").rglob("*.sql")
    return dialect, {path.name: path.read_text(encoding="utf-8") for path in files}


def test_every_model_compiles_into_sql_of_the_engine(compiled):
    dialect, texts = compiled
    models = {path.name for path in Project.here().models.rglob("*.sql")}
    assert models <= set(texts)
    faults = {name: found for name, sql in texts.items() if (found := dialect_faults(sql, dialect))}
    assert faults == {}


@pytest.mark.parametrize("dialect", sorted(OWN))
@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("select epoch_us(a) from b", "calls epoch_us"),
        ("select regexp_matches(a, 'b') from c", "calls regexp_matches"),
        ("select isodow(a) from b", "calls isodow"),
        ("select bool_or(a) from b", "calls bool_or"),
        ("select list_distinct(a) from b", "calls list_distinct"),
        ("select cast(a as hugeint) from b", "says hugeint"),
        ("select a from b group by all", "says group by all"),
        ("select from from", "does not parse"),
    ],
)
def test_sql_of_another_engine_is_told(dialect, sql, fault):
    assert fault in " ".join(dialect_faults(sql, dialect))


def test_what_is_one_engines_own_is_told_of_the_other():
    assert dialect_faults("select safe_cast(a as int64) from b", "bigquery") == []
    assert dialect_faults("select safe_cast(a as int) from b", "snowflake") == ["calls safe_cast"]
    assert dialect_faults("select try_cast(a as int) from b", "snowflake") == []
    assert dialect_faults("select try_cast(a as int) from b", "bigquery") == ["calls try_cast"]


@pytest.mark.parametrize("width", ["(19, 10)", "(38, 0)"])
def test_a_decimal_that_is_too_wide_for_one_engine_is_told_of_it_alone(width):
    sql = f"select cast(a as decimal{width}) from b"
    assert dialect_faults(sql, "bigquery") == [f"says decimal{width}"]
    assert dialect_faults(sql, "snowflake") == []
    assert dialect_faults("select cast(a as decimal(38, 9)) from b", "bigquery") == []


def test_a_word_in_a_text_or_a_comment_is_no_fault():
    assert dialect_faults("select 'varchar // epoch_us(' as a -- hugeint\nfrom b", "bigquery") == []
