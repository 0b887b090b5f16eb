"""Publishes one set in a process that tests may kill, or that kills itself at a named point.

    python -m tests.publishing.publish_driver HOME DAY INTAKE_SEQ [POINT]

A point is `before:NAME` or `after:NAME`, the NAME being a key of POINTS: one step of a publication.
"""

import os
import signal
import sys
from pathlib import Path

from orchestration.errors import StrataError
from orchestration.paths import Home
from orchestration.publishing import publish_set
from tests.publishing.sample_marts import publish_day

POINTS = {
    "write": "write_set_file",
    "announce": "announce_set",
    "rename": "put_in_place",
    "pointer": "point_to",
    "record": "record_set",
    "prune": "prune_sets",
    "hold": "hold_at",
}


def die_at(point: str) -> None:
    """Let the process kill itself before or after a step of `publish_set`."""
    when, name = point.split(":")
    step = getattr(publish_set, POINTS[name])

    def deadly(*arguments, **options):
        if when == "after":
            step(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(publish_set, POINTS[name], deadly)


def main() -> None:
    """Publish, or roll back where the day is `rollback`; print the set that came out."""
    home = Home(Path(sys.argv[1]))
    if len(sys.argv) > 4:
        die_at(sys.argv[4])
    try:
        if sys.argv[2] == "rollback":
            print(publish_set.rollback(home))
        else:
            published = publish_day(home, int(sys.argv[2]), int(sys.argv[3]))
            print(published.set_id, published.is_new, published.is_shown)
    except StrataError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
