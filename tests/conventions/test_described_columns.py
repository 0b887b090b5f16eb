"""The columns that a model makes are those that its YAML describes, in every layer.

Marts have a contract that dbt checks while it builds; staging and intermediate have none, so their
columns are read off the compiled SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

DIALECT = "duckdb"

Node = dict[str, Any]


def in_build_order(nodes: dict[str, Node]) -> Iterator[Node]:
    """Models, each after what it reads."""
    seen: set[str] = set()

    def visit(unique_id: str) -> Iterator[Node]:
        if unique_id in seen or unique_id not in nodes:
            return
        seen.add(unique_id)
        for parent in nodes[unique_id].get("depends_on", {}).get("nodes", []):
            yield from visit(parent)
        if nodes[unique_id]["resource_type"] == "model":
            yield nodes[unique_id]

    for unique_id in nodes:
        yield from visit(unique_id)


def made_columns(nodes: dict[str, Node]) -> dict[str, list[str]]:
    """By model, the columns of its last select, stars written out."""
    schema = MappingSchema(dialect=DIALECT)
    for node in nodes.values():
        if node["resource_type"] in ("source", "seed"):
            add_table(schema, node, list(node["columns"]))
    made = {}
    for model in in_build_order(nodes):
        query = sqlglot.parse_one(model["compiled_code"], dialect=DIALECT)
        for table in query.find_all(exp.Table):
            table.set("catalog", None)
        query = qualify(query, schema=schema, dialect=DIALECT, validate_qualify_columns=False)
        made[model["name"]] = query.named_selects
        add_table(schema, model, query.named_selects)
    return made


def add_table(schema: MappingSchema, node: Node, columns: list[str]) -> None:
    table = exp.table_(node.get("identifier") or node.get("alias") or node["name"], node["schema"])
    # A source without described columns still has some; its own test names it.
    schema.add_table(table, dict.fromkeys(columns or ["unknown"], "varchar"), dialect=DIALECT)


def column_violations(nodes: dict[str, Node]) -> list[str]:
    """Columns that are made and not described, or described and not made."""
    made = made_columns(nodes)
    return [
        f"{model['name']}.{name}"
        for model in in_build_order(nodes)
        for name in sorted(set(made[model["name"]]) ^ set(model["columns"]))
    ]


def test_every_column_that_a_model_makes_is_described(compiled_nodes):
    assert column_violations(compiled_nodes) == []


def planted(sql: str, *described: str) -> dict[str, Node]:
    source = {
        "resource_type": "source",
        "name": "orders",
        "identifier": "orders",
        "schema": "raw",
        "columns": {"order_id": {}, "status": {}},
    }
    model = {
        "resource_type": "model",
        "name": "stg_orders",
        "alias": "stg_orders",
        "schema": "staging",
        "columns": {name: {} for name in described},
        "compiled_code": sql,
        "depends_on": {"nodes": ["orders"]},
    }
    return {"orders": source, "stg_orders": model}


STAR = """
with source as (select * from "build"."raw"."orders"),
final as (select source.*, upper(status) as state from source)
select * from final
"""


@pytest.mark.parametrize(
    ("sql", "described", "violations"),
    [
        (STAR, ("order_id", "status", "state"), []),
        (STAR, ("order_id", "state"), ["stg_orders.status"]),
        (STAR, ("order_id", "status", "state", "gone"), ["stg_orders.gone"]),
        (
            'select order_id as id from "build"."raw"."orders"',
            ("order_id",),
            ["stg_orders.id", "stg_orders.order_id"],
        ),
        ("select 1 as day union all select 2", ("day",), []),
    ],
)
def test_a_column_that_is_not_described_is_named(sql, described, violations):
    assert column_violations(planted(sql, *described)) == violations


def test_stars_are_followed_through_models():
    nodes = planted('select * from "build"."raw"."orders"', "order_id", "status")
    nodes["int_orders"] = nodes["stg_orders"] | {
        "name": "int_orders",
        "alias": "int_orders",
        "compiled_code": 'select * from "build"."staging"."stg_orders"',
        "columns": {"order_id": {}},
        "depends_on": {"nodes": ["stg_orders"]},
    }
    # The reader stands first, as it may in a manifest.
    nodes = dict(reversed(nodes.items()))
    assert column_violations(nodes) == ["int_orders.status"]
