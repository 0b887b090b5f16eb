"""Starts a command, kills it at a chosen instant, and tells what a reader saw meanwhile.

    outcome = kill_run([...], home_root, delay_seconds=3.2, whom="parent", allowed_sets={old, new})
    assert outcome.reader.faults == ()
    end_survivors(outcome)

`whom` is what dies by SIGKILL: the command with all its descendants (`group`), the command's own
process alone (`parent`), or only its descendants with "dbt" in their command line (`dbt`).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from orchestration.paths import Home, Project

Whom = Literal["group", "parent", "dbt"]

_POLL_SECONDS = 0.01
# Reading all of /proc costs some milliseconds.
_FAMILY_POLL_SECONDS = 0.2
_END_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Process:
    """A process that can't be confused with a later one of the same number."""

    process_id: int
    start: str
    command_line: str


@dataclass(frozen=True, slots=True)
class ReaderReport:
    """What a looping reader saw: how often it looked, which sets in order, what was wrong."""

    looks: int
    set_ids: tuple[str, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KillOutcome:
    """How a killed command came out.

    Attributes:
        exit_code: of the command; negative for the signal that ended it.
        was_running: whether the command still ran when the time had come.
        killed: processes that got the signal.
        survivors: descendants still alive when the command had ended. See `end_survivors`.
        elapsed_seconds: from start to the command's end.
        output: the command's standard output and error.
        reader: what was seen from the start until the command's end.
    """

    exit_code: int
    was_running: bool
    killed: tuple[Process, ...]
    survivors: tuple[Process, ...]
    elapsed_seconds: float
    output: str
    reader: ReaderReport


def kill_run(
    command: Sequence[str],
    home_root: Path,
    delay_seconds: float | None,
    whom: Whom,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    allowed_sets: Collection[str] | None = None,
    timeout_seconds: float = 600,
    pauses_per_look: float = 2,
) -> KillOutcome:
    """Run a command in a process group of its own and kill `whom` after a delay.

    Args:
        command: the program and its arguments.
        home_root: the home whose published file is watched.
        delay_seconds: from the start to the kill; None lets the command end by itself.
        whom: what is killed. With `parent` and `dbt` the rest is left to itself.
        env: the command's environment, this process's by default.
        cwd: where it runs, the checkout by default.
        allowed_sets: set ids a reader may see; any other becomes a fault. None allows all.
        timeout_seconds: by when the command must have ended by itself; it is killed then.
        pauses_per_look: how long the reader rests, in times that a look took.
    """
    with (
        tempfile.TemporaryFile() as output,
        watch(home_root, allowed_sets, pauses_per_look) as watched,
    ):
        begun = time.monotonic()
        process = subprocess.Popen(
            command,
            env=None if env is None else dict(env),
            cwd=cwd or Project.here().root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        descendants: dict[int, Process] = {}
        killed: tuple[Process, ...] = ()
        was_running = False
        noted = begun
        while process.poll() is None:
            waited = time.monotonic() - begun
            if delay_seconds is not None and not was_running and waited >= delay_seconds:
                was_running = True
                descendants |= _descendants(process.pid)
                killed = _kill(process, descendants, whom)
            elif waited > timeout_seconds:
                killed += _kill(process, _descendants(process.pid), "group")
            elif time.monotonic() - noted > _FAMILY_POLL_SECONDS:
                # Noted on the way: once the command is dead, nobody says whose child they were.
                descendants |= _descendants(process.pid)
                noted = time.monotonic()
            time.sleep(_POLL_SECONDS)
        elapsed = time.monotonic() - begun
        if whom == "group":
            _wait_until_gone(killed, _END_SECONDS)
        survivors = tuple(each for each in descendants.values() if _is_alive(each))
        output.seek(0)
        text = output.read().decode(errors="replace")
    return KillOutcome(
        exit_code=process.returncode,
        was_running=was_running,
        killed=killed,
        survivors=survivors,
        elapsed_seconds=elapsed,
        output=text,
        reader=watched[0],
    )


def end_survivors(outcome: KillOutcome) -> None:
    """Kill what a killed command left behind."""
    for each in outcome.survivors:
        if _is_alive(each):
            with suppress(ProcessLookupError):
                os.kill(each.process_id, signal.SIGKILL)
    _wait_until_gone(outcome.survivors, _END_SECONDS)


def wait_for_survivors(outcome: KillOutcome, timeout_seconds: float) -> bool:
    """Let what was left behind end by itself; whether it did in time."""
    return _wait_until_gone(outcome.survivors, timeout_seconds)


@contextmanager
def watch(
    home_root: Path, allowed_sets: Collection[str] | None = None, pauses_per_look: float = 2
) -> Iterator[list[ReaderReport]]:
    """Keep a reader process looking at the published file; its report is in the list at the end."""
    reports: list[ReaderReport] = []
    published_db = Home(home_root).published_db
    reader = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.set_reader", str(published_db), str(pauses_per_look)],
        cwd=Project.here().root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield reports
        told, complaint = reader.communicate(timeout=_END_SECONDS)
    finally:
        if reader.poll() is None:
            reader.kill()
            reader.wait()
    if reader.returncode != 0:
        raise AssertionError(f"the reader ended with {reader.returncode}: {complaint}")
    seen = json.loads(told)
    report = ReaderReport(seen["looks"], tuple(seen["set_ids"]), tuple(seen["faults"]))
    if allowed_sets is not None:
        strange = sorted(set(report.set_ids) - set(allowed_sets))
        faults = tuple(f"a set that may not be seen: {set_id}" for set_id in strange)
        report = replace(report, faults=report.faults + faults)
    reports.append(report)


def _kill(
    process: subprocess.Popen[bytes], descendants: Mapping[int, Process], whom: Whom
) -> tuple[Process, ...]:
    own = _process(process.pid)
    chosen = [own] if own and whom in ("group", "parent") else []
    if whom == "group":
        chosen += descendants.values()
    elif whom == "dbt":
        chosen = [each for each in descendants.values() if "dbt" in each.command_line]
    killed = [each for each in chosen if _is_alive(each)]
    for each in killed:
        with suppress(ProcessLookupError):
            os.kill(each.process_id, signal.SIGKILL)
    return tuple(killed)


def _descendants(process_id: int) -> dict[int, Process]:
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found: dict[int, Process] = {}
    waiting = list(children.get(process_id, []))
    while waiting:
        each = waiting.pop()
        if described := _process(each):
            found[each] = described
        waiting += children.get(each, [])
    return found


def _process(process_id: int) -> Process | None:
    fields = _stat(process_id)
    if fields is None:
        return None
    try:
        raw = Path(f"/proc/{process_id}/cmdline").read_bytes()
    except OSError:
        return None
    return Process(process_id, fields[19], raw.replace(b"\0", b" ").decode(errors="replace"))


def _is_alive(process: Process) -> bool:
    fields = _stat(process.process_id)
    return fields is not None and fields[19] == process.start and fields[0] not in "ZX"


def _stat(process_id: int) -> list[str] | None:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _wait_until_gone(processes: Collection[Process], timeout_seconds: float) -> bool:
    deadline = time.monotonic() + timeout_seconds
    while any(_is_alive(each) for each in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
