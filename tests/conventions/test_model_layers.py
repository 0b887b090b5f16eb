"""Layers and slices: a model reads what lies below it, a slice reads no other slice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

SLICES = frozenset(
    {
        *("rfm", "journey", "engagement", "purchase", "benefits"),
        *("probabilistic", "loyalty", "value", "cluster"),
    }
)
# Composed by definition, so they read the slices they are composed of.
COMPOSED = {
    "loyalty": {"engagement"},
    "journey": {"loyalty", "probabilistic"},
    "value": {"loyalty", "probabilistic", "benefits"},
}
# Mart folders that are no slice. Those that stand on slices, and what each may read beside them.
ABOVE_SLICES = {
    "customers": {"customers"},
    "measurement": {"customers", "measurement"},
    "activation": {"customers", "measurement", "activation"},
}
BESIDE_SLICES = frozenset({"quality"})
HISTORY_READERS = frozenset({"customers", "measurement"})
CLOCK = "as_of"

Node = dict[str, Any]


def layer(node: Node) -> tuple[str, str]:
    """(layer, folder): the folder tells a mart's slice, or a source's schema."""
    if node["resource_type"] == "source":
        return "source", node["source_name"]
    if node["resource_type"] == "seed":
        return "config", ""
    parts = PurePosixPath(node["original_file_path"]).parts
    return (parts[1], parts[2] if len(parts) > 3 else "")


def models(nodes: dict[str, Node]) -> Iterator[Node]:
    return (node for node in nodes.values() if node["resource_type"] == "model")


def may_read(reader: tuple[str, str], read: tuple[str, str], name: str) -> bool:
    """Whether a model of one layer may read a node of another."""
    (layer_of_reader, own_folder), (layer_read, folder_read) = reader, read
    if layer_read == "source":
        return layer_of_reader == "staging"
    if layer_read == "config" or name == CLOCK:
        return True
    if layer_read == "history":
        return layer_of_reader == "history" or own_folder in HISTORY_READERS
    if layer_of_reader == "staging":
        return False
    if layer_of_reader == "intermediate":
        return layer_read in ("staging", "intermediate")
    if layer_of_reader == "history" and layer_read == "marts":
        return folder_read == "customers"
    if layer_read in ("staging", "intermediate"):
        return True
    if own_folder in ABOVE_SLICES:
        return folder_read not in ABOVE_SLICES or folder_read in ABOVE_SLICES[own_folder]
    return folder_read in {own_folder} | COMPOSED.get(own_folder, set())


def layer_violations(nodes: dict[str, Node]) -> list[str]:
    """Models that read what does not lie below them."""
    return [
        f"{model['name']} reads {nodes[read]['name']}"
        for model in models(nodes)
        for read in model["depends_on"]["nodes"]
        if not may_read(layer(model), layer(nodes[read]), nodes[read]["name"])
    ]


def folder_violations(nodes: dict[str, Node], selectors: set[str]) -> list[str]:
    """Folders of models that nobody declared, and mart folders without a selector."""
    found = []
    for layer_name, folder in sorted({layer(model) for model in models(nodes)}):
        if layer_name not in ("staging", "intermediate", "marts", "history"):
            found.append(f"models/{layer_name} is no layer")
        elif layer_name == "marts" and folder not in SLICES | BESIDE_SLICES | ABOVE_SLICES.keys():
            found.append(f"models/marts/{folder} is no declared slice or family")
        elif layer_name == "marts" and folder not in selectors:
            found.append(f"models/marts/{folder} has no selector of its name")
    return found


def unused_source_violations(nodes: dict[str, Node]) -> list[str]:
    """Sources that no model reads. The contract's tables may wait for the slice that reads them."""
    read = {parent for model in models(nodes) for parent in model["depends_on"]["nodes"]}
    return [
        node["name"]
        for unique_id, node in nodes.items()
        if node["resource_type"] == "source"
        and node["source_name"] != "raw"
        and unique_id not in read
    ]


def test_a_model_reads_layers_below_only(nodes):
    assert layer_violations(nodes) == []


def test_every_model_folder_is_declared_and_has_its_selector(nodes, project):
    selectors = yaml.safe_load((project.dbt_project / "selectors.yml").read_text(encoding="utf-8"))
    names = {selector["name"] for selector in selectors["selectors"]}
    assert folder_violations(nodes, names) == []


def test_every_source_that_the_project_writes_itself_is_read(nodes):
    assert unused_source_violations(nodes) == []


def planted(path: str, *reads: str) -> Node:
    return {
        "resource_type": "model",
        "name": PurePosixPath(path).stem,
        "original_file_path": f"models/{path}.sql",
        "depends_on": {"nodes": list(reads)},
    }


def shop(*added: Node) -> dict[str, Node]:
    """A small world to plant a violation in; ids are names."""
    standing = [
        {"resource_type": "source", "name": "orders", "source_name": "raw"},
        {"resource_type": "source", "name": "as_of_row", "source_name": "control"},
        {"resource_type": "seed", "name": "rfm_grid"},
        planted("staging/control/as_of", "as_of_row"),
        planted("staging/raw/stg_orders", "orders", "as_of"),
        planted("intermediate/orders/int_orders", "stg_orders", "as_of", "rfm_grid"),
        planted("intermediate/orders/int_order_days", "int_orders"),
        planted("marts/rfm/rfm_scores", "int_orders"),
        planted("marts/rfm/rfm_segments", "rfm_scores", "rfm_grid", "stg_orders"),
        planted("marts/engagement/engagement_segments", "int_orders"),
        planted("marts/loyalty/loyalty_segments", "engagement_segments"),
        planted("marts/customers/customer_360", "rfm_segments", "loyalty_segments"),
        planted("history/segment_change_log", "customer_360"),
        planted("marts/measurement/segment_kpis", "customer_360", "segment_change_log"),
        planted("marts/activation/audiences", "customer_360", "segment_kpis"),
        planted("marts/quality/capabilities", "int_orders"),
    ]
    return {node["name"]: node for node in [*standing, *added]}


def test_the_planted_world_itself_breaks_no_rule():
    assert layer_violations(shop()) == []


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("intermediate/orders/int_raw", "orders"),
        ("marts/rfm/rfm_raw", "orders"),
        ("marts/customers/customer_raw", "as_of_row"),
        ("staging/raw/stg_more", "stg_orders"),
        ("staging/raw/stg_upwards", "int_orders"),
        ("intermediate/orders/int_upwards", "rfm_segments"),
        ("marts/engagement/engagement_rfm", "rfm_segments"),
        ("marts/rfm/rfm_engagement", "engagement_segments"),
        ("marts/journey/journey_rfm", "rfm_segments"),
        ("marts/engagement/engagement_loyalty", "loyalty_segments"),
        ("marts/rfm/rfm_customers", "customer_360"),
        ("marts/quality/quality_rfm", "rfm_segments"),
        ("marts/rfm/rfm_history", "segment_change_log"),
        ("marts/activation/activation_history", "segment_change_log"),
        ("marts/customers/customer_kpis", "segment_kpis"),
        ("marts/measurement/measured_audiences", "audiences"),
        ("history/slice_log", "rfm_segments"),
    ],
)
def test_a_model_that_reads_what_it_must_not_is_named(path, read):
    name = PurePosixPath(path).stem
    assert layer_violations(shop(planted(path, read))) == [f"{name} reads {read}"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("marts/horoscope/horoscope_segments", "models/marts/horoscope is no declared slice"),
        ("marts/cluster/cluster_segments", "models/marts/cluster has no selector"),
        ("reports/monthly/monthly_report", "models/reports is no layer"),
    ],
)
def test_an_undeclared_folder_is_named(path, message):
    world = shop(planted(path))
    selectors = {"rfm", "engagement", "loyalty", "customers", "measurement", "activation"}
    found = folder_violations(world, selectors | {"quality"})
    assert len(found) == 1
    assert found[0].startswith(message)


def test_a_source_that_nobody_reads_is_named():
    unread = {"resource_type": "source", "name": "scores", "source_name": "predictions"}
    assert unused_source_violations(shop(unread)) == ["scores"]
