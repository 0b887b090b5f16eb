"""The dbt project as SQL texts: compiled once for each set of vars, in the order of its graph.

Compiling and breaking on purpose belong here; running the texts on a world is `world_build`'s.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner

from orchestration.paths import Project
from orchestration.warehouse.duckdb_warehouse import literal

# What Python counts on when it makes predictions: no model says so.
PREDICTED_FROM = frozenset(
    {
        "int_clv_order_tuples",
        "int_clv_spend_tuples",
        "int_clv_scoring_order_tuples",
        "int_clv_scoring_spend_tuples",
    }
)


@dataclass(frozen=True, slots=True)
class Seed:
    """A config table: its file and its column types."""

    name: str
    schema: str
    path: Path
    column_types: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Model:
    """A model's SQL as the engine gets it. `contract` has the columns of an enforced contract."""

    name: str
    schema: str
    sql: str
    is_view: bool
    needs_predictions: bool
    parents: frozenset[str]
    contract: tuple[tuple[str, str, bool], ...] = ()

    @property
    def relation(self) -> str:
        return f'"{self.schema}"."{self.name}"'


@dataclass(frozen=True, slots=True)
class DataTest:
    """A data test's SQL. It fails where `fail_calc` of its rows is not zero."""

    name: str
    sql: str
    fail_calc: str
    only_warns: bool


@dataclass(frozen=True)
class Compiled:
    """Seeds and models of one compilation; models in the order in which they can be built."""

    seeds: tuple[Seed, ...]
    models: tuple[Model, ...]
    dbt_vars: Mapping[str, Any]
    data_tests: tuple[DataTest, ...] = ()

    def model(self, name: str) -> Model:
        """The model of this name."""
        return next(model for model in self.models if model.name == name)

    def up_to(self, *names: str) -> Compiled:
        """The same project without models that none of these stands on."""
        kept = set(names)
        if any(self.model(name).needs_predictions for name in names):
            kept |= PREDICTED_FROM
        for model in reversed(self.models):
            if model.name in kept:
                kept |= model.parents
        models = tuple(model for model in self.models if model.name in kept)
        return replace(self, models=models, data_tests=())

    def in_zone(self, zone: str) -> Compiled:
        """The same project with days cut in another zone, without compiling again."""
        own = literal(self.dbt_vars["business_timezone"])
        # The list of all zones stays as it is: it tells which names are zones.
        parts = re.compile(r"(in \('Africa/Abidjan'[^)]*\))")
        models = tuple(
            replace(
                model,
                sql="".join(
                    part if parts.fullmatch(part) else part.replace(own, literal(zone))
                    for part in parts.split(model.sql)
                ),
            )
            for model in self.models
        )
        return replace(self, models=models, dbt_vars={**self.dbt_vars, "business_timezone": zone})

    def with_bug(self, name: str, old: str, new: str) -> Compiled:
        """The same project with a text in one model's SQL replaced, wherever it stands.

        Blanks and line ends count as one blank, comments as none. A text that isn't there is an
        error: the bug would not be planted.
        """
        lines = self.model(name).sql.splitlines()
        code = " ".join(line for line in lines if not line.strip().startswith("--"))
        sql = " ".join(code.split())
        if old not in sql:
            raise ValueError(f"{name} has no '{old}'")
        broken = replace(self.model(name), sql=sql.replace(old, new))
        models = tuple(broken if model.name == name else model for model in self.models)
        return replace(self, models=models)


@dataclass
class DbtCompiler:
    """Parses once, compiles once for each set of vars. Vars not named have the shipped values."""

    folder: Path
    project: Project = field(default_factory=Project.here)
    _manifest: Any = None
    _compiled: dict[str, Compiled] = field(default_factory=dict)

    def compile(self, **dbt_vars: Any) -> Compiled:
        """The project with these vars."""
        return self._kept(dbt_vars, with_tests=False)

    def compile_with_tests(self, **dbt_vars: Any) -> Compiled:
        """The project with these vars, data tests too: slower."""
        return self._kept(dbt_vars, with_tests=True)

    def _kept(self, dbt_vars: Mapping[str, Any], with_tests: bool) -> Compiled:
        key = json.dumps([dbt_vars, with_tests], sort_keys=True)
        if key not in self._compiled:
            self._compiled[key] = self._compile(dbt_vars, with_tests)
        return self._compiled[key]

    def _compile(self, dbt_vars: Mapping[str, Any], with_tests: bool) -> Compiled:
        if self._manifest is None:
            self._manifest = self._call(["parse"], {})
        indirect = [] if with_tests else ["--indirect-selection", "empty"]
        finished = self._call(
            [
                *("compile", *indirect),
                *("--select", "resource_type:model", "resource_type:test"),
                *(() if with_tests else ("--exclude", "resource_type:test")),
            ],
            dbt_vars,
        )
        nodes = {result.node.unique_id: result.node for result in finished}
        models = {key: node for key, node in nodes.items() if node.resource_type == "model"}
        parents = {
            key: [parent for parent in node.depends_on.nodes if parent in models]
            for key, node in sorted(models.items())
        }
        order = list(TopologicalSorter(parents).static_order())
        predicted = self._downstream_of_predictions(models, order)
        seeds = [node for node in self._manifest.nodes.values() if node.resource_type == "seed"]
        return Compiled(
            seeds=tuple(self._seed(node) for node in seeds),
            models=tuple(_model(models[key], key in predicted) for key in order),
            dbt_vars=dict(dbt_vars),
            data_tests=tuple(
                DataTest(
                    node.name,
                    node.compiled_code,
                    node.config.fail_calc,
                    node.config.severity.lower() == "warn",
                )
                for node in nodes.values()
                if node.resource_type == "test"
            ),
        )

    def _downstream_of_predictions(self, models: dict[str, Any], order: list[str]) -> set[str]:
        found: set[str] = set()
        for key in order:
            parents = models[key].depends_on.nodes
            if any(".predictions." in parent or parent in found for parent in parents):
                found.add(key)
        return found

    def _seed(self, node: Any) -> Seed:
        path = self.project.dbt_project / node.original_file_path
        return Seed(node.alias, node.schema, path.resolve(), dict(node.config.column_types))

    def _call(self, arguments: list[str], dbt_vars: Mapping[str, Any]) -> Any:
        named = {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("STRATA_", "DBT_"))
        }
        for name in named:
            del os.environ[name]
        try:
            result = dbtRunner(manifest=self._manifest).invoke(
                [
                    *("--quiet", "--no-use-colors", *arguments),
                    *("--project-dir", str(self.project.dbt_project)),
                    *("--profiles-dir", str(self.project.profiles)),
                    # A database in memory: nothing has to exist for compiling.
                    *("--target", "duckdb"),
                    *("--target-path", str(self.folder / "target")),
                    *("--log-path", str(self.folder / "logs")),
                    *("--vars", json.dumps(dict(dbt_vars))),
                ]
            )
        finally:
            os.environ.update(named)
        if not result.success:
            raise RuntimeError(result.exception or result.result)
        return result.result


def _model(node: Any, needs_predictions: bool) -> Model:
    contract = ()
    if node.config.contract.enforced:
        contract = tuple(
            (
                column.name,
                column.data_type,
                any(constraint.type == "not_null" for constraint in column.constraints),
            )
            for column in node.columns.values()
        )
    return Model(
        name=node.alias,
        schema=node.schema,
        sql=node.compiled_code,
        is_view=node.config.materialized == "view",
        needs_predictions=needs_predictions,
        parents=frozenset(
            parent.rpartition(".")[2]
            for parent in node.depends_on.nodes
            if parent.startswith("model.")
        ),
        contract=contract,
    )
