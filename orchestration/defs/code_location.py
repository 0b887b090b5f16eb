"""What every definition needs to know while the code location loads: home, checkout, settings.

It is read once. Loading reads files and parses the dbt project where that has to be done again; it
opens no database and no socket.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import dagster as dg

from orchestration.paths import Home, Project
from orchestration.runs.input_source import remembered_input
from orchestration.settings.config_table_checks import check_config_tables
from orchestration.settings.settings_loader import Configuration, load_configuration
from orchestration.warehouse.dbt_invocation import dbt_environment, ensure_manifest

# A run makes one day: the as-of day is one row, and sets are published one after the other.
ONE_DAY_A_RUN = dg.BackfillPolicy.multi_run(max_partitions_per_run=1)


@dataclass(frozen=True)
class CodeLocation:
    """One home, one checkout and one configuration."""

    home: Home
    project: Project
    configuration: Configuration
    manifest: Path

    @property
    def as_of_days(self) -> dg.DailyPartitionsDefinition:
        """The days that can be built: one partition a day of the shop's calendar."""
        settings = self.configuration.settings
        return dg.DailyPartitionsDefinition(
            start_date=settings.first_as_of_date.isoformat(), timezone=settings.business_timezone
        )


@cache
def code_location() -> CodeLocation:
    """Read home, checkout and configuration from the environment.

    Raises:
        StrataError: the configuration or the dbt project is broken.
    """
    home = Home.from_environment()
    project = Project.here()
    configuration = load_configuration(project, remembered_input(home).map_path)
    check_config_tables(configuration.tables)
    manifest = ensure_manifest(home, project, configuration)
    # dbt is started by dagster-dbt, which passes this process's environment on.
    os.environ.update(dbt_environment(home, project, configuration))
    return CodeLocation(home, project, configuration, manifest)
