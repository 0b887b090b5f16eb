"""How things move: segments, what is watched and revenue over the observed days."""

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
from orchestration.reporting.migration_chart import (
    migration_chart,
    name_of,
    only_one_day,
    rank_of,
    segment_names,
)
from orchestration.reporting.published_reader import Groups, PublishedReader, Row

# More columns than this can't be read: then each month is shown by its last observed day.
LONGEST_SERIES = 13

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


def movement_section(reader: PublishedReader) -> Section:
    """The charts of migration and of sizes and revenue over time."""
    names = segment_names(reader)
    return Section(
        "movement",
        "What changes",
        "Who moved between segments, and how sizes and revenue went over the observed days.",
        [migration_chart(reader, names), _sizes(reader, names), _revenue(reader), _watched(reader)],
    )


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
        else only_one_day(f"Only {told.day(reader.as_of_date)} was observed.")
    )
    codes = sorted(
        {row["segment_code"] for row in sizes.rows}, key=lambda code: (rank_of(names, code), code)
    )
    all_people = {
        day: sum(row["people"] for row in sizes.rows if row["observed_on"] == day) for day in days
    }
    laid_out = grid(sizes.rows, "segment_code", "observed_on", codes, days)
    figure = heat_map(
        [f"{day.day} {day:%b}<br>{day.year}" for day in days],
        [literal_text(name_of(names, code, "")) for code in codes],
        [[cell["people"] if cell else None for cell in row] for row in laid_out],
        [[told.whole(cell["people"]) if cell else "" for cell in row] for row in laid_out],
        [
            [
                hover(
                    name_of(names, cell["segment_code"], ""),
                    told.day(cell["observed_on"]),
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
    figure["columns_on_phone"] = 4
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
                    name_of(names, code, ""),
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
        f"{name_of(names, most, '')} changed most: {told.whole(first[most])} on"
        f" {told.day(days[0])}, {told.whole(last[most])} on {told.day(days[-1])} ({change:+,})."
    )


def _revenue(reader: PublishedReader) -> Chart:
    months = reader.rows(_REVENUE)[-LONGEST_SERIES:]
    missing = (
        ""
        if len({row["net_revenue"] for row in months}) > 1
        else only_one_day("Revenue by month needs three observed month ends.")
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
        else only_one_day(f"Only {told.day(reader.as_of_date)} was observed.")
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
