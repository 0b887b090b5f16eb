"""`strata report`: write the report of what readers get anew, and say where it is."""

from __future__ import annotations

import webbrowser

from orchestration.launch import prepare_instance
from orchestration.paths import Home, Project
from orchestration.publishing.set_pointer import pointed_set_id
from orchestration.reporting.write_report import (
    WrittenReport,
    write_report,
    write_report_and_docs,
)
from orchestration.runs.input_source import remembered_input
from orchestration.settings.settings_loader import load_configuration
from orchestration.warehouse.dbt_invocation import ensure_manifest
from orchestration.warehouse.locks import run_lock, wait_for_dbt


def print_report(home: Home, *, docs: bool, opens: bool) -> None:
    """Write the report, print its path, and open it in the browser if asked to.

    Args:
        home: the home.
        docs: also render dbt's docs; that waits for a run which is going on.
        opens: whether the browser is to open it.

    Raises:
        StrataError: nothing is published, disk or permission; the former report stays.
    """
    written = _write(home, docs=docs)
    print(f"report: {written.page}  (set {written.set_id})")
    if opens:
        webbrowser.open(written.page.as_uri())


def rewrite_report(home: Home) -> None:
    """Let the report follow what readers get, where there is one."""
    if home.report_page.is_file() and pointed_set_id(home) is not None:
        _write(home, docs=False)


def _write(home: Home, *, docs: bool) -> WrittenReport:
    project = Project.here()
    configuration = load_configuration(project, remembered_input(home).map_path)
    if not docs:
        return write_report(home, project, configuration.settings)
    timeout = configuration.settings.lock_timeout_seconds
    prepare_instance(home, project)
    with run_lock(home, "writing the report", timeout):
        wait_for_dbt(home, timeout)
        ensure_manifest(home, project, configuration)
        return write_report_and_docs(home, project, configuration, always_docs=True)
