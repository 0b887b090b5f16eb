"""How things move: segment migration, sizes and revenue over the observed days."""

from __future__ import annotations

from typing import Any

from orchestration.reporting import number_texts as told
from orchestration.reporting.charts import (
    Chart,
    Figure,
    Numbers,
    Section,
    grid,
    heat_map,
    hover,
    literal_text,
    too_few,
    upright_bars,
)
from orchestration.reporting.published_reader import Groups, PublishedReader, Row

# More columns than this can't be read: then each month is shown by its last observed day.
LONGEST_SERIES = 13
_NEW, _GONE = "New", "Gone"

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

_REVENUE = """
select
    month_end,
    previous_month_end,
    sum(net_revenue_between) as net_revenue
from marts.segment_migration
where segment_type = 'rfm'
group by month_end, previous_month_end
order by month_end
"""

# Every day that the set knows of; sizes on a day are those of today, all later moves taken back.
_DAYS = """
with observed as (
    select changed_on as observed_on from marts.segment_changes
    union
    select previous_observed_on from marts.segment_changes
    union
    select as_of_date from marts.published_set
)

select observed_on from observed order by observed_on
"""

_SIZES = """
with days as (
    select unnest({days}::date[]) as observed_on
),

moves as (
    select from_segment as segment_code, changed_on, count(*) as change
    from marts.segment_changes
    where segment_type = 'rfm' and from_segment is not null
    group by from_segment, changed_on
    union all
    select to_segment, changed_on, -count(*)
    from marts.segment_changes
    where segment_type = 'rfm' and to_segment is not null
    group by to_segment, changed_on
    union all
    -- Who is there today was there at the end of all days.
    select segment_code, date '9999-12-31', count(*)
    from marts.rfm_segments
    group by segment_code
)

select
    days.observed_on,
    moves.segment_code,
    sum(moves.change) as people
from days
inner join moves on moves.changed_on > days.observed_on
group by days.observed_on, moves.segment_code
"""

# What is watched: how many people stand in a few segments that stand for success or trouble.
_WATCHED = (
    ("rfm", "champions", "Champions", "@accent"),
    ("loyalty", "high", "High loyalty", "@accent-mid"),
    ("brand_engagement", "high", "High engagement", "@muted"),
    ("churn_risk", "high", "High churn risk", "@warm"),
)

_WATCHED_SIZES = """
with days as (
    select unnest({days}::date[]) as observed_on
),

watched as (
    select unnest({types}::varchar[]) as segment_type, unnest({codes}::varchar[]) as segment_code
),

moves as (
    select segment_type, from_segment as segment_code, changed_on, count(*) as change
    from marts.segment_changes
    group by segment_type, from_segment, changed_on
    union all
    select segment_type, to_segment, changed_on, -count(*)
    from marts.segment_changes
    group by segment_type, to_segment, changed_on
    union all
    select segment_type, segment_code, date '9999-12-31', count(*)
    from marts.segment_memberships
    group by segment_type, segment_code
)

select
    days.observed_on,
    moves.segment_type,
    moves.segment_code,
    sum(moves.change) as people
from days
inner join moves on moves.changed_on > days.observed_on
inner join watched
    on moves.segment_type = watched.segment_type
    and moves.segment_code = watched.segment_code
group by days.observed_on, moves.segment_type, moves.segment_code
"""

_NAMES = """
select segment_code, segment_name, min(segment_rank) as segment_rank
from marts.rfm_segments
group by segment_code, segment_name
"""


def movement_section(reader: PublishedReader) -> Section:
    """The charts of migration and of sizes and revenue over time."""
    names = {row["segment_code"]: row for row in reader.rows(_NAMES)}
    return Section(
        "movement",
        "What changes",
        "Who moved between segments, and how sizes and revenue went over the observed days.",
        [_migration(reader, names), _sizes(reader, names), _revenue(reader), _watched(reader)],
    )


def _name(names: dict[str, Row], code: str, outside: str) -> str:
    if not code:
        return outside
    return names[code]["segment_name"] if code in names else told.in_words(code)


def _rank(names: dict[str, Row], code: str) -> int:
    return names[code]["segment_rank"] if code in names else 1000


def _only_one_day(reader: PublishedReader, what: str) -> str:
    return (
        f"{what} Only what was observed can be told: each daily run adds a day,"
        " `strata backfill --month-ends` adds the month ends of the past."
    )


def _migration(reader: PublishedReader, names: dict[str, Row]) -> Chart:
    flows = reader.groups(_MIGRATION, "from_code, to_code")
    days = reader.one(_MIGRATION_DAYS)
    missing = (
        too_few(flows, reader.smallest_group)
        if flows.rows or flows.left_out
        else _only_one_day(reader, "Migration needs two observed month ends.")
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
                    _name(names, row["from_code"], _NEW),
                    _name(names, row["to_code"], _GONE),
                    told.whole(row["people"]),
                    told.money(row["net_revenue"], reader.currency),
                )
                for row in flows.rows
            ],
        ),
        left_out=flows.left_out,
        height=560,
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
    before, after = _rank(names, flow["from_code"]), _rank(names, flow["to_code"])
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
            "pad": 14,
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
                    f"{_name(names, row['from_code'], _NEW)} →"
                    f" {_name(names, row['to_code'], _GONE)}",
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
    total, before, nodes = sum(sizes.values()), 0, []
    for code in sorted(sizes, key=lambda code: (not code, _rank(names, code), code)):
        middle = (before + sizes[code] / 2) / total
        before += sizes[code]
        nodes.append(
            {
                "code": code,
                "name": _name(names, code, outside),
                "people": sizes[code],
                # The library takes 0 for "anywhere".
                "y": min(max(round(middle, 4), 0.001), 0.999),
            }
        )
    return nodes


def _shown_days(reader: PublishedReader) -> list[Any]:
    days = [row["observed_on"] for row in reader.rows(_DAYS)]
    if len(days) > LONGEST_SERIES:
        days = list({(day.year, day.month): day for day in days}.values())
    return days[-LONGEST_SERIES:]


def _sizes(reader: PublishedReader, names: dict[str, Row]) -> Chart:
    days = _shown_days(reader)
    sizes = reader.groups(
        _SIZES.format(days=_texts(days)), "observed_on, segment_code", within="observed_on"
    )
    missing = (
        too_few(sizes, reader.smallest_group)
        if len(days) > 1
        else _only_one_day(reader, f"Only {told.day(reader.as_of_date)} was observed.")
    )
    codes = sorted(
        {row["segment_code"] for row in sizes.rows}, key=lambda code: (_rank(names, code), code)
    )
    all_people = {
        day: sum(row["people"] for row in sizes.rows if row["observed_on"] == day) for day in days
    }
    laid_out = grid(sizes.rows, "segment_code", "observed_on", codes, days)
    figure = heat_map(
        [f"{day.day} {day:%b}<br>{day.year}" for day in days],
        [literal_text(_name(names, code, "")) for code in codes],
        [[cell["people"] if cell else None for cell in row] for row in laid_out],
        [[told.whole(cell["people"]) if cell else "" for cell in row] for row in laid_out],
        [
            [
                hover(
                    f"{_name(names, cell['segment_code'], '')} on {told.day(cell['observed_on'])}",
                    told.people(cell["people"]),
                    told.share(cell["people"], all_people[cell["observed_on"]]),
                )
                if cell
                else ""
                for cell in row
            ]
            for row in laid_out
        ],
    )
    figure["columns_on_phone"] = 5
    return Chart(
        "sizes",
        "Sizes of segments over time",
        finding=_growth(names, sizes, days),
        action=(
            "A row that fades from left to right is leaking: compare it with the row below it,"
            " where its people usually go, before you plan the next campaign."
        ),
        figure=None if missing else figure,
        missing=missing,
        numbers=Numbers(
            ("Segment", *[told.short_day(day) for day in days]),
            [
                (
                    _name(names, code, ""),
                    *[told.whole(cell["people"]) if cell else told.NONE for cell in row],
                )
                for code, row in zip(codes, laid_out, strict=True)
            ],
        ),
        left_out=sizes.left_out,
        axes="Across: observed days. Cells: people.",
        height=440,
        is_wide=True,
    )


def _growth(names: dict[str, Row], sizes: Groups, days: list[Any]) -> str:
    first, last = ({}, {})
    for row in sizes.rows:
        if row["observed_on"] == days[0]:
            first[row["segment_code"]] = row["people"]
        if row["observed_on"] == days[-1]:
            last[row["segment_code"]] = row["people"]
    both = first.keys() & last.keys()
    if len(days) < 2 or not both:
        return ""
    most = max(sorted(both), key=lambda code: abs(last[code] - first[code]))
    change = last[most] - first[most]
    return (
        f"{_name(names, most, '')} changed most: {told.whole(first[most])} on"
        f" {told.day(days[0])}, {told.whole(last[most])} on {told.day(days[-1])} ({change:+,})."
    )


def _revenue(reader: PublishedReader) -> Chart:
    months = reader.rows(_REVENUE)[-LONGEST_SERIES:]
    missing = (
        ""
        if len({row["net_revenue"] for row in months}) > 1
        else _only_one_day(reader, "Revenue by month needs three observed month ends.")
    )
    figure = upright_bars(
        [f"{row['month_end'].day} {row['month_end']:%b}" for row in months],
        [float(row["net_revenue"]) for row in months],
        [told.short(row["net_revenue"]) for row in months],
        [
            hover(
                f"{told.day(row['previous_month_end'])} to {told.day(row['month_end'])}",
                f"net revenue {told.money(row['net_revenue'], reader.currency)}",
            )
            for row in months
        ],
    )
    finding = ""
    if len(months) > 1:
        before, after = months[-2], months[-1]
        finding = (
            f"{told.money(after['net_revenue'], reader.currency)} up to"
            f" {told.day(after['month_end'])}, after"
            f" {told.money(before['net_revenue'], reader.currency)} in the period before."
        )
    return Chart(
        "revenue",
        "Net revenue from month end to month end",
        finding=finding,
        action=(
            "Read it beside the sizes: revenue that holds while champions shrink comes from"
            " fewer people each month."
        ),
        figure=None if missing else figure,
        missing=missing,
        numbers=Numbers(
            ("From", "To", "Net revenue"),
            [
                (
                    told.day(row["previous_month_end"]),
                    told.day(row["month_end"]),
                    told.money(row["net_revenue"], reader.currency),
                )
                for row in months
            ],
        ),
        axes=f"Bars: net revenue from the month end before to the day below it, {reader.currency}.",
    )


def _texts(values: list[Any]) -> str:
    return "[" + ", ".join(f"'{value}'" for value in values) + "]"


def _watched(reader: PublishedReader) -> Chart:
    days = _shown_days(reader)
    sizes = reader.groups(
        _WATCHED_SIZES.format(
            days=_texts(days),
            types=_texts([segment_type for segment_type, *_ in _WATCHED]),
            codes=_texts([code for _, code, *_ in _WATCHED]),
        ),
        "observed_on, segment_type, segment_code",
        # They overlap and add up to nothing, so none can be worked out from the others.
        within="observed_on, segment_type, segment_code",
    )
    missing = (
        too_few(sizes, reader.smallest_group)
        if len(days) > 1
        else _only_one_day(reader, f"Only {told.day(reader.as_of_date)} was observed.")
    )
    people = {
        (row["segment_type"], row["segment_code"], row["observed_on"]): row["people"]
        for row in sizes.rows
    }
    lines = [
        (name, colour, [people.get((segment_type, code, day)) for day in days])
        for segment_type, code, name, colour in _WATCHED
    ]
    lines = [line for line in lines if any(line[2])]
    return Chart(
        "watched",
        "What is watched",
        finding=_last_step(lines, days),
        action=(
            "Two lines that part, champions down and churn risk up, are the earliest sign that"
            " something broke; look for the cause in `segment_changes`."
        ),
        figure=None if missing else _lines(lines, days),
        missing=missing,
        numbers=Numbers(
            ("Segment", *[told.short_day(day) for day in days]),
            [(name, *[told.whole(number) for number in numbers]) for name, _, numbers in lines],
        ),
        left_out=sizes.left_out,
        axes="Across: observed days. Up: people.",
    )


def _last_step(lines: list[tuple[str, str, list[int | None]]], days: list[Any]) -> str:
    if len(days) < 2:
        return ""
    steps = [
        f"{name} {numbers[-1] - numbers[-2]:+,}"
        for name, _, numbers in lines
        if numbers[-1] is not None and numbers[-2] is not None
    ]
    return f"Since {told.day(days[-2])}: {told.listed(steps)}." if steps else ""


def _lines(lines: list[tuple[str, str, list[int | None]]], days: list[Any]) -> Figure:
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": name,
                "x": [day.isoformat() for day in days],
                "y": numbers,
                "customdata": [
                    hover(f"{name} on {told.day(day)}", told.people(number)) if number else ""
                    for day, number in zip(days, numbers, strict=True)
                ],
                "hovertemplate": "%{customdata}<extra></extra>",
                "line": {"color": colour, "width": 2.5},
                "marker": {"color": colour, "size": 6},
            }
            for name, colour, numbers in lines
        ],
        "layout": {
            "xaxis": {"type": "date", "tickangle": 0, "showgrid": False, "nticks": 6},
            "yaxis": {"rangemode": "tozero", "tickformat": ",d"},
            "legend": {"orientation": "h", "y": 1.14, "x": 0, "traceorder": "normal"},
        },
    }
