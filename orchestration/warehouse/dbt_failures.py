"""What went wrong in a dbt call, in one line and without a value from any row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FAILED = frozenset({"error", "fail", "runtime error"})


def failed_names(target_path: Path) -> list[str]:
    """Names of the models and tests that failed in a call, in dbt's order."""
    # unique ids read `test.strata.name.hash` or `model.strata.name`
    return [str(node["unique_id"]).split(".")[2] for node in _failed_nodes(target_path)]


def _failed_nodes(target_path: Path) -> list[dict[str, Any]]:
    try:
        results = json.loads((target_path / "run_results.json").read_text(encoding="utf-8"))
        return [node for node in results["results"] if node["status"] in _FAILED]
    except (OSError, ValueError, KeyError):
        return []


def dbt_failure_message(target_path: Path) -> str:
    """Name the first node that failed, and the log.

    dbt's own error text is left out where it isn't a count: a failed cast quotes the cell.

    Args:
        target_path: the call's folder with `run_results.json` and `dbt.log`.
    """
    log = target_path / "dbt.log"
    failed = _failed_nodes(target_path)
    if not failed:
        return f"dbt stopped before it had run everything; nothing was published; see {log}"
    kind, _, name = str(failed[0]["unique_id"]).split(".")[:3]
    others = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    if failed[0]["status"] == "fail":
        return (
            f"dbt {kind} {name} found {failed[0].get('failures')} rows{others};"
            f" nothing was published; see {log}"
        )
    return f"dbt {kind} {name} failed{others}; nothing was published; see {log}"
