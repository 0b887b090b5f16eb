"""Locks between processes: who holds one is told, and a killed holder lets go at once.

`flock` on a small file in the home. The kernel frees it with its holder's last open descriptor, so
nothing is left to clean up after a SIGKILL. The file itself stays and only says who locked it last.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.errors import StrataError
from orchestration.paths import Home
from orchestration.warehouse.durable_files import make_folder
from orchestration.warehouse.fault_messages import told_in_one_line

_log = logging.getLogger("strata")

_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds a lock."""

    process_id: int
    what: str
    since: str

    def __str__(self) -> str:
        """As those who wait are told."""
        return f"{self.what} (process {self.process_id}, since {self.since})"


@dataclass(slots=True)
class _Held:
    descriptor: int
    depth: int
    process_id: int


# Locks of this process by file. A forked child inherits the table but holds none of them.
_held: dict[Path, _Held] = {}
_table_guard = threading.Lock()


class FileLock:
    """An advisory lock for one process at a time; threads of one process share it."""

    def __init__(
        self,
        path: Path,
        what: str,
        timeout_seconds: float,
        say: Callable[[str], None] = _log.warning,
    ) -> None:
        """Name the lock; nothing is taken yet.

        Args:
            path: the lock file; made where missing.
            what: what the holder does, shown to those who wait. No values from rows.
            timeout_seconds: how long to wait; 0 tries once.
            say: told once who is waited for.
        """
        self.path = path.absolute()
        self.what = what
        self.timeout_seconds = timeout_seconds
        self._say = say

    def acquire(self) -> None:
        """Take the lock, or once more if this process has it.

        Raises:
            StrataError: another process kept it for longer than the timeout; names that process.
        """
        with told_in_one_line("taking a lock", self.path):
            make_folder(self.path.parent, 0o700)
            deadline = time.monotonic() + self.timeout_seconds
            told = False
            while not self._try_once():
                if time.monotonic() >= deadline:
                    raise StrataError(
                        f"{holder_of(self.path) or 'another process'} holds {self.path.name};"
                        f" waited {self.timeout_seconds:g} s; run again when it has ended"
                    )
                if not told:
                    self._say(f"waiting for {holder_of(self.path) or 'another process'} to end")
                    told = True
                time.sleep(_POLL_SECONDS)

    def release(self) -> None:
        """Let go; the last release of this process frees the lock."""
        with _table_guard:
            held = _held[self.path]
            held.depth -= 1
            if held.depth:
                return
            del _held[self.path]
            os.ftruncate(held.descriptor, 0)
            # Not by closing alone: a forked child may have the descriptor too.
            fcntl.flock(held.descriptor, fcntl.LOCK_UN)
            os.close(held.descriptor)

    def outlive_exec(self) -> None:
        """Let the program that this process becomes by `exec` go on holding the lock."""
        os.set_inheritable(_held[self.path].descriptor, True)

    def __enter__(self) -> FileLock:
        """Take the lock."""
        self.acquire()
        return self

    def __exit__(self, *exception: object) -> None:
        """Let go."""
        self.release()

    def _try_once(self) -> bool:
        with _table_guard:
            held = _held.get(self.path)
            if held and held.process_id == os.getpid():
                held.depth += 1
                return True
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                holder = Holder(
                    os.getpid(), self.what, f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
                )
                os.ftruncate(descriptor, 0)
                os.write(descriptor, json.dumps(asdict(holder)).encode())
            except BlockingIOError:
                os.close(descriptor)
                return False
            except BaseException:
                os.close(descriptor)
                raise
            _held[self.path] = _Held(descriptor, depth=1, process_id=os.getpid())
            return True


def holder_of(path: Path) -> Holder | None:
    """Who holds a lock now; None where nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        try:
            return Holder(**json.loads(os.read(descriptor, 4096)))
        except (ValueError, TypeError):
            return Holder(0, "a process that is just starting or ending", "now")
    finally:
        os.close(descriptor)


@contextmanager
def run_lock(
    home: Home,
    what: str,
    timeout_seconds: float,
    say: Callable[[str], None] = _log.warning,
) -> Iterator[None]:
    """Be the only run of a home. Nested calls of one process are one.

    Raises:
        StrataError: another run went on for longer than the timeout; says which.
    """
    with FileLock(home.run_lock, what, timeout_seconds, say):
        yield


def wait_for_dbt(
    home: Home, timeout_seconds: float, say: Callable[[str], None] = _log.warning
) -> None:
    """Wait for a dbt that outlived its run, and say which one is waited for.

    Call it while holding the run lock, before the build file is touched.

    Raises:
        StrataError: it went on for longer than the timeout; names its process.
    """
    with FileLock(home.dbt_lock, "strata, looking for a dbt left behind", timeout_seconds, say):
        pass
