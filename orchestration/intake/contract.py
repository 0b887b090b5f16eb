"""The input contract as intake sees it: read from the dbt sources of schema `raw`.

Its YAML files are the only place that lists tables and columns; here they become objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from orchestration.errors import StrataError

# Columns that every raw relation has beside those of the contract.
DELIVERY_COLUMNS = ("arrival_seq", "file_name", "row_number")

# A clear identifier's pseudonym goes into this column of the same table.
HASH_COLUMN_OF = {"email": "email_hash", "phone": "phone_hash"}

# Which namespace a column's pseudonyms live in: a clear address and its delivered hash share one.
_IDENTIFIER_KINDS = {
    "customer": "customer",
    "member": "member",
    "anonymous": "anonymous",
    "email": "email",
    "email_hash": "email",
    "phone": "phone",
    "phone_hash": "phone",
}

# The same YAML as safe_load reads, in C where that is built in: the file is long.
_FAST_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class ContractColumn:
    """A column that may be delivered.

    Attributes:
        name: as in the header of a delivered file.
        contract_type: text, id, decimal, timestamp, date, boolean or integer; what staging casts
            the text to.
        is_required: whether a file without it is refused.
        identifier_kind: customer, member, email, phone or anonymous where intake replaces the value
            by a pseudonym; None elsewhere.
        is_clear: delivered but never stored.
    """

    name: str
    contract_type: str
    is_required: bool
    identifier_kind: str | None
    is_clear: bool


@dataclass(frozen=True, slots=True)
class ContractTable:
    """A table of the contract.

    Attributes:
        name: also the landing subfolder and the relation's name in schema `raw`.
        columns: all that may be delivered, in the contract's order.
        one_of: columns of which at least one must be delivered; empty where the table has no such
            rule.
    """

    name: str
    columns: tuple[ContractColumn, ...]
    one_of: tuple[str, ...]

    @property
    def by_name(self) -> dict[str, ContractColumn]:
        """The columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def stored_columns(self) -> tuple[str, ...]:
        """The contract's columns that the raw relation has."""
        return tuple(column.name for column in self.columns if not column.is_clear)

    @property
    def raw_columns(self) -> tuple[str, ...]:
        """All columns of the raw relation."""
        return (*self.stored_columns, *DELIVERY_COLUMNS)

    @property
    def person_columns(self) -> tuple[str, ...]:
        """Stored columns whose pseudonym says whose row it is. A referrer is somebody else."""
        return tuple(
            column.name
            for column in self.columns
            if column.identifier_kind and not column.is_clear and not is_other_person(column.name)
        )

    @property
    def key_column(self) -> str | None:
        """The row's own id; None where the table's rows are known by their content."""
        for column in self.columns:
            if column.is_required and column.contract_type == "id" and column.name.endswith("_id"):
                return column.name
        return None


def is_other_person(column: str) -> bool:
    """Whether a column names somebody else than the person the row is about."""
    return column.startswith("referrer_")


@cache
def contract_tables(sources: Path) -> dict[str, ContractTable]:
    """The contract's tables by name.

    Args:
        sources: the folder with the dbt sources of schema `raw`.

    Raises:
        StrataError: there are none, or one lacks what intake needs.
    """
    files = sorted(sources.glob("*/_*__sources.yml"))
    if not files:
        raise StrataError(f"{sources}: no sources file with the input contract")
    tables = [table for file in files for table in _tables(file)]
    return {table.name: table for table in tables}


def _tables(file: Path) -> list[ContractTable]:
    try:
        document = yaml.load(file.read_text(encoding="utf-8"), _FAST_LOADER)
        return [_table(entry) for entry in document["sources"][0]["tables"]]
    except (OSError, yaml.YAMLError, KeyError, TypeError, IndexError) as error:
        raise StrataError(f"{file}: not a sources file with the input contract") from error


def _table(entry: dict[str, Any]) -> ContractTable:
    meta = entry.get("config", {}).get("meta", {})
    return ContractTable(
        name=entry["name"],
        columns=tuple(_column(column) for column in entry["columns"]),
        one_of=tuple(meta.get("one_of", ())),
    )


def _column(entry: dict[str, Any]) -> ContractColumn:
    meta = entry["config"]["meta"]
    pseudonym = meta.get("pseudonym")
    return ContractColumn(
        name=entry["name"],
        contract_type=meta["contract_type"],
        is_required=meta["required"],
        identifier_kind=_IDENTIFIER_KINDS[pseudonym] if pseudonym else None,
        is_clear=meta.get("clear", False),
    )
