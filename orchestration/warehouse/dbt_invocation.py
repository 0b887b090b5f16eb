"""How dbt is called: its environment, its arguments and the manifest that Dagster reads.

There is one way to call dbt, and it is here. Running it inside a Dagster step is in `defs/dbt`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.errors import StrataError
from orchestration.paths import Home, Project
from orchestration.settings.settings_loader import Configuration

# dbt targets of profiles.yml: where the current day is built, and where a past day is.
CURRENT_TARGET = "duckdb"
AS_OF_TARGET = "duckdb_asof"

_PARSED_SUFFIXES = frozenset({".sql", ".yml", ".md", ".csv"})


def dbt_environment(home: Home, project: Project, configuration: Configuration) -> dict[str, str]:
    """The environment variables that profiles.yml, dbt_project.yml and the dbt wrapper read."""
    settings = configuration.settings
    return {
        # At dbt's own level each call writes megabytes of SQL, which it keeps as files anyway.
        "DBT_LOG_LEVEL_FILE": "info",
        "DBT_PROFILES_DIR": str(project.profiles),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        # Here dagster-dbt finds the parse that saves each call eight seconds.
        "DBT_TARGET_PATH": str(home.dbt_manifest.parent),
        "DBT_VERSION_CHECK": "false",
        "DO_NOT_TRACK": "1",
        "STRATA_BUILD_DB": str(home.build_db),
        "STRATA_DBT_LOCK": str(home.dbt_lock),
        "STRATA_LOCK_TIMEOUT_SECONDS": str(settings.lock_timeout_seconds),
        "STRATA_MEMORY_LIMIT": settings.memory_limit,
        "STRATA_SEED_PATH": configuration.seed_path_for_dbt(home, project),
        "STRATA_TEMP_DIRECTORY": str(home.scratch),
        "STRATA_DBT_THREADS": str(settings.threads),
    }


def dbt_vars_argument(configuration: Configuration) -> list[str]:
    """`--vars` with every setting a model reads: the same in each call, so that parses are kept."""
    return ["--vars", json.dumps(configuration.settings.dbt_vars(), sort_keys=True)]


@contextmanager
def past_day_parse(home: Home, target_path: Path) -> Iterator[None]:
    """Lend a dbt call of a past day the parse of the one before, and keep its own for the next.

    dbt itself sees what has changed since, and parses that again.
    """
    parse = target_path / "partial_parse.msgpack"
    if home.past_day_parse.is_file():
        target_path.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(home.past_day_parse, parse)
    yield
    if parse.is_file():
        unfinished = home.past_day_parse.with_suffix(".unfinished")
        shutil.copyfile(parse, unfinished)
        unfinished.replace(home.past_day_parse)


def ensure_manifest(home: Home, project: Project, configuration: Configuration) -> Path:
    """Parse the dbt project where what was parsed before is missing or stale.

    Returns:
        The manifest's path, inside the home.

    Raises:
        StrataError: the project can't be parsed; names dbt's log.
    """
    target = home.dbt_manifest.parent
    stamp_file = home.dbt_parse_stamp
    environment = dbt_environment(home, project, configuration)
    stamp = _parse_stamp(project, configuration, environment)
    if (
        home.dbt_manifest.is_file()
        and stamp_file.is_file()
        and stamp_file.read_text(encoding="utf-8") == stamp
    ):
        return home.dbt_manifest
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    stamp_file.unlink(missing_ok=True)
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "parse"),
            *("--target", CURRENT_TARGET),
            *dbt_vars_argument(configuration),
        ],
        cwd=project.dbt_project,
        env=os.environ
        | environment
        | {"DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0 or not home.dbt_manifest.is_file():
        raise StrataError(
            f"dbt can't parse the models in {project.dbt_project}; see {target / 'dbt.log'}"
        )
    stamp_file.write_text(stamp, encoding="utf-8")
    return home.dbt_manifest


def _parse_stamp(
    project: Project, configuration: Configuration, environment: dict[str, str]
) -> str:
    digest = hashlib.sha256()
    for folder in (project.dbt_project, project.profiles, project.config_tables):
        for path in sorted(folder.rglob("*")):
            if path.suffix in _PARSED_SUFFIXES and "target" not in path.parts:
                digest.update(str(path.relative_to(project.root)).encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    digest.update(json.dumps([environment, dbt_vars_argument(configuration)]).encode())
    return digest.hexdigest()
