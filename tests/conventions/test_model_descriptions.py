"""What a reader of a table is promised: contracts, leading columns, grain, meaning, exact money."""

from __future__ import annotations

import csv
import re
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

LEADING_COLUMNS = ["profile_id", "as_of_date", "segment_code", "segment_name", "segment_rank"]
MONEY_ENDINGS = ("revenue", "amount", "total", "clv")
EXACT_TYPE = re.compile(r"(decimal|numeric)\b", re.IGNORECASE)
# "One row per profile.", "The as-of day, one row." and the like, in the first sentence.
GRAIN = re.compile(r"one row\b", re.IGNORECASE)
FIRST_SENTENCE = re.compile(r"\A(.*?[.:;])(\s|\Z)", re.DOTALL)

Node = dict[str, Any]


def of_type(nodes: dict[str, Node], *types: str) -> list[Node]:
    return [node for node in nodes.values() if node["resource_type"] in types]


def marts(nodes: dict[str, Node]) -> list[Node]:
    return [
        node
        for node in of_type(nodes, "model")
        if PurePosixPath(node["original_file_path"]).parts[1] == "marts"
    ]


def contract_violations(nodes: dict[str, Node]) -> list[str]:
    """Marts without an enforced contract."""
    return [
        mart["name"]
        for mart in marts(nodes)
        if not (mart["config"].get("contract") or {}).get("enforced")
    ]


def segment_table_violations(nodes: dict[str, Node], slices: frozenset[str]) -> list[str]:
    """Slices without their segment table, and segment tables of another shape."""
    found = []
    folders = {PurePosixPath(mart["original_file_path"]).parts[2] for mart in marts(nodes)}
    by_name = {mart["name"]: mart for mart in marts(nodes)}
    for slice_name in sorted(folders & slices):
        name = f"{slice_name}_segments"
        if name not in by_name:
            found.append(f"slice {slice_name} has no {name}")
            continue
        columns = list(by_name[name]["columns"])
        if columns[: len(LEADING_COLUMNS)] != LEADING_COLUMNS:
            found.append(f"{name} begins with {', '.join(columns[:5])}")
        if "reason" not in columns:
            found.append(f"{name} has no reason")
    return found


def description_violations(nodes: dict[str, Node]) -> list[str]:
    """Models, seeds and sources, or columns of theirs, that are not described."""
    found = []
    for node in of_type(nodes, "model", "seed", "source"):
        if not node["description"].strip():
            found.append(f"{node['name']} is not described")
        if not node["columns"]:
            found.append(f"{node['name']} describes no column")
        for name, column in node["columns"].items():
            meaning = re.sub(r"[\W_]+", " ", column["description"]).strip().lower()
            if not meaning:
                found.append(f"{node['name']}.{name} is not described")
            elif meaning in (said := name.replace("_", " ").lower(), f"the {said}"):
                found.append(f"{node['name']}.{name} is described by its own name")
    return found


def grain_violations(nodes: dict[str, Node]) -> list[str]:
    """Models whose first sentence does not say what one row is."""
    found = []
    for model in of_type(nodes, "model"):
        sentence = FIRST_SENTENCE.match(model["description"].strip() + "\n")
        if sentence is None or not GRAIN.search(sentence.group(1)):
            found.append(model["name"])
    return found


def money_violations(nodes: dict[str, Node]) -> list[str]:
    """Amounts of money in marts that are not decimal."""
    return [
        f"{mart['name']}.{name} is {column['data_type']}"
        for mart in marts(nodes)
        for name, column in mart["columns"].items()
        if name.endswith(MONEY_ENDINGS) and not EXACT_TYPE.match(column["data_type"] or "")
    ]


def seed_column_violations(seed: Node, header: list[str]) -> list[str]:
    """Columns that a config table has and its description does not, or the other way round."""
    return [
        f"{seed['name']}.{name}" for name in sorted(set(header) ^ set(seed["columns"]))
    ]


def test_every_mart_has_an_enforced_contract(nodes):
    assert marts(nodes) != []
    assert contract_violations(nodes) == []


def test_every_slice_ends_in_a_segment_table_of_the_common_shape(nodes):
    from tests_slices import SLICES

    assert segment_table_violations(nodes, SLICES) == []
