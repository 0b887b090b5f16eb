"""Read the configuration: the shipped files, and the overlay that `STRATA_CONFIG` names.

The overlay is a folder with a `strata.yml` of single settings and any of the CSVs of
`seeds/config` by name. A CSV there replaces the shipped one whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from orchestration.errors import StrataError
from orchestration.paths import Home, Project
from orchestration.settings.settings_model import OPERATIONAL, Settings
from orchestration.settings.strict_yaml import read_yaml
from orchestration.settings.suggestions import did_you_mean


@dataclass(frozen=True, slots=True)
class Configuration:
    """Settings and config tables as one run sees them."""

    settings: Settings
    tables: dict[str, Path]
    overlay: Path | None

    @property
    def config_hash(self) -> str:
        """Changes with everything a user may set that changes what is published."""
        digest = hashlib.sha256()
        dumped = self.settings.model_dump(mode="json")
        published = {name: value for name, value in dumped.items() if name not in OPERATIONAL}
        digest.update(json.dumps(published, sort_keys=True).encode())
        for name, path in sorted(self.tables.items()):
            digest.update(name.encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()[:16]

    def seed_path_for_dbt(self, home: Home, project: Project) -> str:
        """The folder of CSVs for dbt, relative to the dbt project.

        With an overlay the CSVs are gathered in the home first. dbt wants a relative path: with an
        absolute one it deletes the files when it cleans up.
        """
        folder = project.config_tables
        if any(path.parent != folder for path in self.tables.values()):
            gathered = home.config_tables
            shutil.rmtree(gathered, ignore_errors=True)
            gathered.mkdir(parents=True)
            for path in (*self.tables.values(), *folder.rglob("*.yml")):
                shutil.copyfile(path, gathered / path.name)
            folder = gathered
        return os.path.relpath(folder, project.dbt_project)


def load_configuration(
    project: Project, map_path: Path | None = None, overlay: Path | None = None
) -> Configuration:
    """Read and check the configuration.

    Later ones win: the shipped settings, those of the map, those of the overlay.

    Args:
        project: the checkout.
        map_path: the map in use, whose `settings` are its source's own.
        overlay: a folder; where None, `STRATA_CONFIG`; where that is unset, no overlay.

    Raises:
        StrataError: one line that names the file, the setting and what is wrong with it.
    """
    named = os.environ.get("STRATA_CONFIG")
    if overlay is None and named:
        overlay = Path(named)
    if overlay is not None and not overlay.is_dir():
        raise StrataError(f"STRATA_CONFIG: no folder {overlay}; name one or unset the variable")

    values = _read_yaml(project.settings_file)
    tables = {path.name: path for path in sorted(project.config_tables.glob("*.csv"))}
    where = project.settings_file.name
    if map_path is not None:
        of_map = _read_yaml(map_path).get("settings") or {}
        _check_names(of_map, f"{map_path}: settings")
        values |= of_map
    if overlay is not None:
        for path in sorted(overlay.glob("*.csv")):
            if path.name not in tables:
                raise StrataError(
                    f"{path}: no config table has this name{did_you_mean(path.name, tables)}"
                )
            tables[path.name] = path
        settings_overlay = overlay / "strata.yml"
        if settings_overlay.is_file():
            where = str(settings_overlay)
            values |= _read_yaml(settings_overlay)
    return Configuration(_checked(values, where), tables, overlay)


def _read_yaml(path: Path) -> dict[str, Any]:
    values = read_yaml(path, "YAML")
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise StrataError(f"{path}: expected lines of the form `setting: value`")
    return {str(name): value for name, value in values.items()}


def _check_names(values: dict[str, Any], where: str) -> None:
    for name in values:
        if name not in Settings.model_fields:
            raise StrataError(
                f"{where}: unknown setting '{name}'{did_you_mean(name, Settings.model_fields)}"
            )


def _checked(values: dict[str, Any], where: str) -> Settings:
    _check_names(values, where)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise StrataError(f"{where}: {name}: {said} (got {first['input']!r})") from error
