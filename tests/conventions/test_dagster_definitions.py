"""The definitions as Dagster loads them: without a warning, with a producer for every source.

They are loaded in a process of their own, with a home of their own: loading reads the environment
once and keeps it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

LOAD = """
import json, sys, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import dagster as dg
    from orchestration.definitions import defs
    loaded = defs() if not isinstance(defs, dg.Definitions) else defs
    loaded = loaded.load_definitions() if hasattr(loaded, "load_definitions") else loaded
    graph = loaded.resolve_asset_graph()
    nodes = [(key, graph.get(key)) for key in graph.get_all_asset_keys()]
json.dump(
    {
        "assets": [
            {
                "key": list(key.path),
                "is_executable": node.is_executable,
                "group": node.group_name,
                "parents": [list(parent.path) for parent in node.parent_keys],
            }
            for key, node in nodes
        ],
        "jobs": [job.name for job in loaded.resolve_all_job_defs()],
        "warnings": [[w.category.__name__, str(w.message), w.filename] for w in caught],
    },
    sys.stdout,
)
"""

# Warnings of libraries about each other are no concern of ours; these are about how we use Dagster.
OF_DAGSTER = frozenset(
    {"BetaWarning", "PreviewWarning", "SupersessionWarning", "ExperimentalWarning"}
)


def our_warnings(warnings: list[list[str]], root: str) -> list[str]:
    """Warnings about how Dagster is used, and those that point into the checkout's own code."""
    return [
        f"{category}: {message}"
        for category, message, file in warnings
        if category in OF_DAGSTER
        or file.startswith(f"{root}/orchestration/")
        or (category == "DeprecationWarning" and "/dagster" in file)
    ]


def without_producer(assets: list[dict[str, Any]]) -> list[str]:
    """Assets that something reads and nothing in the code location makes."""
    return sorted("/".join(asset["key"]) for asset in assets if not asset["is_executable"])


def missing_sources(assets: list[dict[str, Any]], sources: list[dict[str, Any]]) -> list[str]:
    """dbt sources whose asset [schema, table] is not there."""
    keys = {tuple(asset["key"]) for asset in assets}
    wanted = {(source["source_name"], source["name"]) for source in sources}
    return sorted("/".join(key) for key in wanted - keys)


def in_no_group(assets: list[dict[str, Any]]) -> list[str]:
    """Assets that were left in Dagster's group of that name."""
    return sorted("/".join(asset["key"]) for asset in assets if asset["group"] == "default")


def circles_of_groups(assets: list[dict[str, Any]]) -> list[str]:
    """Groups that lead back to themselves: Dagster can't draw those from left to right."""
    group_of = {tuple(asset["key"]): asset["group"] for asset in assets}
    before: dict[str, set[str]] = {group: set() for group in group_of.values()}
    for asset in assets:
        parents = {group_of[tuple(parent)] for parent in asset["parents"]}
        before[asset["group"]] |= parents - {asset["group"]}
    while first := [group for group, parents in before.items() if not parents]:
        for group in first:
            del before[group]
        for parents in before.values():
            parents -= set(first)
    return sorted(before)


def wrong_keys(assets: list[dict[str, Any]]) -> list[str]:
    """Assets whose key is not [schema, table]."""
    return sorted("/".join(asset["key"]) for asset in assets if len(asset["key"]) != 2)


@pytest.fixture(scope="module")
def loaded(manifest_path, convention_home, project) -> dict[str, Any]:
    environment = os.environ | {
        "STRATA_HOME": str(convention_home.root),
        "DAGSTER_HOME": "",
        "PYTHONPATH": str(project.root),
    }
    environment.pop("STRATA_CONFIG", None)
    finished = subprocess.run(
        [sys.executable, "-c", LOAD],
        cwd=convention_home.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    # Whatever a library prints while it loads stands before it.
    return json.loads(finished.stdout.splitlines()[-1])


def test_definitions_load_without_a_warning(loaded, project):
    assert our_warnings(loaded["warnings"], str(project.root)) == []


def test_every_dbt_source_has_a_producer(loaded, nodes):
    sources = [node for node in nodes.values() if node["resource_type"] == "source"]
    assert sources != []
    assert missing_sources(loaded["assets"], sources) == []
    assert without_producer(loaded["assets"]) == []


def test_every_asset_is_keyed_by_schema_and_table_and_has_a_group(loaded):
    assert len(loaded["assets"]) > 50
    assert wrong_keys(loaded["assets"]) == []
    assert in_no_group(loaded["assets"]) == []


def test_groups_read_from_left_to_right(loaded):
    assert len({asset["group"] for asset in loaded["assets"]}) > 10
    assert circles_of_groups(loaded["assets"]) == []


def test_loading_opens_no_database(loaded, convention_home):
    assert not convention_home.build_db.exists()
    assert not convention_home.published_db.exists()


def test_the_daily_job_is_there(loaded):
    assert "daily" in loaded["jobs"]


def asset(*key: str, is_executable: bool = True, group: str = "rfm") -> dict[str, Any]:
    return {"key": list(key), "is_executable": is_executable, "group": group, "parents": []}


def test_a_source_without_a_producer_is_named():
    assets = [asset("raw", "orders"), asset("raw", "events", is_executable=False)]
    assert without_producer(assets) == ["raw/events"]


def test_a_source_without_an_asset_is_named():
    sources = [{"source_name": "raw", "name": "orders"}, {"source_name": "raw", "name": "events"}]
    assert missing_sources([asset("raw", "orders")], sources) == ["raw/events"]


def test_an_asset_with_another_key_or_without_a_group_is_named():
    assets = [asset("rfm_segments"), asset("marts", "rfm_segments", group="default")]
    assert wrong_keys(assets) == ["rfm_segments"]
    assert in_no_group(assets) == ["marts/rfm_segments"]


def test_groups_that_lead_back_to_themselves_are_named():
    assets = [
        asset("raw", "orders", group="intake"),
        asset("marts", "a", group="rfm") | {"parents": [["raw", "orders"]]},
        asset("history", "b", group="history") | {"parents": [["marts", "a"]]},
        asset("marts", "c", group="rfm") | {"parents": [["history", "b"]]},
    ]
    assert circles_of_groups(assets) == ["history", "rfm"]


@pytest.mark.parametrize(
    ("warning", "is_ours"),
    [
        (["PreviewWarning", "may break", "site/dagster/x.py"], True),
        (["SupersessionWarning", "use another", "site/other/x.py"], True),
        (["DeprecationWarning", "old", "site/dagster_dbt/x.py"], True),
        (["UserWarning", "odd", "checkout/orchestration/defs/x.py"], True),
        (["DeprecationWarning", "old", "site/urllib3/x.py"], False),
    ],
)
def test_a_warning_about_our_use_of_dagster_is_told(warning, is_ours):
    assert len(our_warnings([warning], "checkout")) == is_ours
