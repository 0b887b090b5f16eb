"""Compiled SQL run in memory makes what `dbt build` makes: the properties stand on that."""

from __future__ import annotations

import pytest
from small_shop import CLV_FIT_DATE, DBT_VARS, write_small_shop, write_small_shop_predictions

from orchestration.publishing.content_digest import digest_in
from tests.properties.compiled_project import DbtCompiler
from tests.properties.world_build import build_tables, memory_database

SCHEMAS = ("config", "staging", "intermediate", "marts")


@pytest.fixture(scope="module")
def built_by_dbt(small_shop):
    with small_shop.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return {schema: digest_in(connection, schema) for schema in SCHEMAS}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    return DbtCompiler(tmp_path_factory.mktemp("compiled")).compile(**DBT_VARS)


def digests(compiled):
    with memory_database() as connection:
        write_small_shop(connection)
        build_tables(
            connection,
            compiled,
            CLV_FIT_DATE,
            lambda opened, _: write_small_shop_predictions(opened),
        )
        return {schema: digest_in(connection, schema) for schema in SCHEMAS}


def test_compiled_sql_makes_what_dbt_build_makes(built_by_dbt, compiled):
    assert digests(compiled) == built_by_dbt
    assert len(built_by_dbt["marts"]) > 10


def test_a_planted_bug_makes_something_else(built_by_dbt, compiled):
    broken = compiled.with_bug("int_order_days", "count(*)", "count(*) + 1")
    differing = {
        table
        for schema, tables in digests(broken).items()
        for table in tables
        if tables[table] != built_by_dbt[schema][table]
    }
    assert differing == {"int_order_days"}
