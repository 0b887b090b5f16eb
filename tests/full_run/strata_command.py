"""Calls the `strata` command as a user does, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

KEY = "0" * 63 + "1"


def environment(**more):
    """The environment of a test run: a fixed key, no overlay, nothing of the caller's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STRATA_")}
    kept.pop("DAGSTER_HOME", None)
    return kept | {"STRATA_PSEUDONYM_KEY": KEY, "COLUMNS": "160"} | more


def command(*arguments):
    """The command line of `strata` with these arguments."""
    return [str(Path(sys.executable).with_name("strata")), *map(str, arguments)]


def strata(*arguments, expect=0, **more):
    """Run `strata` and check its exit code."""
    finished = subprocess.run(
        command(*arguments),
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == expect, finished.stdout + finished.stderr
    return finished
