"""A home with marts ready to be published."""

import pytest

from orchestration.paths import Home
from tests.publishing.sample_marts import build_marts


@pytest.fixture
def home(tmp_path):
    """A home with a build database; nothing is published yet."""
    made = Home(tmp_path / "home")
    build_marts(made)
    return made
