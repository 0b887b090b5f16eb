"""A landing folder and a home to take it into."""

import pytest

from tests.intake.landing_shop import KEY, LandingShop


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """An empty shop with a fixed key."""
    monkeypatch.setenv("STRATA_PSEUDONYM_KEY", KEY)
    monkeypatch.delenv("STRATA_PSEUDONYM_KEY_FILE", raising=False)
    return LandingShop(tmp_path)
