"""dbt, called in this process on a DuckDB file: parsed once for each target.

Calling dbt belongs here; what is in the file, and what a test expects of it, does not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult

from orchestration.paths import Project
from orchestration.warehouse.duckdb_warehouse import CLOSED_TO_EXTENSIONS


@dataclass
class DbtProject:
    """The dbt project on a DuckDB file."""

    folder: Path
    project: Project
    dbt_vars: Mapping[str, Any]
    manifests: dict[str, Any] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "build.duckdb"

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with opened_between_calls(self.database) as connection:
            yield connection

    def invoke(self, *arguments: str, target: str = "duckdb") -> dbtRunnerResult:
        if target not in self.manifests:
            self.manifests[target] = self._call(["parse"], target, None).result
        return self._call([*arguments], target, self.manifests[target])

    def build(self, selector: str) -> dict[str, str]:
        """Seeds, models and data tests of a selector, all made anew; the status of each by id."""
        return self._build(selector, "duckdb", "unit_test")

    def build_untested(self, selector: str, target: str = "duckdb") -> dict[str, str]:
        """Seeds and models of a selector."""
        return self._build(selector, target, "test", "unit_test")

    def build_upon(self, selector: str) -> dict[str, str]:
        """Seeds and models of a selector as a run makes them: upon what is there."""
        return self._build(selector, "duckdb", "test", "unit_test", full_refresh=False)

    def _build(
        self, selector: str, target: str, *left_out: str, full_refresh: bool = True
    ) -> dict[str, str]:
        exclusions = [part for kind in left_out for part in ("--exclude-resource-types", kind)]
        refresh = ["--full-refresh"] if full_refresh else []
        result = self.invoke("build", *refresh, "--selector", selector, *exclusions, target=target)
        return self._statuses(result)

    def _statuses(self, result: dbtRunnerResult) -> dict[str, str]:
        assert result.exception is None, result.exception
        statuses = {node.node.unique_id: str(node.status) for node in result.result}
        assert result.success, {
            node.node.unique_id: node.message
            for node in result.result
            if str(node.status) not in ("success", "pass", "warn")
        }
        return statuses

    def rows(self, sql: str) -> list[tuple]:
        with self.connect() as connection:
            return connection.execute(sql).fetchall()

    def _call(self, arguments: list[str], target: str, manifest: Any) -> dbtRunnerResult:
        return dbtRunner(manifest=manifest).invoke(
            [
                "--quiet",
                "--no-use-colors",
                *arguments,
                *("--project-dir", str(self.project.dbt_project)),
                *("--profiles-dir", str(self.project.profiles)),
                *("--target", target),
                *("--target-path", str(self.folder / "target" / target)),
                *("--log-path", str(self.folder / "logs")),
                *("--vars", json.dumps(dict(self.dbt_vars))),
            ]
        )


@contextmanager
def opened_between_calls(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file that dbt builds in; dbt lets go of it, as a process opens a file in one way only."""
    DuckDBConnectionManager.close_all_connections()
    with closing(duckdb.connect(database, config=dict(CLOSED_TO_EXTENSIONS))) as connection:
        yield connection


@contextmanager
def environment_of(folder: Path) -> Iterator[None]:
    """The variables that dbt reads, for a file in the folder, whatever the shell has set."""
    named = {
        "STRATA_BUILD_DB": str(folder / "build.duckdb"),
        "STRATA_MEMORY_LIMIT": "1GB",
        "STRATA_DBT_THREADS": "2",
        "STRATA_TEMP_DIRECTORY": str(folder / "spill"),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("STRATA_", "DBT_"))]:
            patch.delenv(name)
        for name, value in named.items():
            patch.setenv(name, value)
        yield
