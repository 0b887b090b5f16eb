"""`strata dev`: Dagster's pages and daemon for one home, on this machine only."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import yaml

from orchestration.launch import open_instance, prepare_instance
from orchestration.paths import Home, Project
from orchestration.runs.input_source import remembered_input
from orchestration.settings.config_table_checks import check_config_tables
from orchestration.settings.settings_loader import load_configuration
from orchestration.warehouse.dbt_invocation import ensure_manifest


def open_dagster(home: Home, project: Project, port: int) -> None:
    """Become `dagster dev`, bound to the loopback address.

    Raises:
        StrataError: the configuration or the dbt project is broken.
    """
    configuration = load_configuration(project, remembered_input(home).map_path)
    check_config_tables(configuration.tables)
    prepare_instance(home, project)
    ensure_manifest(home, project, configuration)
    # Dagster's own processes would make the databases without looking at who else does.
    open_instance(home).dispose()
    workspace = home.dagster / "workspace.yaml"
    workspace.write_text(yaml.safe_dump(_workspace(project)), encoding="utf-8")
    # Beside its own dagster.yaml: in the checkout Dagster would point at that one's.
    os.chdir(home.dagster)
    # `dg dev` would be one more package for the same pages.
    os.environ["PYTHONWARNINGS"] = "ignore:Function `dev_command` is superseded"
    dagster = str(Path(sys.executable).with_name("dagster"))
    # A script's background job ignores SIGINT, and Dagster takes SIGTERM to be the same as that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    print(f"Dagster's pages for {home.root}: http://127.0.0.1:{port}", flush=True)
    os.execv(
        dagster,
        [dagster, "dev", "-w", str(workspace), "--host", "127.0.0.1", "--port", str(port)],
    )


def _workspace(project: Project) -> dict[str, object]:
    location = {
        "module_name": "orchestration.definitions",
        "location_name": "strata",
        "working_directory": str(project.root),
    }
    return {"load_from": [{"python_module": location}]}
