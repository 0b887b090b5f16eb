"""Expressions in maps: parsed, and taken only where each part of them is on the list below.

A map is data, not code: no subquery, no function that reads a file, a setting or the clock, no cast
to anything but a plain type. What is allowed is written out again by the parser, with the source's
columns under names of our own, so a column's name can't be read as SQL either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from orchestration.settings.suggestions import did_you_mean

# Each row's own values beside the source's columns: the file's hash, the row's number in it, and a
# secret hash of all its declared columns.
ROW_VALUES = ("file_sha256", "row_number", "row_key")

_OPERATORS = (
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.DPipe),
    *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Is),
    *(exp.And, exp.Or, exp.Not, exp.Paren, exp.Like, exp.ILike, exp.Case, exp.If),
)
_FUNCTIONS = (
    *(exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least, exp.Abs, exp.Round, exp.Floor),
    *(exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.Substring, exp.Left, exp.Right),
    *(exp.Replace, exp.RegexpReplace, exp.RegexpLike, exp.RegexpExtract, exp.SplitPart),
    *(exp.StrPosition, exp.StartsWith, exp.EndsWith, exp.Contains, exp.Concat, exp.ConcatWs),
)
_VALUES = (exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Boolean)
_CASTS = (exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam)
_AGGREGATES = (exp.Sum, exp.Min, exp.Max, exp.Count)
_ALLOWED = frozenset((*_OPERATORS, *_FUNCTIONS, *_VALUES, *_CASTS))
_PLAIN_TYPES = frozenset({"TEXT", "VARCHAR", "INT", "BIGINT", "DECIMAL", "DOUBLE", "BOOLEAN"}) | {
    "DATE",
    "TIMESTAMP",
}


class ExpressionError(ValueError):
    """An expression that a map can't have; the text says why."""


def compiled(
    text: str,
    columns: Mapping[str, str],
    *,
    group_by: Collection[str] | None = None,
) -> str:
    """The expression as DuckDB SQL.

    Args:
        text: as written in the map.
        columns: source columns, and ROW_VALUES, to the names they have in SQL.
        group_by: source columns that rows are grouped by: aggregates are then allowed, and other
            columns stand inside them. None: each row stands for itself.

    Raises:
        ExpressionError: no expression, or one with something in it that isn't on the list.
    """
    try:
        trees = sqlglot.parse(text, read="duckdb")
    except (SqlglotError, RecursionError):
        raise ExpressionError("can't be read as an SQL expression") from None
    if len(trees) != 1 or trees[0] is None:
        raise ExpressionError("is not one SQL expression")
    tree = trees[0]
    for node in list(tree.walk()):
        _check(node, may_aggregate=group_by is not None)
    if group_by is not None:
        _check_grouping(tree, group_by)
    # In a bracket of its own: the root can't be replaced, and may be a column or a cast.
    held = exp.Paren(this=tree)
    for column in list(held.find_all(exp.Column)):
        column.replace(_renamed(column, columns))
    for cast in list(held.find_all(exp.Cast)):
        if type(cast) is exp.Cast:
            # What can't be cast is null, never an error that quotes the cell.
            cast.replace(exp.TryCast(this=cast.this, to=cast.args["to"]))
    return held.this.sql(dialect="duckdb", comments=False)


def _check(node: exp.Expression, *, may_aggregate: bool) -> None:
    if isinstance(node, exp.Star) and isinstance(node.parent, exp.Count) and may_aggregate:
        return
    if type(node) in _AGGREGATES:
        if not may_aggregate:
            raise ExpressionError(f"{_name(node)} needs a group_by")
        if node.find_ancestor(*_AGGREGATES):
            raise ExpressionError(f"{_name(node)} stands inside another sum, min, max or count")
        return
    if type(node) not in _ALLOWED:
        raise ExpressionError(f"{_name(node)} is not allowed in a map")
    if isinstance(node, exp.DataType) and node.this.value not in _PLAIN_TYPES:
        raise ExpressionError(f"a cast to {node.this.value.lower()} is not allowed in a map")
    if isinstance(node, exp.Column) and node.table:
        raise ExpressionError(f"'{node.sql()}' is not a column; write the column's name alone")


def _check_grouping(tree: exp.Expression, group_by: Collection[str]) -> None:
    for column in tree.find_all(exp.Column):
        if column.name not in group_by and not column.find_ancestor(*_AGGREGATES):
            raise ExpressionError(
                f"'{column.name}' is not in group_by; put it inside sum, min, max or count"
            )


def _renamed(column: exp.Column, columns: Mapping[str, str]) -> exp.Expression:
    if column.name not in columns:
        raise ExpressionError(f"unknown column '{column.name}'{did_you_mean(column.name, columns)}")
    return exp.column(columns[column.name], quoted=True)


def _name(node: exp.Expression) -> str:
    if isinstance(node, exp.Anonymous):
        return f"{node.name}()"
    if isinstance(node, exp.Func):
        return f"{node.sql_name().lower()}()"
    return type(node).__name__.lower()
