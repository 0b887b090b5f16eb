"""What a command prints while it works: one line per thing done, on standard error."""

from __future__ import annotations

import time

from rich.console import Console
from rich.markup import escape


class Progress:
    """Lines with the seconds since the command began."""

    def __init__(self) -> None:
        """Start the clock."""
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._began = time.monotonic()

    def __call__(self, line: str) -> None:
        """Print one line."""
        seconds = time.monotonic() - self._began
        self._console.print(f"[dim]{seconds:6.1f} s[/dim]  {escape(line)}")
