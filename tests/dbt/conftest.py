"""One DuckDB file of the session, and the small shop in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dbt_in_process import DbtProject, environment_of
from small_shop import DBT_VARS, write_small_shop, write_small_shop_predictions

from orchestration.paths import Project


@pytest.fixture(scope="session")
def dbt_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DbtProject]:
    folder = tmp_path_factory.mktemp("dbt")
    with environment_of(folder):
        yield DbtProject(folder, Project.here(), DBT_VARS)


@pytest.fixture(scope="session")
def small_shop(dbt_project: DbtProject) -> DbtProject:
    """The small shop, built by the two calls, predictions made by hand between them."""
    with dbt_project.connect() as connection:
        write_small_shop(connection)
    dbt_project.build("foundation")
    with dbt_project.connect() as connection:
        write_small_shop_predictions(connection)
    dbt_project.build("segments")
    return dbt_project
