"""Random streams: one per person and concern, so no draw depends on another person's.

Philox is counter-based: a stream is its key, and making one costs no draw of any other. A person's
orders stay the same whatever the number of people, the thread that draws them, or what a later
release draws beside them.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Concern(IntEnum):
    """What a stream is drawn for. Numbers are part of the seed: never reuse or renumber one."""

    PERSON = 1
    PURCHASES = 2
    BASKETS = 3
    RETURNS = 4
    CATALOGUE = 5
    EXCHANGE_RATES = 6
    BEHAVIOUR = 7
    CAMPAIGNS = 8


SHOP = 0
"""The person number of what belongs to the shop itself."""


def stream(seed: int, person_number: int, concern: Concern) -> np.random.Generator:
    """The generator of one person (from 1 on, or `SHOP`) for one concern."""
    key = np.array([seed, (person_number << 8) | concern], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))


def pick(shares: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
    """Index of the share that each uniform number in [0, 1) falls into.

    Args:
        shares: shape (k,), non-negative; scaled to a sum of 1.
        uniforms: any shape.
    """
    edges = np.cumsum(shares) / np.sum(shares)
    return np.minimum(np.searchsorted(edges, uniforms, side="right"), len(shares) - 1)
