"""dbt's two calls on an engine, with predictions made between them; how they are run, no more."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
from dbt.cli.main import dbtRunner, dbtRunnerResult
from engine_world import DAYS, DBT_VARS, EngineWorld
from spark_cluster import SparkCluster

from orchestration.paths import Project
from orchestration.predictions.clv_predictions import CountedTuples, predict_clv
from orchestration.settings.settings_loader import load_configuration

COUNTED = {
    "fit_orders": "int_clv_order_tuples",
    "fit_spend": "int_clv_spend_tuples",
    "score_orders": "int_clv_scoring_order_tuples",
    "score_spend": "int_clv_scoring_spend_tuples",
}


@dataclass
class DbtOnEngine:
    """The dbt project on one target, parsed once."""

    folder: Path
    target: str
    manifest: Any = None
    built: dict[str, dict[str, str]] = field(default_factory=dict)

    def build(self, selector: str, *, is_tested: bool) -> None:
        """Seeds and models of a selector, and its data tests. Whatever fails is told at once."""
        left_out = ["unit_test"] if is_tested else ["unit_test", "test"]
        exclusions = [part for kind in left_out for part in ("--exclude-resource-types", kind)]
        result = self.invoke("build", "--selector", selector, *exclusions)
        assert result.exception is None, result.exception
        assert result.success, {
            # Without the server's stack.
            node.node.unique_id: str(node.message).partition("\tat ")[0]
            for node in result.result
            if str(node.status) not in ("success", "pass", "warn")
        }
        self.built[selector] = {
            node.node.unique_id: str(node.status) for node in result.result.results
        }

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

    def _call(self, arguments: list[str]) -> dbtRunnerResult:
        project = Project.here()
        return dbtRunner(manifest=self.manifest).invoke(
            [
                "--quiet",
                "--no-use-colors",
                *arguments,
                *("--project-dir", str(project.dbt_project)),
                *("--profiles-dir", str(project.profiles)),
                *("--target", self.target),
                *("--target-path", str(self.folder / self.target)),
                *("--log-path", str(self.folder / "logs")),
                *("--vars", json.dumps(DBT_VARS)),
            ]
        )


def write_predictions(world: EngineWorld, build: int) -> None:
    """Fit and score on what DuckDB counted; every engine gets the same predictions."""
    with world.connect() as connection:
        counted = {
            name: connection.execute(
                f"select * from intermediate.{table} order by all"
            ).to_arrow_table()
            for name, table in COUNTED.items()
        }
        settings = load_configuration(Project.here()).settings
        predicted = predict_clv(CountedTuples(**counted), settings, world.fit_date(build))
        for name, table in predicted.tables().items():
            _write(connection, name, table)


def _write(connection: Any, name: str, table: pa.Table) -> None:
    connection.register("predicted", table)
    connection.execute(f"create or replace table predictions.{name} as select * from predicted")
    connection.unregister("predicted")


def build_on_duckdb(world: EngineWorld, dbt: DbtOnEngine, build: int, *, is_tested: bool) -> None:
    """Land the rows, then both calls."""
    world.write(build)
    dbt.build("foundation", is_tested=is_tested)
    write_predictions(world, build)
    dbt.build("segments", is_tested=is_tested)


def build_on_spark(
    world: EngineWorld, cluster: SparkCluster, dbt: DbtOnEngine, build: int, *, is_tested: bool
) -> None:
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
    dbt.build("foundation", is_tested=is_tested)
    dbt.build("segments", is_tested=is_tested)


__all__ = ["DAYS", "DbtOnEngine", "build_on_duckdb", "build_on_spark"]
