"""dbt's two calls on an engine, with predictions made between them; how they are run, no more."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner, dbtRunnerResult
from engine_world import DAYS, DBT_VARS, EngineWorld
from spark_cluster import SparkCluster

from orchestration.paths import Project
from orchestration.predictions.clv_in_warehouse import predict_in_warehouse
from orchestration.settings.settings_loader import load_configuration


@dataclass
class DbtOnEngine:
    """The dbt project on one target, parsed once."""

    folder: Path
    target: str
    project: Path = field(default_factory=lambda: Project.here().dbt_project)
    manifest: Any = None

    def build(self, selector: str) -> None:
        """Seeds and models of a selector. Whatever fails is told at once."""
        excluded = ("--exclude-resource-types", "unit_test", "--exclude-resource-types", "test")
        result = self.invoke("build", "--selector", selector, *excluded)
        assert self._failures(result) == {}

    def failing_tests(self) -> dict[str, str]:
        """Data tests that are files of their own; `unique` and the like are everybody's SQL."""
        return self._failures(self.invoke("test", "--select", "test_type:singular"))

    def invoke(self, *arguments: str) -> dbtRunnerResult:
        """A dbt command on this target."""
        if self.manifest is None:
            parsed = self._call(["parse"])
            assert parsed.success, parsed.exception
            self.manifest = parsed.result
        return self._call([*arguments])

    def compiled(self, sql: str) -> str:
        """A text with macros as this target's SQL."""
        result = self.invoke("compile", "--inline", sql, "--no-populate-cache")
        assert result.success, result.exception
        [compiled] = result.result.results
        return compiled.node.compiled_code

    def models(self) -> dict[str, tuple[str, str]]:
        """Schema and name of every model that is stored or looked at, by unique id."""
        return {
            unique_id: (node.schema, node.name)
            for unique_id, node in self.manifest.nodes.items()
            if node.resource_type == "model" and node.config.materialized != "ephemeral"
        }

    def views(self) -> set[tuple[str, str]]:
        """Schema and name of the models that are looked at."""
        return {
            self.models()[unique_id]
            for unique_id, node in self.manifest.nodes.items()
            if node.resource_type == "model" and node.config.materialized == "view"
        }

    def seeds(self) -> set[str]:
        """The config tables' names."""
        return {node.name for node in self.manifest.nodes.values() if node.resource_type == "seed"}

    def _failures(self, result: dbtRunnerResult) -> dict[str, str]:
        assert result.exception is None, result.exception
        assert result.result.results, "nothing was run"
        return {
            # Without the server's stack.
            node.node.unique_id: str(node.message).partition("\tat ")[0]
            for node in result.result
            if str(node.status) not in ("success", "pass", "warn")
        }

    def _call(self, arguments: list[str]) -> dbtRunnerResult:
        return dbtRunner(manifest=self.manifest).invoke(
            [
                "--quiet",
                "--no-use-colors",
                *arguments,
                *("--project-dir", str(self.project)),
                *("--profiles-dir", str(Project.here().profiles)),
                *("--target", self.target),
                *("--target-path", str(self.folder / self.target)),
                *("--log-path", str(self.folder / "logs")),
                *("--vars", json.dumps(DBT_VARS)),
            ]
        )


def write_predictions(world: EngineWorld, build: int) -> None:
    """Fit and score on what DuckDB counted; every engine gets the same predictions."""
    settings = load_configuration(Project.here()).settings
    predict_in_warehouse(world, settings, world.fit_date(build))


def build_on_duckdb(world: EngineWorld, dbt: DbtOnEngine, build: int) -> None:
    """Land the rows, then both calls."""
    world.write(build)
    dbt.build("foundation")
    write_predictions(world, build)
    dbt.build("segments")


def build_on_spark(world: EngineWorld, cluster: SparkCluster, dbt: DbtOnEngine, build: int) -> None:
    """The same rows and the same predictions, then both calls."""
    for schema in ("raw", "control", "predictions"):
        folders = world.export(schema, cluster.folder / f"landed-{build}")
        cluster.execute(
            f"create schema if not exists {schema}",
            *(f"drop table if exists {schema}.{table}" for table in folders),
            *(
                f"create table {schema}.{table} using parquet location '{folder}'"
                for table, folder in folders.items()
            ),
        )
    dbt.build("foundation")
    dbt.build("segments")


__all__ = ["DAYS", "DbtOnEngine", "build_on_duckdb", "build_on_spark"]
