"""Maps: how files of a foreign shape become rows of the input contract. Read and checked here.

A map names its files, how they are parsed and the types of their columns, then the contract's
tables with an expression per column. `settings` are the source's own values of strata.yml.
"""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Container
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from orchestration.errors import StrataError
from orchestration.intake.contract import HASH_COLUMN_OF, ContractTable
from orchestration.intake.mapping.map_expressions import ROW_VALUES, ExpressionError, compiled
from orchestration.settings.settings_model import TimeZone
from orchestration.settings.strict_yaml import read_yaml
from orchestration.settings.suggestions import did_you_mean

OneCharacter = Annotated[str, StringConstraints(pattern=r"^[\x01-\x7f]$")]
ReasonCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
ColumnType = Literal["text", "decimal", "integer", "timestamp", "date", "boolean"]


def _known_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError(f"no such encoding '{name}'") from None
    return name


class _MapPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CsvOptions(_MapPart):
    """How a CSV file's cells are told apart."""

    delimiter: OneCharacter = ","
    quote: OneCharacter | None = '"'
    header: bool = True


class NumberFormat(_MapPart):
    """How numbers are written."""

    decimal: OneCharacter = "."
    thousands: OneCharacter | None = None

    @model_validator(mode="after")
    def _signs_differ(self) -> NumberFormat:
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands are the same sign")
        return self


class SourceColumn(_MapPart):
    """A column of the source.

    Attributes:
        type: what its text is read as.
        format: of a timestamp or date, as in strptime; where None, ISO 8601.
        numbers: of a decimal or integer; where None, the map's.
        optional: whether a file may lack it; it is null then.
        start: first character, from 1, in a file of fixed width.
        width: characters, in a file of fixed width.
    """

    type: ColumnType = "text"
    format: str | None = None
    numbers: NumberFormat | None = None
    optional: bool = False
    start: Annotated[int, Field(ge=1)] | None = None
    width: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _format_fits_type(self) -> SourceColumn:
        if self.format and self.type not in ("timestamp", "date"):
            raise ValueError(f"a {self.type} column has no format")
        if self.numbers and self.type not in ("decimal", "integer"):
            raise ValueError(f"a {self.type} column has no numbers")
        return self


class LeaveOut(_MapPart):
    """Rows that no table is to have, and why; they are counted as rejected."""

    where: str
    reason: ReasonCode


class TargetTable(_MapPart):
    """A table of the contract that the source feeds.

    Attributes:
        table: its name.
        where: which rows; where None, all.
        group_by: source columns; rows that agree in them become one.
        columns: contract column to expression.
    """

    table: str
    where: str | None = None
    group_by: tuple[str, ...] = ()
    columns: dict[str, str]


class SourceMap(_MapPart):
    """A whole map."""

    description: str = ""
    settings: dict[str, Any] = {}
    files: Annotated[tuple[str, ...], Field(min_length=1)]
    format: Literal["csv", "parquet", "ndjson", "whitespace", "fixed_width"]
    csv: CsvOptions = CsvOptions()
    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8"
    timezone: TimeZone
    numbers: NumberFormat = NumberFormat()
    exact_duplicates: Literal["keep", "drop"] = "keep"
    columns: Annotated[dict[str, SourceColumn], Field(min_length=1)]
    leave_out: tuple[LeaveOut, ...] = ()
    tables: Annotated[tuple[TargetTable, ...], Field(min_length=1)]

    @field_validator("columns", mode="before")
    @classmethod
    def _short_form(cls, columns: Any) -> Any:  # noqa: ANN401 whatever YAML holds
        """`Quantity: decimal` is short for `Quantity: {type: decimal}`."""
        if not isinstance(columns, dict):
            return columns
        return {
            name: {"type": column} if isinstance(column, str) else column
            for name, column in columns.items()
        }

    @property
    def digest(self) -> str:
        """Changes with all that changes what rows become; not with words or settings."""
        said = self.model_dump(mode="json", exclude={"description", "settings"})
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    @property
    def sql_names(self) -> dict[str, str]:
        """Source columns and row values, by the names they have in SQL."""
        places = {name: f"v{place}" for place, name in enumerate(self.columns)}
        return {name: name for name in ROW_VALUES} | places


def map_name(path: Path) -> str:
    """What a map is called in the ledger and in reports."""
    return path.stem


def load_map(path: Path, tables: dict[str, ContractTable]) -> SourceMap:
    """Read and check a map.

    Args:
        path: the YAML file.
        tables: the input contract.

    Raises:
        StrataError: one line that names the map, the place in it and what is wrong.
    """
    document = read_yaml(path, "a map")
    if not isinstance(document, dict):
        raise StrataError(f"{path}: expected the keys of a map, such as files: and tables:")
    try:
        source_map = SourceMap.model_validate(document)
    except ValidationError as error:
        raise StrataError(f"{path}: {_told(error)}") from None
    _check_places(path, source_map)
    for place, target in enumerate(source_map.tables):
        _check_target(path, f"tables.{place}", source_map, target, tables)
    names = [target.table for target in source_map.tables]
    if len(set(names)) < len(names):
        raise StrataError(f"{path}: tables: a table stands twice; merge the two into one")
    for place, rule in enumerate(source_map.leave_out):
        _check_expression(path, f"leave_out.{place}.where", rule.where, source_map)
    return source_map


def _check_places(path: Path, source_map: SourceMap) -> None:
    for name, column in source_map.columns.items():
        has_place = column.start is not None and column.width is not None
        if source_map.format == "fixed_width" and not has_place:
            raise StrataError(f"{path}: columns.{name}: fixed_width needs start and width")
        if source_map.format == "whitespace" and column.optional:
            raise StrataError(f"{path}: columns.{name}: no cell is optional between blanks")
    if source_map.format in ("parquet", "ndjson") and source_map.encoding != "utf-8":
        raise StrataError(f"{path}: encoding: {source_map.format} is always utf-8")


def _check_target(
    path: Path,
    where: str,
    source_map: SourceMap,
    target: TargetTable,
    tables: dict[str, ContractTable],
) -> None:
    if target.table not in tables:
        raise StrataError(
            f"{path}: {where}: no table '{target.table}' in the input contract"
            f"{did_you_mean(target.table, tables)}"
        )
    table = tables[target.table]
    for name in target.columns:
        if name not in table.by_name:
            raise StrataError(
                f"{path}: {where}.columns: {target.table} has no column '{name}'"
                f"{did_you_mean(name, table.by_name)}"
            )
    missing = missing_columns(table, target.columns)
    if missing:
        raise StrataError(f"{path}: {where}.columns: {target.table} needs {missing}")
    for name in target.group_by:
        if name not in source_map.columns:
            raise StrataError(
                f"{path}: {where}.group_by: unknown column '{name}'"
                f"{did_you_mean(name, source_map.columns)}"
            )
    if target.where is not None:
        _check_expression(path, f"{where}.where", target.where, source_map)
    group_by = target.group_by or None
    for name, text in target.columns.items():
        _check_expression(path, f"{where}.columns.{name}", text, source_map, group_by)


def missing_columns(table: ContractTable, names: Container[str]) -> str | None:
    """What required columns are not among the names, in words; None where all are there."""
    for column in table.columns:
        if column.is_required and column.name not in names:
            return f"column {column.name}"
    clear = {name: clear for clear, name in HASH_COLUMN_OF.items() if clear in table.by_name}
    if table.one_of and not any(name in names or clear.get(name) in names for name in table.one_of):
        return f"one of the columns {', '.join(table.one_of)}"
    return None


def _check_expression(
    path: Path,
    where: str,
    text: str,
    source_map: SourceMap,
    group_by: tuple[str, ...] | None = None,
) -> None:
    try:
        compiled(text, source_map.sql_names, group_by=group_by)
    except ExpressionError as error:
        raise StrataError(f"{path}: {where}: {error}") from None


def _told(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        name = str(first["loc"][-1])
        known = _keys_at(first["loc"][:-1])
        return f"{where}: unknown key '{name}'{did_you_mean(name, known)}"
    said = first["msg"].removeprefix("Value error, ")
    return f"{where}: {said[:1].lower()}{said[1:]}"


def _keys_at(location: tuple[int | str, ...]) -> tuple[str, ...]:
    """The keys that the part of a map at this place may have."""
    parts: dict[str, type[_MapPart]] = {
        "csv": CsvOptions,
        "numbers": NumberFormat,
        "columns": SourceColumn,
        "leave_out": LeaveOut,
        "tables": TargetTable,
    }
    named = [part for part in location if part in parts]
    return tuple((parts[str(named[-1])] if named else SourceMap).model_fields)
