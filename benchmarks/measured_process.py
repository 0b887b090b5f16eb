"""Running one thing in a process of its own, and reading what it cost.

What is run, and what is made of the numbers, stands elsewhere. Imports nothing of the product, so
that peers can use it in an environment without it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")

_KIB = 1024
_TREE_LOOKED_AT_EVERY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process and those it waited for have used.

    Attributes:
        seconds: by the clock on the wall.
        cpu_seconds: user and system time.
        peak_megabytes: resident memory of the largest process.
        tree_peak_megabytes: resident memory of all processes together at one time, looked at twice
            a second; pages that they share count in each. None where nobody looked.
    """

    seconds: float
    cpu_seconds: float
    peak_megabytes: float
    tree_peak_megabytes: float | None = None


def run_measured(command: Sequence[str], folder: Path, **environment: str) -> Cost:
    """Run a command to its end, its standard error shown, and say what it cost with its children.

    A process begins with the peak of the one that started it, so this one must be small: what
    needs memory goes into processes of its own.

    Args:
        command: program and arguments.
        folder: where it runs.
        environment: variables beside this process's own.

    Raises:
        RuntimeError: it failed.
    """
    began = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    ) as process:
        watch = _TreeWatch(process.pid)
        watch.start()
        # Of this one child: what the kernel adds up for all children would mix them.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.stop()
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        # Linux tells KiB.
        peak_megabytes=usage.ru_maxrss * _KIB / 1e6,
        tree_peak_megabytes=watch.peak_megabytes,
    )


def measure_way(
    module: str, arguments: Sequence[str], folder: Path, python: str = sys.executable
) -> Cost:
    """Run a module that ends in `tell_cost`, and read what it told.

    Args:
        module: its full name.
        arguments: its command line.
        folder: where it runs: the checkout.
        python: the interpreter, where packages of another environment are wanted.

    Raises:
        RuntimeError: it failed; with what it wrote to standard error.
    """
    told = subprocess.run(
        [python, "-m", module, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode != 0:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed:\n{told.stderr}")
    return read_cost(told.stdout)


def tell_cost(work: Callable[[], Result]) -> Result:
    """The child's part: do the work, print what it took as JSON, and hand back what came of it.

    The peak is that of the process since it began, so nothing large should come before.
    """
    cpu_before, began = time.process_time(), time.perf_counter()
    result = work()
    cost = Cost(
        seconds=time.perf_counter() - began,
        cpu_seconds=time.process_time() - cpu_before,
        peak_megabytes=_own_peak_megabytes(),
    )
    print(json.dumps(asdict(cost)), flush=True)
    return result


def read_cost(told: str) -> Cost:
    """What `tell_cost` printed, on the last line of a process's standard output."""
    fields: Mapping[str, float] = json.loads(told.strip().splitlines()[-1])
    return Cost(**fields)


def _own_peak_megabytes() -> float:
    """Of this program alone: getrusage would tell the peak of the process that started it."""
    [line] = [
        line
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmHWM:")
    ]
    return int(line.split()[1]) * _KIB / 1e6


class _TreeWatch(threading.Thread):
    """Adds up the memory of a process and all that came from it, until stopped."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.peak_megabytes = 0.0
        self._root = root
        self._is_over = threading.Event()

    def run(self) -> None:
        while not self._is_over.wait(_TREE_LOOKED_AT_EVERY_SECONDS):
            found = sum(_resident_bytes(process) for process in _tree(self._root)) / 1e6
            self.peak_megabytes = max(self.peak_megabytes, found)

    def stop(self) -> None:
        self._is_over.set()
        self.join()


def _tree(root: int) -> list[int]:
    """A process and its descendants, as far as they still are."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in brackets may hold blanks; what follows it may not.
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        children.setdefault(parent, []).append(int(status.parent.name))
    found = [root]
    for process in found:
        found += children.get(process, [])
    return found


def _resident_bytes(process: int) -> int:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * resource.getpagesize()
