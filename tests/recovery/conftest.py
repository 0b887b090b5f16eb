"""Shops of seeds that no test has seen before: what was planted must be found again in each."""

from __future__ import annotations

import secrets

import pytest


@pytest.fixture(scope="session")
def fresh_seed() -> int:
    """Another seed each time; printed, so that a failing shop can be made again."""
    seed = secrets.randbelow(2**31)
    print(f"fresh seed: {seed}")
    return seed
