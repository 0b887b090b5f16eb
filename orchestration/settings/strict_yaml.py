"""YAML as a person writes it by hand: a key that stands twice is a fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from orchestration.errors import StrataError


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML that refuses a key which its mapping has already."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Check the keys' names, then build the mapping."""
        seen: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            line = key.start_mark.line + 1
            if key.value in seen:
                raise yaml.YAMLError(
                    f"'{key.value}' stands in line {seen[key.value]} and in line {line}; leave one"
                )
            seen[key.value] = line
        return super().construct_mapping(node, deep)


def read_yaml(path: Path, what: str) -> Any:  # noqa: ANN401 whatever the file holds
    """Read one file.

    Args:
        path: the file.
        what: what it is meant to be, as in "can't be read as YAML".

    Raises:
        StrataError: it can't be read, or has a key twice; in one line.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _StrictLoader)
    except (OSError, yaml.YAMLError, ValueError) as error:
        # ValueError: text that isn't UTF-8, or a day such as 30 February.
        detail = " ".join(str(error).split())
        raise StrataError(f"{path}: can't be read as {what} ({detail})") from error
