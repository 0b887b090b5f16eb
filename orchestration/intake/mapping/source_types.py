"""SQL that reads a source's text as the types a map declares; what can't be read is null."""

from __future__ import annotations

import re

from orchestration.intake.mapping.source_maps import NumberFormat, SourceColumn
from orchestration.warehouse.duckdb_warehouse import literal

# A day and a month, either of which may come first.
AMBIGUOUS_DATE = r"^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}"
INVALID = {
    "decimal": "invalid_number",
    "integer": "invalid_number",
    "timestamp": "invalid_timestamp",
    "date": "invalid_date",
    "boolean": "invalid_boolean",
}
_ISO_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
_ISO_TIME = "[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?"
_ISO_ZONE = " ?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)"
# Six decimals: prices and quantities of four, and two to spare for unit prices by weight.
_DECIMAL = "decimal(18, 6)"


def value_sql(cell: str, column: SourceColumn, numbers: NumberFormat, timezone: str) -> str:
    """The cell's value, null where it is blank or can't be read.

    Args:
        cell: SQL of the text.
        column: its declared type.
        numbers: how numbers are written where the column doesn't say.
        timezone: of instants without an offset. Of a local time that comes twice the second is
            meant, one that is skipped is read with the offset before the change: DuckDB's rules.

    Returns:
        SQL of type varchar, decimal(18, 6), bigint, timestamp in UTC, date or boolean.
    """
    text = f"trim({cell})"
    if column.type == "decimal":
        return _number(text, column.numbers or numbers, _DECIMAL)
    if column.type == "integer":
        return _number(text, column.numbers or numbers, "bigint")
    if column.type == "timestamp":
        return _instant(text, column.format, timezone)
    if column.type == "date":
        if column.format:
            return f"try_strptime({text}, {literal(column.format)})::date"
        return f"case when regexp_matches({text}, '{_ISO_DAY}$') then try_cast({text} as date) end"
    if column.type == "boolean":
        return (
            f"case when lower({text}) in ('true', 't', 'yes', 'y', '1') then true"
            f" when lower({text}) in ('false', 'f', 'no', 'n', '0') then false end"
        )
    return f"nullif({cell}, '')"


def _number(text: str, numbers: NumberFormat, sql_type: str) -> str:
    point = re.escape(numbers.decimal)
    whole, plain = "[0-9]+", text
    if numbers.thousands:
        whole = f"(?:[0-9]+|[0-9]{{1,3}}(?:{re.escape(numbers.thousands)}[0-9]{{3}})+)"
        plain = f"replace({text}, {literal(numbers.thousands)}, '')"
    if sql_type == "bigint":
        pattern = f"^[+-]?{whole}$"
    else:
        pattern = f"^[+-]?(?:{whole}(?:{point}[0-9]*)?|{point}[0-9]+)$"
        plain = f"replace({plain}, {literal(numbers.decimal)}, '.')"
    return (
        f"case when regexp_matches({text}, {literal(pattern)})"
        f" then try_cast({plain} as {sql_type}) end"
    )


def _instant(text: str, declared: str | None, timezone: str) -> str:
    zone = literal(timezone)
    if declared and re.search("%[zZ]", declared):
        return f"try_strptime({text}, {literal(declared)})::timestamptz at time zone 'UTC'"
    if declared:
        local = f"try_strptime({text}, {literal(declared)})"
        return f"timezone({zone}, {local}) at time zone 'UTC'"
    return (
        f"case when regexp_matches({text}, '{_ISO_DAY}({_ISO_TIME})?$')"
        f" then timezone({zone}, try_cast({text} as timestamp)) at time zone 'UTC'"
        f" when regexp_matches({text}, '{_ISO_DAY}{_ISO_TIME}{_ISO_ZONE}$')"
        f" then try_cast({text} as timestamptz) at time zone 'UTC' end"
    )
