"""Homes with a published set to report on, each made once: nothing here changes a set."""

from __future__ import annotations

import pytest

from orchestration.paths import Home, Project
from orchestration.settings.settings_loader import Configuration, load_configuration
from tests.reporting.report_set import make_home


@pytest.fixture(scope="session")
def project() -> Project:
    return Project.here()


@pytest.fixture(scope="session")
def configuration(project: Project) -> Configuration:
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("STRATA_CONFIG", raising=False)
        return load_configuration(project)


@pytest.fixture(scope="session")
def people_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make_home(tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make_home(tmp_path_factory.mktemp("nobody"), is_empty=True)
