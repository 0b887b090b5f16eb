"""The project, compiled once a session for each set of vars."""

from __future__ import annotations

import pytest

from tests.properties.compiled_project import Compiled, DbtCompiler

# Worlds are small and dirty on purpose.
WORLD_VARS = {"rfm_min_customers": 5, "max_reject_share": 1, "shop_currency": "USD"}


@pytest.fixture(scope="session")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> DbtCompiler:
    return DbtCompiler(tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="session")
def strata(whole: Compiled) -> Compiled:
    """What a module builds: all, where it does not say that less will do."""
    return whole


@pytest.fixture(scope="session")
def whole(compiler: DbtCompiler) -> Compiled:
    """The project as most properties want it, days cut in New York."""
    return compiler.compile(**WORLD_VARS, business_timezone="America/New_York")
