"""Whether SQL is an engine's own: it parses in its dialect and calls no function that it lacks.

Nobody has run this SQL. A function is let through if it is in the engine's list below, so a new one
is looked up once in that engine's documentation before it is added.
"""

from __future__ import annotations

import re
from itertools import pairwise

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Written like a call, but part of the language.
KEYWORDS = _words(
    "all and any as by case else exists except from having in intersect is join like not on or over"
    " partition select then union using values when where with within"
)
# With the same name and meaning everywhere.
COMMON = _words(
    "abs avg cast ceil coalesce concat count date_trunc decimal dense_rank extract first_value"
    " floor greatest lag last_value lead least length ln lower max md5 min mod nullif power rank"
    " replace round row_number sign sqrt sum trim upper"
)
OWN = {
    "snowflake": _words(
        "boolor_agg convert_timezone date_part dateadd datediff dayofweekiso last_day max_by"
        " position regexp_instr sha2 split_part try_cast try_to_timestamp_tz"
    ),
    "bigquery": _words(
        "array_agg bignumeric date date_add date_diff datetime datetime_add datetime_diff last_day"
        " logical_or regexp_contains safe_cast safe_offset sha256 split strpos timestamp"
        " timestamp_add timestamp_trunc to_hex unix_micros"
    ),
}
# What an engine has no word for, though a parser may forgive it.
_NOWHERE = r"\bhugeint\b|\bfilter\s*\(\s*where\b|\bgroup\s+by\s+all\b|//"
FOREIGN_WORDS = {
    "snowflake": re.compile(_NOWHERE, re.IGNORECASE),
    "bigquery": re.compile(rf"{_NOWHERE}|\b(varchar|double)\b|::", re.IGNORECASE),
}
DECIMAL = re.compile(r"\bdecimal\s*\(\s*(\d+)\s*,\s*(\d+)\s*\)", re.IGNORECASE)
# Digits in front of the point and behind it.
WIDEST_DECIMAL = {"snowflake": (38, 37), "bigquery": (29, 9)}
STRING_OR_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^'\\]|\\.|'')*'", re.DOTALL)


def dialect_faults(sql: str, dialect: str) -> list[str]:
    """What in the SQL is not of the dialect."""
    try:
        sqlglot.parse(sql, dialect=dialect)
    except SqlglotError as error:
        return [f"does not parse: {str(error).splitlines()[0]}"]
    known = KEYWORDS | COMMON | OWN[dialect]
    tokens = sqlglot.Dialect.get_or_raise(dialect).tokenize(sql)
    called = {
        name.text.lower()
        for name, bracket in pairwise(tokens)
        if bracket.token_type is TokenType.L_PAREN and re.fullmatch(r"\w+", name.text)
    }
    # An alias before a column list, or a number, is not called.
    faults = [f"calls {name}" for name in sorted(called - known) if not name.isdigit()]
    bare = STRING_OR_COMMENT.sub("''", sql)
    faults += [f"says {match.group()}" for match in FOREIGN_WORDS[dialect].finditer(bare)]
    in_front, behind = WIDEST_DECIMAL[dialect]
    return faults + [
        f"says {match.group()}"
        for match in DECIMAL.finditer(bare)
        if int(match.group(2)) > behind or int(match.group(1)) - int(match.group(2)) > in_front
    ]
