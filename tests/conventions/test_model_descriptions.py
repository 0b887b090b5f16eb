"""What a reader of a table is promised: contracts, leading columns, grain, meaning, exact money."""

from __future__ import annotations

import csv
import re
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

LEADING_COLUMNS = ["profile_id", "as_of_date", "segment_code", "segment_name", "segment_rank"]
NO_SLICES = frozenset({"customers", "measurement", "activation", "quality"})
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


def segment_table_violations(nodes: dict[str, Node]) -> list[str]:
    """Slices without their segment table, and segment tables of another shape."""
    found = []
    folders = {PurePosixPath(mart["original_file_path"]).parts[2] for mart in marts(nodes)}
    by_name = {mart["name"]: mart for mart in marts(nodes)}
    for slice_name in sorted(folders - NO_SLICES):
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
    return [f"{seed['name']}.{name}" for name in sorted(set(header) ^ set(seed["columns"]))]


def test_every_mart_has_an_enforced_contract(nodes):
    assert marts(nodes) != []
    assert contract_violations(nodes) == []


def test_every_slice_ends_in_a_segment_table_of_the_common_shape(nodes):
    assert segment_table_violations(nodes) == []


def test_every_table_and_column_is_described_and_not_by_its_own_name(nodes):
    assert description_violations(nodes) == []


def test_the_first_sentence_about_a_model_says_what_one_row_is(nodes):
    assert grain_violations(nodes) == []


def test_money_in_marts_is_decimal(nodes):
    assert money_violations(nodes) == []


def test_every_config_table_is_described_column_by_column(nodes, project):
    seeds = {seed["name"]: seed for seed in of_type(nodes, "seed")}
    shipped = sorted(project.config_tables.glob("*.csv"))
    assert seeds.keys() == {path.stem for path in shipped}
    found = []
    for path in shipped:
        with path.open(newline="", encoding="utf-8") as lines:
            found += seed_column_violations(seeds[path.stem], next(csv.reader(lines)))
    assert found == []


def planted(path: str, columns: dict[str, tuple[str, str]], **changes: Any) -> dict[str, Node]:
    """One model; columns are name to (description, type)."""
    node = {
        "resource_type": "model",
        "name": Path(path).stem,
        "original_file_path": f"models/{path}.sql",
        "description": "One row per profile.",
        "config": {"contract": {"enforced": True}},
        "columns": {
            name: {"description": description, "data_type": data_type}
            for name, (description, data_type) in columns.items()
        },
    }
    return {node["name"]: node | changes}


SEGMENT_TABLE = dict.fromkeys([*LEADING_COLUMNS, "reason"], ("What it means.", "varchar"))


def test_a_model_by_the_book_breaks_no_rule():
    good = planted("marts/rfm/rfm_segments", SEGMENT_TABLE)
    for rule in (
        contract_violations,
        segment_table_violations,
        description_violations,
        grain_violations,
        money_violations,
    ):
        assert rule(good) == []


@pytest.mark.parametrize("contract", [None, {}, {"enforced": False}])
def test_a_mart_without_a_contract_is_named(contract):
    mart = planted("marts/rfm/rfm_segments", SEGMENT_TABLE, config={"contract": contract})
    assert contract_violations(mart) == ["rfm_segments"]


def test_a_slice_without_a_segment_table_is_named():
    mart = planted("marts/rfm/rfm_thresholds", SEGMENT_TABLE)
    assert segment_table_violations(mart) == ["slice rfm has no rfm_segments"]


def test_a_segment_table_with_other_leading_columns_is_named():
    columns = {name: SEGMENT_TABLE[name] for name in [*reversed(LEADING_COLUMNS), "reason"]}
    mart = planted("marts/rfm/rfm_segments", columns)
    assert segment_table_violations(mart) == [
        "rfm_segments begins with segment_rank, segment_name, segment_code, as_of_date, profile_id"
    ]


def test_a_segment_table_without_a_reason_is_named():
    columns = {name: SEGMENT_TABLE[name] for name in LEADING_COLUMNS}
    mart = planted("marts/rfm/rfm_segments", columns)
    assert segment_table_violations(mart) == ["rfm_segments has no reason"]


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ("", "is not described"),
        ("  ", "is not described"),
        ("Order count.", "is described by its own name"),
        ("The order count", "is described by its own name"),
        ("order_count", "is described by its own name"),
    ],
)
def test_a_column_without_a_meaning_is_named(description, said):
    model = planted("intermediate/orders/int_orders", {"order_count": (description, "bigint")})
    assert description_violations(model) == [f"int_orders.order_count {said}"]


def test_a_table_without_a_description_or_without_columns_is_named():
    model = planted("intermediate/orders/int_orders", {}, description=" ")
    assert description_violations(model) == [
        "int_orders is not described",
        "int_orders describes no column",
    ]


@pytest.mark.parametrize(
    ("description", "violations"),
    [
        ("One row per profile with an order.", []),
        ("The as-of day, one row.", []),
        ("Orders of the day.", ["int_orders"]),
        ("Orders of the day. One row per order.", ["int_orders"]),
        ("", ["int_orders"]),
    ],
)
def test_a_description_that_hides_its_grain_is_named(description, violations):
    columns = {"order_id": ("The key.", "varchar")}
    model = planted("intermediate/orders/int_orders", columns, description=description)
    assert grain_violations(model) == violations


@pytest.mark.parametrize("data_type", ["double", "float", "varchar", None])
def test_money_that_is_not_decimal_is_named(data_type):
    columns = {
        "net_revenue": ("Money.", data_type),
        "gross_amount": ("Money.", "decimal(18,4)"),
        "order_count": ("No money.", "bigint"),
    }
    mart = planted("marts/rfm/rfm_segments", columns)
    assert money_violations(mart) == [f"rfm_segments.net_revenue is {data_type}"]


def test_a_config_column_that_is_not_described_or_not_there_is_named():
    seed = {"name": "rfm_grid", "columns": {"cell": {}, "left_over": {}}}
    assert seed_column_violations(seed, ["cell", "segment_code"]) == [
        "rfm_grid.left_over",
        "rfm_grid.segment_code",
    ]
