"""Who stays: the loyalty score and what is behind it."""

from __future__ import annotations

from orchestration.reporting import number_texts as told
from orchestration.reporting.charts import (
    Chart,
    Figure,
    Numbers,
    Section,
    hover,
    literal_text,
    lying_bars,
    why_empty,
)
from orchestration.reporting.published_reader import Groups, PublishedReader

_SCORES = """
select
    least(cast(floor(loyalty_score / 10) as integer) * 10, 90) as lower_bound,
    segment_rank,
    segment_name,
    count(*) as people
from marts.loyalty_segments
where loyalty_score is not null
group by
    least(cast(floor(loyalty_score / 10) as integer) * 10, 90),
    segment_rank,
    segment_name
"""

_QUADRANTS = """
select loyalty_quadrant, count(*) as people, sum(customer_360.net_revenue) as net_revenue
from marts.customer_360
where loyalty_score is not null and loyalty_quadrant <> 'insufficient_data'
group by loyalty_quadrant
"""

_CLOSE = """
select count(*) filter (is_potential_loyalist) as people from marts.loyalty_segments
"""

_MEANING = {
    "true": "True: they buy again and mean it",
    "latent": "Latent: they like it, buy little",
    "spurious": "Spurious: they buy out of habit",
    "none": "None of both",
}
# From pale to strong: the best tier is the strongest.
_SHADES = ("@accent", "@accent-mid", "@accent-pale", "@quiet")


def loyalty_section(reader: PublishedReader) -> Section:
    """The charts of loyalty."""
    return Section(
        "loyalty",
        "Who stays",
        "Loyalty from 0 to 100 by purchases, interaction, content and advocacy.",
        [_scores(reader), _quadrants(reader)],
    )


def _scores(reader: PublishedReader) -> Chart:
    groups = reader.groups(_SCORES, "lower_bound, segment_rank, segment_name")
    missing = why_empty(reader, groups, "loyalty_tiers")
    close = reader.one(_CLOSE)["people"]
    finding = f"{told.share(_best_tier(groups), groups.people)} have the best tier."
    if close >= reader.smallest_group:
        finding += f" {told.people(close)} lack few points for their next one."
    return Chart(
        "loyalty-scores",
        "Loyalty scores",
        finding=finding,
        action=(
            "Invite those who lack few points (`is_potential_loyalist`) to the programme first:"
            " one order or one review takes them over the line."
        ),
        figure=None if missing else _stacked(groups),
        missing=missing,
        numbers=Numbers(
            ("Score", "Tier", "People"),
            [
                (
                    f"{row['lower_bound']}–{row['lower_bound'] + 10}",
                    row["segment_name"],
                    told.whole(row["people"]),
                )
                for row in groups.rows
            ],
        ),
        left_out=groups.left_out,
        axes="Across: loyalty score, ten points a bar. Up: people.",
    )


def _best_tier(groups: Groups) -> int:
    best = min((row["segment_rank"] for row in groups.rows), default=0)
    return sum(row["people"] for row in groups.rows if row["segment_rank"] == best)


def _stacked(groups: Groups) -> Figure:
    tiers = sorted({(row["segment_rank"], row["segment_name"]) for row in groups.rows})
    traces = []
    for place, (rank, name) in enumerate(tiers):
        rows = [row for row in groups.rows if row["segment_rank"] == rank]
        traces.append(
            {
                "type": "bar",
                "name": literal_text(name),
                "x": [row["lower_bound"] + 5 for row in rows],
                "y": [row["people"] for row in rows],
                "width": 9,
                "customdata": [
                    hover(
                        f"{row['lower_bound']} to {row['lower_bound'] + 10} points",
                        f"{row['segment_name']}: {told.people(row['people'])}",
                    )
                    for row in rows
                ],
                "hovertemplate": "%{customdata}<extra></extra>",
                "marker": {"color": _SHADES[min(place, len(_SHADES) - 1)]},
            }
        )
    return {
        "data": traces,
        "layout": {
            "barmode": "stack",
            "xaxis": {
                "range": [0, 100],
                "dtick": 10,
                "showgrid": False,
            },
            "yaxis": {"rangemode": "tozero", "tickformat": ",d"},
            "legend": {"orientation": "h", "y": 1.12, "x": 0, "traceorder": "normal"},
        },
    }


def _quadrants(reader: PublishedReader) -> Chart:
    quadrants = reader.groups(_QUADRANTS, "loyalty_quadrant")
    missing = why_empty(reader, quadrants, "loyalty_attitude")
    order = list(_MEANING)
    rows = sorted(
        quadrants.rows,
        key=lambda row: (
            order.index(row["loyalty_quadrant"]) if row["loyalty_quadrant"] in order else 99,
            row["loyalty_quadrant"],
        ),
    )
    names = [
        _MEANING.get(row["loyalty_quadrant"], told.in_words(row["loyalty_quadrant"]))
        for row in rows
    ]
    figure = lying_bars(
        [name.split(":")[0] for name in names],
        [row["people"] for row in rows],
        [
            f"{told.whole(row['people'])}, {told.share(row['people'], quadrants.people)}"
            for row in rows
        ],
        [
            hover(
                name,
                told.people(row["people"]),
                f"net revenue {told.money(row['net_revenue'], reader.currency)}",
            )
            for name, row in zip(names, rows, strict=True)
        ],
    )
    spurious = [row for row in rows if row["loyalty_quadrant"] == "spurious"]
    return Chart(
        "loyalty-quadrants",
        "Habit or conviction",
        finding=(
            f"{told.people(spurious[0]['people'])} buy again without much interest in the brand."
            if spurious
            else ""
        ),
        action=(
            "Give the spurious a reason beside the price, for they leave with the next cheaper"
            " shop; take hurdles away for the latent."
        ),
        figure=None if missing else figure,
        missing=missing,
        numbers=Numbers(
            ("Loyalty", "People", "Net revenue"),
            [
                (
                    name,
                    told.whole(row["people"]),
                    told.money(row["net_revenue"], reader.currency),
                )
                for name, row in zip(names, rows, strict=True)
            ],
        ),
        left_out=quadrants.left_out,
    )
