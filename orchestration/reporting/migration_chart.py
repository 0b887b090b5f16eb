"""Who moved: the streams of people from segment to segment in the last observed month."""

from __future__ import annotations

from typing import Any

from orchestration.reporting import number_texts as told
from orchestration.reporting.charts import Chart, Figure, Numbers, hover, literal_text, too_few
from orchestration.reporting.published_reader import Groups, PublishedReader, Row

_NEW, _GONE = "New", "Gone"
# In pixels; labels stand in the gaps between small nodes.
_HEIGHT, _GAP = 560, 14

_MIGRATION = """
select
    coalesce(from_segment, '') as from_code,
    coalesce(to_segment, '') as to_code,
    sum(people) as people,
    sum(net_revenue) as net_revenue
from marts.segment_migration
where
    segment_type = 'rfm'
    and month_end = (
        select max(month_end) from marts.segment_migration where segment_type = 'rfm'
    )
group by from_segment, to_segment
"""

_MIGRATION_DAYS = """
select max(month_end) as month_end, max(previous_month_end) as previous_month_end
from marts.segment_migration
where segment_type = 'rfm'
"""

_NAMES = """
select segment_code, segment_name, min(segment_rank) as segment_rank
from marts.rfm_segments
group by segment_code, segment_name
"""


def segment_names(reader: PublishedReader) -> dict[str, Row]:
    """The RFM segments of today by code, with name and rank."""
    return {row["segment_code"]: row for row in reader.rows(_NAMES)}


def name_of(names: dict[str, Row], code: str, outside: str) -> str:
    """A segment's name today, the code in words if it has none, `outside` for no segment."""
    if not code:
        return outside
    return names[code]["segment_name"] if code in names else told.in_words(code)


def rank_of(names: dict[str, Row], code: str) -> int:
    """A segment's place in lists, 1 is the best; last if it is gone."""
    return names[code]["segment_rank"] if code in names else 1000


def only_one_day(what: str) -> str:
    """Why what goes over time has nothing to show, and what to do."""
    return (
        f"{what} Only what was observed can be told: each daily run adds a day,"
        " `strata backfill --month-ends` adds the month ends of the past."
    )


def migration_chart(reader: PublishedReader, names: dict[str, Row]) -> Chart:
    """The streams of the newest observed month."""
    flows = reader.groups(_MIGRATION, "from_code, to_code")
    days = reader.one(_MIGRATION_DAYS)
    missing = (
        too_few(flows, reader.smallest_group)
        if flows.rows or flows.left_out
        else only_one_day("Migration needs two observed month ends.")
    )
    moved = [row for row in flows.rows if row["from_code"] != row["to_code"]]
    title = "From segment to segment"
    if days["month_end"]:
        before, after = days["previous_month_end"], days["month_end"]
        title += f", {told.day(before)} to {told.day(after)}"
    return Chart(
        "migration",
        title,
        finding=_balance(names, moved),
        action=(
            "Look at the widest stream that leads down and ask what happened to these people in"
            " that month; thank and keep those who came up."
        ),
        figure=None if missing else _streams(reader, names, flows),
        missing=missing,
        numbers=Numbers(
            ("From", "To", "People", "Net revenue so far"),
            [
                (
                    name_of(names, row["from_code"], _NEW),
                    name_of(names, row["to_code"], _GONE),
                    told.whole(row["people"]),
                    told.money(row["net_revenue"], reader.currency),
                )
                for row in flows.rows
            ],
        ),
        left_out=flows.left_out,
        height=_HEIGHT,
        is_wide=True,
    )


def _balance(names: dict[str, Row], moved: list[Row]) -> str:
    between = [row for row in moved if row["from_code"] and row["to_code"]]
    up = sum(row["people"] for row in between if _direction(names, row) == "up")
    down = sum(row["people"] for row in between if _direction(names, row) == "down")
    new = sum(row["people"] for row in moved if not row["from_code"])
    return (
        f"{told.people(up)} moved up (green), {told.people(down)} down (orange),"
        f" {told.whole(new)} are new; grey stayed."
    )


def _direction(names: dict[str, Row], flow: Row) -> str:
    if not flow["from_code"]:
        return "up"
    if not flow["to_code"]:
        return "down"
    before, after = rank_of(names, flow["from_code"]), rank_of(names, flow["to_code"])
    return "stay" if before == after else "up" if after < before else "down"


def _streams(reader: PublishedReader, names: dict[str, Row], flows: Groups) -> Figure:
    sides = {
        "from_code": _side(names, flows.rows, "from_code", _NEW),
        "to_code": _side(names, flows.rows, "to_code", _GONE),
    }
    nodes = [node | {"side": side} for side, found in sides.items() for node in found]
    place = {(node["side"], node["code"]): index for index, node in enumerate(nodes)}
    colours = {"stay": "@stream", "up": "@stream-up", "down": "@stream-down"}
    trace: dict[str, Any] = {
        "type": "sankey",
        "arrangement": "snap",
        "node": {
            "label": [literal_text(node["name"]) for node in nodes],
            "x": [0.001 if node["side"] == "from_code" else 0.999 for node in nodes],
            "y": [node["y"] for node in nodes],
            "color": "@accent",
            "line": {"width": 0},
            "pad": _GAP,
            "thickness": 12,
            "hovertemplate": "%{label}<extra></extra>",
        },
        "link": {
            "source": [place["from_code", row["from_code"]] for row in flows.rows],
            "target": [place["to_code", row["to_code"]] for row in flows.rows],
            "value": [row["people"] for row in flows.rows],
            "color": [colours[_direction(names, row)] for row in flows.rows],
            "customdata": [
                hover(
                    f"{name_of(names, row['from_code'], _NEW)} →"
                    f" {name_of(names, row['to_code'], _GONE)}",
                    told.people(row["people"]),
                    f"net revenue so far {told.money(row['net_revenue'], reader.currency)}",
                )
                for row in flows.rows
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
    }
    return {"data": [trace], "layout": {}}


def _side(names: dict[str, Row], flows: list[Row], key: str, outside: str) -> list[Row]:
    sizes: dict[str, int] = {}
    for row in flows:
        sizes[row[key]] = sizes.get(row[key], 0) + row["people"]
    total, before, nodes = sum(sizes.values()), 0.0, []
    # The library puts a node's middle where it is told to, and knows of no gaps then.
    gap = _GAP / _HEIGHT
    left_for_nodes = 1 - gap * (len(sizes) - 1)
    for code in sorted(sizes, key=lambda code: (not code, rank_of(names, code), code)):
        height = sizes[code] / total * left_for_nodes
        middle = before + height / 2
        before += height + gap
        nodes.append(
            {
                "code": code,
                "name": name_of(names, code, outside),
                "people": sizes[code],
                # The library takes 0 for "anywhere".
                "y": min(max(round(middle, 4), 0.001), 0.999),
            }
        )
    return nodes
