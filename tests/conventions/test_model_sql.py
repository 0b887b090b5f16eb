"""What no model, macro or test may say in SQL: the clock, ntile, a bare union, a bare distinct."""

from __future__ import annotations

import re

import pytest

# A query may look like one of these inside a string or a comment; both are taken out first.
CLOCK = re.compile(
    r"\b(current_date|current_time|current_timestamp|localtime|localtimestamp|getdate|sysdate|"
    r"transaction_timestamp|get_current_timestamp|run_started_at|modules\.datetime)\b"
    r"|\b(now|today)\s*\(",
    re.IGNORECASE,
)
NTILE = re.compile(r"\bntile\b", re.IGNORECASE)
BARE_UNION = re.compile(r"\bunion\b(?!\s+all\b)", re.IGNORECASE)
DISTINCT_ROWS = re.compile(r"\bselect\s+distinct\b", re.IGNORECASE)
FOLDERS = ("dbt_project/models/", "dbt_project/macros/", "dbt_project/tests/")

COMMENT_OR_STRING = re.compile(
    r"(?P<comment>\{#.*?#\}|/\*.*?\*/|--[^\n]*)|'(?:[^']|'')*'|\"[^\"\n]*\"", re.DOTALL
)


def code_only(sql: str) -> str:
    """The SQL with comments and strings blanked, line by line where it was."""
    return COMMENT_OR_STRING.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), sql)


def commented_lines(sql: str) -> set[int]:
    """Numbers of the lines, from 0 on, that carry a part of a comment."""
    lines: set[int] = set()
    for match in COMMENT_OR_STRING.finditer(sql):
        if match.group("comment"):
            first = sql.count("\n", 0, match.start())
            lines |= set(range(first, first + match.group().count("\n") + 1))
    return lines


def matches(texts: dict[str, str], pattern: re.Pattern[str]) -> list[str]:
    """Where the pattern occurs in code: `path:line`."""
    found = []
    for path, sql in texts.items():
        code = code_only(sql)
        found += [
            f"{path}:{code.count(chr(10), 0, match.start()) + 1}"
            for match in pattern.finditer(code)
        ]
    return found


def unexplained_distinct(texts: dict[str, str]) -> list[str]:
    """`select distinct` with no comment on its line or the two before: it may hide a fan-out."""
    found = []
    for place in matches(texts, DISTINCT_ROWS):
        path, line = place.rsplit(":", 1)
        if not commented_lines(texts[path]) & set(range(int(line) - 3, int(line))):
            found.append(place)
    return found


@pytest.fixture(scope="module")
def queries(repository_texts: dict[str, str]) -> dict[str, str]:
    return {
        path: text
        for path, text in repository_texts.items()
        if path.startswith(FOLDERS) and path.endswith(".sql")
    }


def test_no_model_reads_the_clock(queries):
    assert len(queries) > 50
    assert matches(queries, CLOCK) == []


def test_no_model_cuts_ties_apart_with_ntile(queries):
    assert matches(queries, NTILE) == []


def test_no_union_drops_equal_rows(queries):
    assert matches(queries, BARE_UNION) == []


def test_select_distinct_says_why(queries):
    assert unexplained_distinct(queries) == []


@pytest.mark.parametrize(
    "sql",
    [
        "select current_date",
        "select\n\n  Now ()",
        "where order_date < today()",
        "{{ run_started_at }}",
        "{% set day = modules.datetime.date.today() %}",
        "select cast(current_timestamp as date)",
    ],
)
def test_a_model_that_reads_the_clock_is_named(sql):
    assert len({place.split(":")[0] for place in matches({"planted.sql": sql}, CLOCK)}) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "select 1 -- never current_date",
        "{# now() is banned #}select 1",
        "/* today() */ select 'current_date'",
        "select known_at, current_date_text",
    ],
)
def test_a_clock_in_a_comment_a_string_or_another_name_is_none(sql):
    assert matches({"planted.sql": sql}, CLOCK) == []


def test_ntile_is_named_with_its_line():
    sql = "select\n    ntile(5) over (order by monetary_total)\nfrom scores"
    assert matches({"planted.sql": sql}, NTILE) == ["planted.sql:2"]


@pytest.mark.parametrize(
    ("sql", "places"),
    [
        ("select 1\nunion\nselect 2", ["planted.sql:2"]),
        ("select 1 UNION DISTINCT select 2", ["planted.sql:1"]),
        ("select 1\nunion all\nselect 2", []),
        ("select 1\nunion\n    all by name select 2", []),
        ("-- a union of sets\nselect 1", []),
    ],
)
def test_a_union_without_all_is_named(sql, places):
    assert matches({"planted.sql": sql}, BARE_UNION) == places


@pytest.mark.parametrize(
    ("sql", "places"),
    [
        ("select distinct order_id from lines", ["planted.sql:1"]),
        ("-- why\n\n\n\nselect distinct order_id", ["planted.sql:5"]),
        ("-- A parent may stand in several lines.\nselect distinct order_id", []),
        ("select distinct order_id -- one per order", []),
        ("{# One row per pair\n   of both. #}\nselect distinct order_id", []),
        ("select count(distinct order_id) from lines", []),
    ],
)
def test_a_distinct_without_a_reason_is_named(sql, places):
    assert unexplained_distinct({"planted.sql": sql}) == places
