"""The run key: what determines a set's content. Equal keys, equal content, one set id."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from orchestration.paths import Project

# Libraries whose arithmetic ends up in the tables: another release may round another way.
_COMPUTING_LIBRARIES = ("duckdb", "dbt-core", "dbt-duckdb", "numpy", "pandas", "scipy", "tzdata")

_HASH_DIGITS = 16


@dataclass(frozen=True, slots=True)
class ObservedDay:
    """A day that stands in `history`, and what its segments depend on."""

    as_of_date: dt.date
    intake_seq: int
    definition_hash: str


@dataclass(frozen=True, slots=True)
class RunKey:
    """All that a set depends on.

    Attributes:
        as_of_date: the day that the set describes.
        intake_seq: the last delivery that counts.
        config_hash: settings and config tables.
        code_version: models and code, from `code_version`.
        history_hash: the observed days before, from `history_hash`; empty without one.
    """

    as_of_date: dt.date
    intake_seq: int
    config_hash: str
    code_version: str
    history_hash: str = ""

    @property
    def set_id(self) -> str:
        """A short name of the key: 16 hexadecimal digits, the same on every machine."""
        return _short_hash(
            [
                self.as_of_date.isoformat(),
                self.intake_seq,
                self.config_hash,
                self.code_version,
                self.history_hash,
            ]
        )

    @property
    def definition_hash(self) -> str:
        """What turns data into segments: configuration and code."""
        return _short_hash([self.config_hash, self.code_version])

    @property
    def observed_day(self) -> ObservedDay:
        """What the day's segments depend on: all of the key but the days before."""
        return ObservedDay(self.as_of_date, self.intake_seq, self.definition_hash)


def history_hash(observed: Iterable[ObservedDay], before: dt.date) -> str:
    """A hash of the observed days before a day; empty where there is none."""
    days = sorted(
        (day.as_of_date.isoformat(), day.intake_seq, day.definition_hash)
        for day in observed
        if day.as_of_date < before
    )
    return _short_hash(days) if days else ""


def _short_hash(parts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:_HASH_DIGITS]


def code_version(project: Project) -> str:
    """A hash over models, macros, Python code and the computing libraries' versions.

    Settings and config tables are not in it: they have their own hash. Nor is what draws the
    report: it reads a set that is published already. The command line is: it says with how many
    threads models are fitted.
    """
    digest = hashlib.sha256()
    for path in _code_files(project):
        digest.update(path.relative_to(project.root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for library in _COMPUTING_LIBRARIES:
        digest.update(f"{library}=={version(library)}\0".encode())
    return digest.hexdigest()


def _code_files(project: Project) -> Iterator[Path]:
    yield project.dbt_project_file
    for folder in (project.models, project.macros):
        yield from sorted(path for path in folder.rglob("*") if path.suffix in {".sql", ".yml"})
    yield from sorted(
        path
        for path in project.orchestration.rglob("*.py")
        if not path.is_relative_to(project.reporting)
    )
