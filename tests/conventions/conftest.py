"""What the rules are held against: the files of the checkout and the dbt manifest.

Each rule is a function over plain data that returns its violations as text. It stands in the module
that tests it, beside a planted violation which shows that it can fail.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orchestration.paths import Home, Project
from orchestration.settings.settings_loader import Configuration, load_configuration
from orchestration.warehouse.dbt_invocation import (
    dbt_environment,
    dbt_vars_argument,
    ensure_manifest,
)


@pytest.fixture(scope="session")
def project() -> Project:
    return Project.here()


@pytest.fixture(scope="session")
def repository_files(project: Project) -> list[Path]:
    """Every file that git tracks or would track, relative to the checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: which files belong to the repository can't be told")
    names = sorted({name for name in listed.stdout.split("\0") if name})
    return [Path(name) for name in names if (project.root / name).is_file()]


@pytest.fixture(scope="session")
def repository_texts(project: Project, repository_files: list[Path]) -> dict[str, str]:
    """The text of every file that is text, by path."""
    texts = {}
    for path in repository_files:
        try:
            texts[str(path)] = (project.root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return texts


@pytest.fixture(scope="session")
def convention_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home of its own, so nothing of a user's state is read or written."""
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def configuration(project: Project) -> Configuration:
    """The shipped configuration, whatever overlay the shell has set."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("STRATA_CONFIG", raising=False)
        return load_configuration(project)


@pytest.fixture(scope="session")
def manifest_path(convention_home: Home, project: Project, configuration: Configuration) -> Path:
    return ensure_manifest(convention_home, project, configuration)


@pytest.fixture(scope="session")
def manifest(manifest_path: Path) -> dict[str, Any]:
    return json.loads(manifest_path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def nodes(manifest: dict[str, Any]) -> dict[str, Any]:
    """Models, seeds, tests and sources of the project, by unique id."""
    return manifest["nodes"] | manifest["sources"]


@pytest.fixture(scope="session")
def compiled_nodes(
    manifest_path: Path, convention_home: Home, project: Project, configuration: Configuration
) -> dict[str, Any]:
    """The nodes with their SQL as the engine gets it. No relation has to exist for that."""
    target = str(manifest_path.parent)
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "--quiet"),
            *("compile", "--no-populate-cache", "--select", "resource_type:model"),
            *dbt_vars_argument(configuration),
        ],
        cwd=project.dbt_project,
        env=os.environ
        | dbt_environment(convention_home, project, configuration)
        | {"DBT_TARGET_PATH": target, "DBT_LOG_PATH": target},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    # dbt opens the database to compile; what looks for one later must not find it.
    convention_home.build_db.unlink(missing_ok=True)
    assert finished.returncode == 0, finished.stdout[-2000:]
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    return manifest["nodes"] | manifest["sources"]
