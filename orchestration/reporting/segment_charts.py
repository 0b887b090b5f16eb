"""Who the people are: the RFM map and the RFM segments by size and worth."""

from __future__ import annotations

from orchestration.reporting import number_texts as told
from orchestration.reporting.charts import (
    Chart,
    Numbers,
    Section,
    grid,
    heat_map,
    hover,
    literal_text,
    too_few,
    why_empty,
)
from orchestration.reporting.published_reader import Groups, PublishedReader, Row

_CELLS = """
select
    recency_score,
    frequency_score,
    count(*) as people,
    sum(monetary_total) as money
from marts.rfm_segments
where recency_score is not null
group by recency_score, frequency_score
"""

_SEGMENTS = """
select
    rfm_segments.segment_rank,
    rfm_segments.segment_code,
    rfm_segments.segment_name,
    rfm_segments.recommended_action,
    count(*) as people,
    sum(customer_360.net_revenue) as net_revenue,
    sum(customer_360.predicted_clv_365_days) as predicted_clv
from marts.rfm_segments
inner join marts.customer_360 on rfm_segments.profile_id = customer_360.profile_id
group by
    rfm_segments.segment_rank,
    rfm_segments.segment_code,
    rfm_segments.segment_name,
    rfm_segments.recommended_action
"""

_THRESHOLDS = """
select
    measure,
    score,
    -- Days and orders are whole: the first and the last that get the score.
    case when includes_lower_bound then ceil(lower_bound) else floor(lower_bound) + 1 end as least,
    case when includes_lower_bound then ceil(upper_bound) - 1 else floor(upper_bound) end as most
from marts.rfm_thresholds
where measure in ('recency', 'frequency')
order by measure, score
"""

_NO_PAD = {"t": 0, "l": 0, "r": 0, "b": 0}
_SCORES = (1, 2, 3, 4, 5)


def rfm_segments(reader: PublishedReader) -> Groups:
    """The RFM segments with their size, revenue and expected value, best first."""
    return reader.groups(_SEGMENTS, "segment_rank, segment_code")


def segments_section(reader: PublishedReader, segments: Groups) -> Section:
    """The two charts of RFM."""
    return Section(
        "segments",
        "Who your customers are",
        "How recently and how often they bought, and which segment that makes.",
        [_map(reader), _treemap(reader, segments)],
    )


def _map(reader: PublishedReader) -> Chart:
    cells = reader.groups(_CELLS, "recency_score, frequency_score")
    missing = why_empty(reader, cells, "rfm_segments")
    spans = {(row["measure"], row["score"]): _span(row) for row in reader.rows(_THRESHOLDS)}
    recency = [spans.get(("recency", score), "") for score in reversed(_SCORES)]
    frequency = [spans.get(("frequency", score), "") for score in _SCORES]
    laid_out = grid(
        cells.rows, "recency_score", "frequency_score", list(reversed(_SCORES)), _SCORES
    )
    figure = heat_map(
        [f"F{score}<br>{text}" for score, text in zip(_SCORES, frequency, strict=True)],
        [f"R{score}<br>{text}" for score, text in zip(reversed(_SCORES), recency, strict=True)],
        [[cell["people"] if cell else None for cell in row] for row in laid_out],
        [[told.whole(cell["people"]) if cell else "" for cell in row] for row in laid_out],
        [
            [
                hover(
                    f"Recency {cell['recency_score']}, frequency {cell['frequency_score']}",
                    f"{told.people(cell['people'])}, {told.share(cell['people'], cells.people)}",
                    f"{told.money(cell['money'], reader.currency)} in the window",
                )
                if cell
                else ""
                for cell in row
            ]
            for row in laid_out
        ],
    )
    gone = sum(row["people"] for row in cells.rows if row["recency_score"] <= 2)
    return Chart(
        "rfm-map",
        "Recency and frequency",
        finding=(
            f"{told.share(gone, cells.people)} of buyers ({told.people(gone)}) have a recency"
            " score of 1 or 2."
        ),
        action=(
            "Spend where a column is strong and a row is slipping: people with many orders whose"
            " last one is long ago (bottom right) are the ones worth winning back."
        ),
        figure=None if missing else figure,
        missing=missing,
        numbers=Numbers(
            ("Recency", "Frequency", "People", "Share", "Money in the window"),
            [
                (
                    f"R{row['recency_score']}",
                    f"F{row['frequency_score']}",
                    told.whole(row["people"]),
                    told.share(row["people"], cells.people),
                    told.money(row["money"], reader.currency),
                )
                for row in cells.rows
            ],
        ),
        left_out=cells.left_out,
        axes=(
            "Across: frequency score and number of orders. Down: recency score and days since the"
            " last order. Cells: people."
        ),
        height=400,
    )


def _span(row: Row) -> str:
    """The values that get a score: "32–104", "405+"; empty if none can."""
    least, most = row["least"], row["most"]
    if least is None and most is None:
        return ""
    if most is None:
        return f"{least:,.0f}+"
    least = least if least is not None else (1 if row["measure"] == "frequency" else 0)
    return f"{least:,.0f}" if least == most else f"{least:,.0f}–{most:,.0f}"


def _treemap(reader: PublishedReader, segments: Groups) -> Chart:
    missing = too_few(segments, reader.smallest_group)
    rows = segments.rows
    each = [float(row["predicted_clv"] or 0) / row["people"] for row in rows]
    trace = {
        "type": "treemap",
        "labels": [literal_text(row["segment_name"]) for row in rows],
        "parents": [""] * len(rows),
        "values": [row["people"] for row in rows],
        "text": [
            f"{told.whole(row['people'])}<br>{told.money(value, reader.currency)} each"
            if row["predicted_clv"] is not None
            else told.whole(row["people"])
            for row, value in zip(rows, each, strict=True)
        ],
        "texttemplate": "<b>%{label}</b><br>%{text}",
        "customdata": [
            hover(
                row["segment_name"],
                f"{told.people(row['people'])}, {told.share(row['people'], segments.people)}",
                f"net revenue {told.money(row['net_revenue'], reader.currency)}",
                f"expected in 365 days {told.money(row['predicted_clv'], reader.currency)}",
            )
            for row in rows
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {"colors": each, "pad": _NO_PAD},
        "root": {"color": "@card"},
        "tiling": {"pad": 3},
        "pathbar": {"visible": False},
        "sort": False,
    }
    return Chart(
        "rfm-treemap",
        "Segments by size and worth",
        finding=_most_valuable(segments),
        action=(
            "Large and strong: protect. Small and strong: grow. Large and faint: automate, and"
            " spend nothing by hand. The table has an action for each segment."
        ),
        figure=None if missing else {"data": [trace], "layout": {}},
        missing=missing,
        numbers=Numbers(
            ("Segment", "People", "Share", "Net revenue", "CLV 365 days", "What to do"),
            [
                (
                    row["segment_name"],
                    told.whole(row["people"]),
                    told.share(row["people"], segments.people),
                    told.money(row["net_revenue"], reader.currency),
                    told.money(row["predicted_clv"], reader.currency),
                    row["recommended_action"],
                )
                for row in rows
            ],
        ),
        left_out=segments.left_out,
        height=400,
    )


def _most_valuable(segments: Groups) -> str:
    valued = [row for row in segments.rows if row["predicted_clv"]]
    if not valued:
        return "The area is people; no value could be predicted yet."
    best = max(valued, key=lambda row: row["predicted_clv"])
    total = sum(row["predicted_clv"] for row in valued)
    return (
        f"Area is people, colour is expected value for each of them. {best['segment_name']}:"
        f" {told.share(best['people'], segments.people)} of people,"
        f" {told.share(best['predicted_clv'], total)} of the value expected in 365 days."
    )
