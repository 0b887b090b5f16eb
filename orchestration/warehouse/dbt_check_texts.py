"""What a dbt test checks, as a sentence for Dagster's pages: a person reads it, not its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_REF = re.compile(r"^ref\(['\"](\w+)['\"]\)$")
_SINGULAR_PREFIX = "assert_"


def check_sentence(test: Mapping[str, Any]) -> str:
    """The sentence of one dbt test.

    Args:
        test: its node in the manifest.
    """
    config = test.get("config") or {}
    sentences = [test.get("description") or _what(test)]
    if config.get("where"):
        sentences.append(f"Looked at are rows where {config['where']}.")
    is_warning = (config.get("severity") or "error").lower() == "warn"
    sentences.append(
        "A violation is told and stops nothing."
        if is_warning
        else "A violation stops the run before anything is published."
    )
    return " ".join(sentences)


def _what(test: Mapping[str, Any]) -> str:
    metadata = test.get("test_metadata")
    if not metadata:
        return _in_words(test["name"].removeprefix(_SINGULAR_PREFIX))
    arguments = metadata["kwargs"]
    told = _SENTENCES.get(metadata["name"])
    return told(arguments) if told else _in_words(metadata["name"])


def _in_words(name: str) -> str:
    return name.replace("_", " ").capitalize() + "."


def _named(names: list[Any]) -> str:
    quoted = [f"`{name}`" for name in names]
    return " and ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))


def _range(arguments: Mapping[str, Any]) -> str:
    column = f"`{arguments['column_name']}`"
    least, most = arguments.get("minimum"), arguments.get("maximum")
    if most is None:
        return f"{column} is at least {least}."
    if least is None:
        return f"{column} is at most {most}."
    return f"{column} is between {least} and {most}."


def _relation(arguments: Mapping[str, Any]) -> str:
    found = _REF.match(arguments["to"].strip())
    table = found[1] if found else arguments["to"]
    return f"Every `{arguments['column_name']}` is a `{arguments['field']}` of `{table}`."


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "unique": lambda given: f"No two rows have the same `{given['column_name']}`.",
    "not_null": lambda given: f"`{given['column_name']}` is filled in every row.",
    "unique_combination": lambda given: (
        f"No two rows have the same {_named(given['column_names'])} together."
    ),
    "accepted_values": lambda given: (
        f"`{given['column_name']}` is nothing else than {_named(given['values'])}."
    ),
    "accepted_range": _range,
    "relationships": _relation,
    "has_every_profile": lambda given: "Every profile has its row, and nobody else has one.",
    "bands_start_at": lambda given: (
        f"The lowest `{given['column_name']}` is {given['start']}: no value falls below all bands."
    ),
    "reject_share_is_within_limit": lambda given: (
        f"No more rows of {given['input_name']} were rejected than `max_reject_share` allows."
    ),
}
