"""`strata doctor`: look at the machine, the configuration and the home, and say what to mend."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.markup import escape

from orchestration.errors import StrataError
from orchestration.intake.contract import contract_tables
from orchestration.paths import Home, Project
from orchestration.publishing.content_digest import digest_of, set_digest
from orchestration.publishing.set_ledger import recorded_set
from orchestration.publishing.set_pointer import pointed_set_id
from orchestration.runs.as_of_day import refuse_day_without_rows, yesterday
from orchestration.runs.input_source import remembered_input
from orchestration.settings.config_table_checks import check_config_tables
from orchestration.settings.settings_loader import load_configuration
from orchestration.settings.suggestions import did_you_mean
from orchestration.warehouse.locks import holder_of

_FREE_BYTES_NEEDED = 2 * 1024**3
_MARKS = {"ok": "[green]ok  [/green]", "note": "[yellow]note[/yellow]", "mend": "[red]MEND[/red]"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `mend` makes the command fail, `note` is worth knowing."""

    state: Literal["ok", "note", "mend"]
    text: str


def print_diagnosis(home: Home, project: Project, landing: Path | None) -> bool:
    """Print what was found.

    Returns:
        Whether nothing has to be mended.
    """
    console = Console(highlight=False, soft_wrap=True)
    findings = list(diagnose(home, project, landing))
    for finding in findings:
        console.print(f"{_MARKS[finding.state]}  {escape(finding.text)}")
    return all(finding.state != "mend" for finding in findings)


def diagnose(home: Home, project: Project, landing: Path | None) -> Iterator[Finding]:
    """Look at everything that a run needs, without changing any of it."""
    for look in (
        lambda: _versions(),
        lambda: _configuration(home, project),
        lambda: _disk(home),
        lambda: _locks(home),
        lambda: _published(home),
        lambda: _vault(home),
        lambda: _landing(home, project, landing),
    ):
        yield from _told(look)


def _told(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except StrataError as error:
        yield Finding("mend", str(error))


def _versions() -> Iterator[Finding]:
    named = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "dbt-core", "dagster"))
    yield Finding("ok", f"Python {sys.version.split()[0]}, {named}")


def _configuration(home: Home, project: Project) -> Iterator[Finding]:
    configuration = load_configuration(project, remembered_input(home).map_path)
    check_config_tables(configuration.tables)
    settings = configuration.settings
    refuse_day_without_rows(yesterday(settings), settings)
    overlay = f", overlay {configuration.overlay}" if configuration.overlay else ""
    yield Finding(
        "ok",
        f"configuration {configuration.config_hash}: {settings.shop_currency},"
        f" {settings.business_timezone}, {len(configuration.tables)} tables{overlay}",
    )


def _disk(home: Home) -> Iterator[Finding]:
    folder = home.root
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding("mend", f"{folder} can't be written; change its owner or name another --home")
        return
    free = shutil.disk_usage(folder).free
    state = "ok" if free >= _FREE_BYTES_NEEDED else "note"
    yield Finding(state, f"{home.root}: {free / 1024**3:.1f} GiB free")


def _locks(home: Home) -> Iterator[Finding]:
    for path in (home.run_lock, home.dbt_lock, home.publish_lock):
        holder = holder_of(path)
        if holder is not None:
            yield Finding("note", f"{path.name} is held by {holder}")


def _published(home: Home) -> Iterator[Finding]:
    shown = pointed_set_id(home)
    if home.root.is_dir() and not home.is_made and any(home.root.iterdir()):
        yield Finding("note", f"{home.root} is no home: it holds other files, and no run was there")
        return
    if shown is None:
        yield Finding("note", "nothing is published yet; begin with `strata demo` or `strata run`")
        return
    recorded = recorded_set(home, shown)
    if set_digest(digest_of(home.set_file(shown))) != (recorded.digest if recorded else None):
        yield Finding(
            "mend", f"set {shown} is not what was published; go back with `strata rollback`"
        )
        return
    yield Finding("ok", f"set {shown} is what was published")


def _vault(home: Home) -> Iterator[Finding]:
    if not home.vault.is_dir():
        return
    open_files = [
        path
        for path in [home.vault, *home.vault.rglob("*")]
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if open_files:
        yield Finding("mend", f"{open_files[0]} is open to others; chmod -R go-rwx {home.vault}")
    else:
        yield Finding("ok", "the vault is closed to others")


def _landing(home: Home, project: Project, landing: Path | None) -> Iterator[Finding]:
    source = remembered_input(home)
    folder = landing or source.landing
    if not folder.is_dir():
        state = "mend" if landing else "note"
        yield Finding(state, f"no landing folder {folder}")
        return
    if landing is None and source.map_path is not None:
        yield Finding("ok", f"files of {folder} come in through {source.map_path}")
        return
    tables = contract_tables(project.raw_sources)
    for found in sorted(path.name for path in folder.iterdir() if path.is_dir()):
        if found in tables:
            files = sum(1 for path in (folder / found).iterdir() if path.is_file())
            yield Finding("ok", f"{folder / found}: {files} files")
        else:
            yield Finding("note", f"{folder / found} is no table{did_you_mean(found, tables)}")
    if not (folder / "orders").is_dir():
        yield Finding("note", f"{folder}: no orders; files of another shape need --map")
