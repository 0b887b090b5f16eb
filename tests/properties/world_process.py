"""Builds one random world in a process of its own: the project comes in, digests go out.

`python -m tests.properties.world_process SEED`, with the pickled project on stdin.
"""

from __future__ import annotations

import json
import pickle
import sys

from tests.properties.random_shop import random_world
from tests.properties.world_build import build, fitted_scores


def main() -> None:
    """Print the marts' digests. The session's zone is the process's own."""
    compiled = pickle.load(sys.stdin.buffer)
    world = random_world(int(sys.argv[1]))
    with build(compiled, world, scores=fitted_scores, time_zone=None) as built:
        json.dump(built.digest(), sys.stdout)


if __name__ == "__main__":
    main()
