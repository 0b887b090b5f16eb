"""How a run tells where it is: one line per thing done, on standard error."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

from rich.console import Console
from rich.markup import escape


class Progress:
    """Lines with the seconds since the command began, each told once."""

    def __init__(self) -> None:
        """Start the clock."""
        self._began = time.monotonic()
        self._told: set[str] = set()

    def __call__(self, line: str) -> None:
        """Print one line, unless it was told before: the job looks at the files once more."""
        if line in self._told:
            return
        self._told.add(line)
        seconds = time.monotonic() - self._began
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(f"[dim]{seconds:6.1f} s[/dim]  {escape(line)}")


@cache
def command_progress() -> Progress:
    """The one of this process: the command and the job that it runs share its clock."""
    return Progress()


class DbtTally:
    """Counts what a dbt call has done, and tells it now and then."""

    def __init__(self, call: str, say: Callable[[str], None], every_seconds: float = 5.0) -> None:
        """Count for one call, and say so at most once in `every_seconds`."""
        self._call, self._say, self._every_seconds = call, say, every_seconds
        self._models = self._tests = 0
        self._told_at = time.monotonic()

    def count(self, *, is_test: bool) -> None:
        """Count one model or one test."""
        if is_test:
            self._tests += 1
        else:
            self._models += 1
        if time.monotonic() - self._told_at >= self._every_seconds:
            self.tell()

    def tell(self) -> None:
        """Say how far it is."""
        self._say(f"dbt {self._call}: {self._models} tables built, {self._tests} tests run")
        self._told_at = time.monotonic()
