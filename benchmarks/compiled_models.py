"""The product's own models as SQL texts, compiled by dbt, built in the order of its graph."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from orchestration.paths import Home, Project
from orchestration.settings.settings_loader import load_configuration
from orchestration.warehouse.dbt_invocation import (
    CURRENT_TARGET,
    dbt_environment,
    dbt_vars_argument,
)
from orchestration.warehouse.duckdb_warehouse import literal

# The compiled texts name the database that they were compiled for, which is its file's name.
DATABASE_FILE = "compiled.duckdb"


def compile_models(folder: Path, model: str) -> Path:
    """Compile a model and all that it stands on.

    Args:
        folder: gets dbt's files.
        model: its name.

    Returns:
        dbt's manifest, with the compiled texts.

    Raises:
        RuntimeError: dbt failed; with what it said.
    """
    project = Project.here()
    configuration = load_configuration(project)
    environment = dbt_environment(Home(folder), project, configuration)
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "--quiet", "compile"),
            *("--target", CURRENT_TARGET, "--select", f"+{model}"),
            *("--exclude", "resource_type:test"),
            *dbt_vars_argument(configuration),
        ],
        cwd=project.dbt_project,
        env=os.environ
        | environment
        | {
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "STRATA_BUILD_DB": str(folder / DATABASE_FILE),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise RuntimeError(f"dbt compile failed:\n{finished.stdout}{finished.stderr}")
    return folder / "target" / "manifest.json"


@dataclass(frozen=True)
class CompiledModels:
    """Models and config tables of a compiled project."""

    nodes: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, manifest: Path) -> CompiledModels:
        """From dbt's manifest."""
        nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
        return cls({node["name"]: node for node in nodes.values() if _is_relation(node)})

    def build(
        self, connection: duckdb.DuckDBPyConnection, model: str, given: Collection[str] = ()
    ) -> list[str]:
        """Build a model and what it stands on, down to sources and to relations that are given.

        Returns:
            the models that were built, in their order.
        """
        built = []
        for name in self._needed(model, frozenset(given)):
            node = self.nodes[name]
            connection.execute(f"create schema if not exists {node['schema']}")
            if node["resource_type"] == "seed":
                _load_seed(connection, node)
            else:
                _build(connection, node)
                built.append(name)
        return built

    def _needed(self, model: str, given: frozenset[str]) -> Iterator[str]:
        parents: dict[str, list[str]] = {}
        waiting = [model]
        while waiting:
            name = waiting.pop()
            if name in parents:
                continue
            keys = self.nodes[name]["depends_on"].get("nodes", ())
            # A source may have a model's name.
            found = (key.rpartition(".")[2] for key in keys if not key.startswith("source."))
            parents[name] = [
                parent for parent in found if parent in self.nodes and parent not in given
            ]
            waiting += parents[name]
        return TopologicalSorter(
            {name: sorted(found) for name, found in sorted(parents.items())}
        ).static_order()


def _is_relation(node: Mapping[str, Any]) -> bool:
    return node["resource_type"] in ("model", "seed")


def _build(connection: duckdb.DuckDBPyConnection, node: Mapping[str, Any]) -> None:
    relation, sql = f"{node['schema']}.{node['alias']}", node["compiled_code"]
    if node["config"]["materialized"] == "view":
        connection.execute(f"create view {relation} as {sql}")
    elif node["config"]["contract"]["enforced"]:
        columns = ", ".join(
            f"{name} {column['data_type']}" for name, column in node["columns"].items()
        )
        named = ", ".join(node["columns"])
        connection.execute(f"create table {relation} ({columns})")
        connection.execute(f"insert into {relation} ({named}) select {named} from ({sql})")
    else:
        connection.execute(f"create table {relation} as {sql}")


def _load_seed(connection: duckdb.DuckDBPyConnection, node: Mapping[str, Any]) -> None:
    relation = f"{node['schema']}.{node['alias']}"
    types = node["config"]["column_types"]
    columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
    file = Project.here().config_tables / Path(node["original_file_path"]).name
    connection.execute(f"create table {relation} ({columns})")
    connection.execute(f"copy {relation} from {literal(str(file))} (format csv, header)")
