"""Engines: each has its version of a dispatched macro, and models say what all understand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ENGINES = ("duckdb", "spark", "snowflake", "bigquery")
DISPATCHED = re.compile(r"adapter\.dispatch\(\s*['\"](\w+)['\"]")
MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\s*\(")
# Spark wants a length with varchar, BigQuery has no double; `string` is known to all of them. A
# doubled quote is not one quote to all, and not all let a window be named after its select.
ONE_ENGINES_WORD = re.compile(
    r"\bas\s+(varchar|text|double|hugeint|float)\s*\)|::|\bbool_or\s*\(|\w''\w"
    r"|\bwindow\s+\w+\s+as\b",
    re.IGNORECASE,
)
JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
DBT_OWN = re.compile(r"\bdbt\.\w+\([^{}]*\)")
SQL = "dbt_project/"
ENGINE_MACRO = re.compile(
    rf"\{{%-?\s*macro\s+({'|'.join(ENGINES)})__.*?endmacro\s*-?%\}}", re.DOTALL
)


def missing_versions(texts: dict[str, str]) -> list[str]:
    """Dispatched macros that an engine has neither a version nor a default of, in their file."""
    found = []
    for path, text in texts.items():
        macros = set(MACRO.findall(text))
        for name in DISPATCHED.findall(text):
            if f"default__{name}" in macros:
                continue
            found += [
                f"{path}: no {engine}__{name}"
                for engine in ENGINES
                if f"{engine}__{name}" not in macros
            ]
    return found


def words_of_one_engine(texts: dict[str, str]) -> list[str]:
    """Where SQL outside of an engine's own macro says what only some of them understand."""
    found = []
    for path, text in texts.items():
        shared = text
        for pattern in (ENGINE_MACRO, JINJA_COMMENT, DBT_OWN):
            shared = pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), shared)
        found += [
            f"{path}:{shared.count(chr(10), 0, match.start()) + 1} {match.group()}"
            for match in ONE_ENGINES_WORD.finditer(shared)
        ]
    return found


def columns_of_one_engine(seeds: list[dict]) -> list[str]:
    """Columns of config tables with a type that Spark has no table for."""
    return [
        f"{seed['name']}.{column}: {data_type}"
        for seed in seeds
        for column, data_type in seed.get("config", {}).get("column_types", {}).items()
        if data_type in ("varchar", "text")
    ]


@pytest.fixture(scope="session")
def sql_texts(repository_texts):
    return {
        path: text
        for path, text in repository_texts.items()
        if path.startswith(SQL) and path.endswith(".sql")
    }


def test_each_engine_has_its_version_of_a_dispatched_macro(sql_texts):
    assert any("adapter.dispatch" in text for text in sql_texts.values())
    assert missing_versions(sql_texts) == []


def test_models_say_nothing_that_one_engine_alone_understands(sql_texts):
    assert words_of_one_engine(sql_texts) == []


def test_config_tables_have_types_that_each_engine_knows(repository_texts):
    seeds = [
        seed
        for path, text in repository_texts.items()
        if Path(path).name.endswith("__seeds.yml")
        for seed in yaml.safe_load(text)["seeds"]
    ]
    assert seeds
    assert columns_of_one_engine(seeds) == []


def test_a_missing_version_is_told():
    dispatching = "{% macro middle(x) %}{{ adapter.dispatch('middle')(x) }}{% endmacro %}"
    own = "".join(f"{{% macro {engine}__middle(x) -%}}{{% endmacro %}}" for engine in ENGINES[1:])
    assert missing_versions({"m.sql": dispatching + own}) == ["m.sql: no duckdb__middle"]
    default = "{%- macro default__middle(x) %}{% endmacro %}"
    assert missing_versions({"m.sql": dispatching + default}) == []


@pytest.mark.parametrize(
    ("sql", "is_told"),
    [
        ("select cast(a as varchar) as b", True),
        ("select cast(a as double) as b", True),
        ("select a::date as b", True),
        ("select bool_or(a) as b", True),
        ("select 'everybody''s' as b", True),
        ("select sum(a) over w from b window w as (order by c)", True),
        ("select '' as b, 'window as' as c", False),
        ("select cast(a as string) as b", False),
        ("select {{ dbt.bool_or('a') }} as b", False),
        ("{% macro duckdb__m() -%} cast(a as double) {%- endmacro %}", False),
        ("{% macro duckdb__m() -%} a {%- endmacro %} select cast(a as double)", True),
        ("{#- cast(a as double) -#} select 1", False),
    ],
)
def test_a_word_of_one_engine_is_told(sql, is_told):
    assert bool(words_of_one_engine({"a.sql": sql})) is is_told


def test_a_column_of_one_engine_is_told():
    seed = {"name": "tiers", "config": {"column_types": {"code": "varchar", "rank": "integer"}}}
    assert columns_of_one_engine([seed]) == ["tiers.code: varchar"]
