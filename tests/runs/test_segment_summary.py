"""The table of segments that stands inline on Dagster's pages, and the numbers that are plotted."""

import datetime as dt
from decimal import Decimal

import pytest

from orchestration.runs.segment_summary import LONGEST_INLINE_TEXT, SegmentRow, SegmentSummary


def summary(*rows, rejected_rows=0):
    return SegmentSummary("set", dt.date(2024, 6, 30), "USD", list(rows), rejected_rows)


def row(name, people=1065, clv="11078.92"):
    value = None if clv is None else Decimal(clv)
    return SegmentRow(name.lower(), name, people, 0.355, Decimal("67765.93"), value)


def test_segments_are_a_markdown_table():
    assert summary(row("Hibernating"), row("Pros|pect", 5, None)).markdown().splitlines() == [
        "|segment|people|CLV|net revenue|share|",
        "|---|---:|---:|---:|---:|",
        "|Hibernating|1,065|11,079|67,766|35.5%|",
        "|Pros/pect|5|–|67,766|35.5%|",
    ]


@pytest.mark.parametrize(
    ("segments", "header"),
    [(18, "|segment|people|CLV|net revenue|"), (24, "|segment|people|")],
)
def test_a_long_table_gives_up_columns_to_stay_inline(segments, header):
    names = [f"Segment of a long name {number}" for number in range(segments)]
    table = summary(*(row(name) for name in names)).markdown()
    assert len(table) < LONGEST_INLINE_TEXT
    assert table.splitlines()[0] == header
    assert all(name in table for name in names)


def test_sizes_value_and_rejects_are_plotted():
    plotted = summary(row("Champions", 3), row("Prospect", 4, None), rejected_rows=7).plottable()
    assert plotted == {
        "people": 7,
        "net_revenue": 135531.86,
        "predicted_clv": 11078.92,
        "rejected_rows": 7,
        "people_champions": 3,
        "people_prospect": 4,
    }
