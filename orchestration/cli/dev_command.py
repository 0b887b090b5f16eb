"""`strata dev`: Dagster's pages and daemon for one home, on this machine only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from orchestration.launch import prepare_instance
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
    os.chdir(project.root)
    dagster = str(Path(sys.executable).with_name("dagster"))
    os.execv(dagster, [dagster, "dev", "--host", "127.0.0.1", "--port", str(port)])
