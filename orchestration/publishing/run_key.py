"""The run key: what determines a set's content. Equal keys, equal content, one set id."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from orchestration.paths import Project

# Libraries whose arithmetic ends up in the tables: another release may round another way.
_COMPUTING_LIBRARIES = ("duckdb", "dbt-core", "dbt-duckdb", "numpy", "pandas", "scipy", "tzdata")

_SET_ID_DIGITS = 16


@dataclass(frozen=True, slots=True)
class RunKey:
    """All that a set depends on.

    Attributes:
        as_of_date: the day that the set describes.
        intake_seq: the last delivery taken in.
        config_hash: settings and config tables.
        code_version: models and code, from `code_version`.
    """

    as_of_date: dt.date
    intake_seq: int
    config_hash: str
    code_version: str

    @property
    def set_id(self) -> str:
        """A short name of the key: 16 hexadecimal digits, the same on every machine."""
        parts = [self.as_of_date.isoformat(), self.intake_seq, self.config_hash, self.code_version]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:_SET_ID_DIGITS]


def code_version(project: Project) -> str:
    """A hash over models, macros, Python code and the computing libraries' versions.

    Settings and config tables are not in it: they have their own hash.
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
    yield from sorted(project.orchestration.rglob("*.py"))
