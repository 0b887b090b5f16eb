"""What it stands on: what became of the delivered rows, and which features the data allow."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.reporting import number_texts as told
from orchestration.reporting.charts import (
    Chart,
    Figure,
    Numbers,
    Section,
    hover,
    literal_text,
    lying_bars,
)
from orchestration.reporting.published_reader import PublishedReader, Row

_ROWS = """
select
    input_name,
    sum(row_count) filter (check_code = 'delivered_rows') as delivered,
    sum(row_count) filter (check_code = 'accepted_rows') as accepted,
    sum(row_count) filter (check_code = 'duplicate_rows') as duplicate,
    sum(row_count) filter (check_code = 'rejected_rows') as rejected,
    sum(row_count) filter (check_code = 'erased_rows') as erased
from marts.data_quality_report
group by input_name
having sum(row_count) filter (check_code = 'delivered_rows') > 0
order by input_name
"""

_REASONS = """
select input_name, reason_code, column_name, count(*) as row_count
from marts.rejected_records
group by input_name, reason_code, column_name
order by row_count desc, input_name, reason_code, column_name
"""

_CHECKS = """
select input_name, check_code, detail, row_count, share, description
from marts.data_quality_report
where
    row_count > 0
    and check_code not in (
        'delivered_rows', 'accepted_rows', 'duplicate_rows', 'rejected_rows', 'erased_rows',
        'valid_orders'
    )
order by input_name, row_count desc, check_code, detail
"""

_CAPABILITIES = """
select feature_name, slice, is_on, reason
from marts.capabilities
order by is_on, slice, feature_name
"""

_OUTCOMES = (
    ("rejected", "rejected", "@warm"),
    ("duplicate", "duplicate", "@accent-mid"),
    ("erased", "erased", "@quiet"),
)
_MOST_REASONS = 12


@dataclass(frozen=True, slots=True)
class Capability:
    """A feature that the data allow, or don't.

    Attributes:
        name: for people.
        slice: the slice that it belongs to.
        is_on: whether the data allow it.
        reason: why, or why not.
    """

    name: str
    slice: str
    is_on: bool
    reason: str


def capabilities(reader: PublishedReader) -> list[Capability]:
    """All features, those that are off first."""
    return [
        Capability(row["feature_name"], told.in_words(row["slice"]), row["is_on"], row["reason"])
        for row in reader.rows(_CAPABILITIES)
    ]


def input_section(reader: PublishedReader) -> Section:
    """The charts of data quality."""
    return Section(
        "data",
        "What it stands on",
        "What became of the rows that were delivered, and what is missing in them.",
        [_outcomes(reader), _reasons(reader)],
    )


def rejected_rows(reader: PublishedReader) -> tuple[int, int]:
    """How many rows were rejected, and how many were delivered."""
    rows = reader.rows(_ROWS)
    return sum(row["rejected"] for row in rows), sum(row["delivered"] for row in rows)


def _outcomes(reader: PublishedReader) -> Chart:
    rows = reader.rows(_ROWS)
    is_clean = all(row["accepted"] == row["delivered"] for row in rows)
    missing = ""
    if not rows:
        missing = "No file was delivered."
    elif is_clean:
        missing = "Every delivered row is used: nothing was rejected, doubled or erased."
    checks = reader.rows(_CHECKS)
    return Chart(
        "input-rows",
        "Delivered rows that are not used",
        finding=_rejected_told(rows),
        action=(
            "Mend the input with the longest bar in its source; a duplicate is harmless, a"
            " rejected row is an order or a person that is missing here."
        ),
        figure=None if missing else _shares(rows),
        missing=missing,
        numbers=Numbers(
            ("Input", "Check", "Rows", "Share"),
            [
                *[
                    (
                        row["input_name"],
                        f"{outcome} rows",
                        told.whole(row[outcome]),
                        told.share(row[outcome], row["delivered"]),
                    )
                    for row in rows
                    for outcome in ("delivered", "accepted", "duplicate", "rejected", "erased")
                ],
                *[
                    (
                        row["input_name"],
                        " ".join(filter(None, (row["description"], row["detail"]))),
                        told.whole(row["row_count"]),
                        told.share(row["share"], 1),
                    )
                    for row in checks
                ],
            ],
        ),
    )


def _rejected_told(rows: list[Row]) -> str:
    delivered, rejected = sum(r["delivered"] for r in rows), sum(r["rejected"] for r in rows)
    return (
        f"{told.whole(rejected)} of {told.whole(delivered)} rows"
        f" ({told.share(rejected, delivered)}) were rejected."
    )


def _shares(rows: list[Row]) -> Figure:
    names = [literal_text(row["input_name"]) for row in rows]
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": names,
            "x": [float(row[outcome]) / float(row["delivered"]) for row in rows],
            "customdata": [
                hover(
                    f"{row['input_name']}: {told.whole(row[outcome])} rows {name}",
                    f"{told.share(row[outcome], row['delivered'])} of"
                    f" {told.whole(row['delivered'])}",
                )
                for row in rows
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
            "marker": {"color": colour},
        }
        for outcome, name, colour in _OUTCOMES
    ]
    return {
        "data": traces,
        "layout": {
            "barmode": "stack",
            "yaxis": {"type": "category", "autorange": "reversed", "showgrid": False},
            "xaxis": {"tickformat": ".1~%", "rangemode": "tozero"},
            "legend": {"orientation": "h", "y": 1.12, "x": 0, "traceorder": "normal"},
            "bargap": 0.35,
        },
    }


def _reasons(reader: PublishedReader) -> Chart:
    reasons = reader.rows(_REASONS)
    shown = reasons[:_MOST_REASONS]
    missing = "" if len(shown) > 1 else "Fewer than two kinds of faults were found in the rows."
    names = [_reason_name(row) for row in shown]
    figure = lying_bars(
        [name.replace(": ", "\n", 1) for name in names],
        [row["row_count"] for row in shown],
        [told.whole(row["row_count"]) for row in shown],
        [
            hover(name, f"{told.whole(row['row_count'])} rows")
            for name, row in zip(names, shown, strict=True)
        ],
    )
    return Chart(
        "reject-reasons",
        "Why rows were rejected",
        finding=(
            f"Most often: {names[0]} ({told.whole(shown[0]['row_count'])} rows)." if shown else ""
        ),
        action=(
            "Look the rows up in `rejected_records`, by file and row number, and hand the list to"
            " whoever makes the file."
        ),
        figure=None if missing else figure,
        missing=missing,
        numbers=Numbers(
            ("Input", "Reason", "Column", "Rows"),
            [
                (
                    row["input_name"],
                    told.in_words(row["reason_code"]),
                    row["column_name"] or "",
                    told.whole(row["row_count"]),
                )
                for row in reasons
            ],
        ),
        height=470,
    )


def _reason_name(row: Row) -> str:
    reason = row["reason_code"].replace("_", " ")
    return (
        f"{row['input_name']}.{row['column_name']}: {reason}"
        if row["column_name"]
        else (f"{row['input_name']}: {reason}")
    )
