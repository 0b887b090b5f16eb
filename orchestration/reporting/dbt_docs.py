"""What dbt renders of all models and their descriptions, beside the report: where they changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from orchestration.errors import StrataError
from orchestration.paths import Home, Project
from orchestration.settings.settings_loader import Configuration
from orchestration.warehouse.dbt_invocation import (
    CURRENT_TARGET,
    dbt_environment,
    dbt_vars_argument,
)
from orchestration.warehouse.durable_files import (
    READERS_FILE_MODE,
    READERS_FOLDER_MODE,
    make_folder,
    put_in_place,
)
from orchestration.warehouse.fault_messages import told_in_one_line

_STATIC_PAGE = "static_index.html"


def refresh_docs(
    home: Home, project: Project, configuration: Configuration, *, always: bool = False
) -> bool:
    """Render dbt's docs where models or configuration have changed since. The caller holds the run.

    dbt reads the build database's catalog for them, which takes seconds: too long for every day.

    Args:
        home: the home; its project is parsed and its build database is there.
        project: the checkout.
        configuration: the running one.
        always: also where nothing has changed.

    Returns:
        Whether they were rendered.

    Raises:
        StrataError: dbt failed, disk or permission; the former docs stay.
    """
    parsed_from = home.dbt_parse_stamp.read_text(encoding="utf-8")
    is_current = (
        home.report_docs.is_file()
        and home.report_docs_stamp.is_file()
        and home.report_docs_stamp.read_text(encoding="utf-8") == parsed_from
    )
    if is_current and not always:
        return False
    with told_in_one_line("writing the dbt docs", home.report):
        make_folder(home.report, READERS_FOLDER_MODE)
        make_folder(home.scratch, 0o700)
        with tempfile.TemporaryDirectory(dir=home.scratch, prefix="dbt-docs-") as folder:
            made = _generate(home, project, configuration, Path(folder))
            made.chmod(READERS_FILE_MODE)
            put_in_place(made, home.report_docs)
        home.report_docs_stamp.write_text(parsed_from, encoding="utf-8")
    return True


def _generate(
    home: Home, project: Project, configuration: Configuration, target_path: Path
) -> Path:
    # Without compiling, which would take as long again, dbt wants what was parsed before.
    for parsed in (home.dbt_manifest, home.dbt_manifest.with_name("partial_parse.msgpack")):
        if parsed.is_file():
            shutil.copyfile(parsed, target_path / parsed.name)
    finished = subprocess.run(
        [
            str(Path(sys.executable).with_name("strata-dbt")),
            *("--no-use-colors", "docs", "generate", "--static", "--no-compile"),
            *("--target", CURRENT_TARGET),
            *dbt_vars_argument(configuration),
        ],
        cwd=project.dbt_project,
        env=os.environ
        | dbt_environment(home, project, configuration)
        | {"DBT_TARGET_PATH": str(target_path), "DBT_LOG_PATH": str(home.dbt_manifest.parent)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    page = target_path / _STATIC_PAGE
    if finished.returncode != 0 or not page.is_file():
        raise StrataError(
            "the report is written, but dbt can't render its docs; see"
            f" {home.dbt_manifest.with_name('dbt.log')}"
        )
    return page
