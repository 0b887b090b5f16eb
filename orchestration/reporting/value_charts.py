"""What the people are worth: expected value, how it is spread, what of it is at risk."""

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
    upright_bars,
    why_empty,
)
from orchestration.reporting.published_reader import Groups, PublishedReader

# 0, 1, 2, 5, 10, 20, 50 ...: bins that are the same in every shop and name nobody's value.
BIN_EDGES = (0, *(step * 10**power for power in range(9) for step in (1, 2, 5)))

_BINS = """
with bins as (
    select unnest({edges}::bigint[]) as lower_bound
),

bounds as (
    select lower_bound, lead(lower_bound) over (order by lower_bound) as upper_bound
    from bins
)

select
    bounds.lower_bound,
    bounds.upper_bound,
    count(*) as people,
    sum(customer_360.predicted_clv_365_days) as predicted_clv
from marts.customer_360
inner join bounds
    on customer_360.predicted_clv_365_days >= bounds.lower_bound
    and (
        customer_360.predicted_clv_365_days < bounds.upper_bound
        or bounds.upper_bound is null
    )
group by bounds.lower_bound, bounds.upper_bound
"""

# People of one value stay together, so a tenth may be a little more or less than one.
_TENTHS = """
with amounts as (
    select predicted_clv_365_days as amount, count(*) as people
    from marts.customer_360
    where predicted_clv_365_days is not null
    group by predicted_clv_365_days
),

ranked as (
    select
        *,
        sum(people) over (order by amount desc rows unbounded preceding) as people_so_far,
        sum(people) over () as all_people
    from amounts
)

select
    cast((2 * people_so_far - people) * 10 // (2 * all_people) + 1 as integer) as tenth,
    sum(people) as people,
    sum(amount * people) as predicted_clv
from ranked
group by tenth
"""

_RISKS = """
with scored as (
    select
        customer_360.*,
        probabilistic_segments.segment_rank as clv_rank
    from marts.customer_360
    inner join marts.probabilistic_segments
        on customer_360.profile_id = probabilistic_segments.profile_id
    where customer_360.predicted_clv_365_days is not null
)

select
    clv_rank,
    clv_tier_name,
    churn_risk,
    churn_risk_name,
    count(*) as people,
    sum(predicted_clv_365_days) as predicted_clv
from scored
group by clv_rank, clv_tier_name, churn_risk, churn_risk_name
"""

_BANDS = """
select churn_risk, churn_risk_name
from marts.customer_360
where churn_probability is not null
group by churn_risk, churn_risk_name
order by min(churn_probability)
"""

_MODELS = """
select model_name, purpose, run_status, reason, customer_count, fit_date
from marts.clv_model_runs
where is_champion
order by purpose, model_name
"""

BACKTEST_TABLE = "clv_backtest"


def value_section(reader: PublishedReader) -> Section:
    """The charts of customer lifetime value."""
    return Section(
        "value",
        "What they are worth",
        "The value expected in the next 365 days: for whom, how unevenly, and what is at risk.",
        [_tenths(reader), _distribution(reader), _risk(reader), _calibration(reader)],
    )


def at_risk(reader: PublishedReader) -> Groups:
    """People by CLV tier and churn risk."""
    return reader.groups(_RISKS, "clv_rank, churn_risk")


def _why_nothing(reader: PublishedReader, groups: Groups) -> str:
    missing = why_empty(reader, groups, "customer_lifetime_value")
    if not missing:
        return ""
    failed = [
        f"The model of {row['purpose']} was not fitted: {row['reason']}."
        for row in reader.rows(_MODELS)
        if row["reason"]
    ]
    return " ".join(failed) or missing


def _tenths(reader: PublishedReader) -> Chart:
    tenths = reader.groups(_TENTHS, "tenth")
    missing = _why_nothing(reader, tenths)
    total = sum(row["predicted_clv"] for row in tenths.rows)
    names = [_tenth_name(row["tenth"]) for row in tenths.rows]
    figure = upright_bars(
        names,
        [float(row["predicted_clv"]) for row in tenths.rows],
        [_short_share(row["predicted_clv"], total) for row in tenths.rows],
        [
            hover(
                f"{name} tenth: {told.people(row['people'])}",
                f"{told.money(row['predicted_clv'], reader.currency)} expected in 365 days",
                f"{told.share(row['predicted_clv'], total)} of all",
            )
            for name, row in zip(names, tenths.rows, strict=True)
        ],
    )
    best = [row for row in tenths.rows if row["tenth"] <= 2]
    return Chart(
        "clv-tenths",
        "Who carries the value",
        finding=(
            f"The most valuable fifth carries"
            f" {told.share(sum(row['predicted_clv'] for row in best), total)} of"
            f" {told.money(total, reader.currency)}."
        ),
        action=(
            "Give service, early access and personal contact to the first two tenths; let"
            " automatic mail serve the last five."
        ),
        figure=None if missing else figure,
        missing=missing,
        numbers=Numbers(
            ("Tenth", "People", "Expected in 365 days", "Share"),
            [
                (
                    name,
                    told.whole(row["people"]),
                    told.money(row["predicted_clv"], reader.currency),
                    told.share(row["predicted_clv"], total),
                )
                for name, row in zip(names, tenths.rows, strict=True)
            ],
        ),
        left_out=tenths.left_out,
        axes="Across: tenths of the people with a prediction, the most valuable first. Bars: share"
        " of all expected value.",
    )


def _tenth_name(tenth: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(tenth, f"{tenth}th")


def _short_share(part: object, total: object) -> str:
    return f"{float(part) / float(total):.0%}" if total else ""  # type: ignore[arg-type]


def _distribution(reader: PublishedReader) -> Chart:
    bins = reader.groups(_BINS.format(edges=list(BIN_EDGES)), "lower_bound, upper_bound")
    missing = _why_nothing(reader, bins)
    names = [_bin_name(row["lower_bound"], row["upper_bound"]) for row in bins.rows]
    figure = upright_bars(
        [_short(row["lower_bound"]) for row in bins.rows],
        [row["people"] for row in bins.rows],
        [told.whole(row["people"]) for row in bins.rows],
        [
            hover(
                f"{reader.currency} {name} in 365 days",
                f"{told.people(row['people'])}, {told.share(row['people'], bins.people)}",
                f"{told.money(row['predicted_clv'], reader.currency)} together",
            )
            for name, row in zip(names, bins.rows, strict=True)
        ],
    )
    low = sum(row["people"] for row in bins.rows if row["lower_bound"] < 10)
    return Chart(
        "clv-distribution",
        "How expected value is spread",
        finding=(
            f"{told.share(low, bins.people)} are expected to bring less than"
            f" {reader.currency} 10 in a year."
        ),
        action=(
            "Cap what a campaign may cost per person at the bin that it is for; a mail that costs"
            " more than the left end brings is not worth sending."
        ),
        figure=None if missing else figure,
        missing=missing,
        numbers=Numbers(
            (f"Expected value, {reader.currency}", "People", "Share", "Together"),
            [
                (
                    name,
                    told.whole(row["people"]),
                    told.share(row["people"], bins.people),
                    told.money(row["predicted_clv"], reader.currency),
                )
                for name, row in zip(names, bins.rows, strict=True)
            ],
        ),
        left_out=bins.left_out,
        axes=(
            f"Across: value expected in 365 days, {reader.currency}; each bar from the amount below"
            " it to the next one's. Bars: people."
        ),
    )


def _bin_name(lower_bound: int, upper_bound: int | None) -> str:
    if upper_bound is None:
        return f"{_short(lower_bound)}+"
    return f"{_short(lower_bound)}–{_short(upper_bound)}"


def _short(bound: int) -> str:
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if bound >= unit:
            return f"{bound // unit}{name}"
    return str(bound)


def _risk(reader: PublishedReader) -> Chart:
    cells = at_risk(reader)
    missing = _why_nothing(reader, cells)
    tiers = sorted({(row["clv_rank"], row["clv_tier_name"]) for row in cells.rows})
    bands = [(row["churn_risk"], row["churn_risk_name"]) for row in reader.rows(_BANDS)]
    laid_out = grid(
        cells.rows,
        "clv_rank",
        "churn_risk",
        [rank for rank, _ in tiers],
        [code for code, _ in bands],
    )
    figure = heat_map(
        [literal_text(name).replace(" churn", "<br>churn") for _, name in bands],
        [literal_text(name) for _, name in tiers],
        [[float(cell["predicted_clv"]) if cell else None for cell in row] for row in laid_out],
        [
            [
                f"{told.whole(cell['people'])}<br>{told.short(cell['predicted_clv'])}"
                if cell
                else ""
                for cell in row
            ]
            for row in laid_out
        ],
        [
            [
                hover(
                    f"{cell['clv_tier_name']}, {cell['churn_risk_name'].lower()}",
                    told.people(cell["people"]),
                    f"{told.money(cell['predicted_clv'], reader.currency)} expected in 365 days",
                )
                if cell
                else ""
                for cell in row
            ]
            for row in laid_out
        ],
    )
    total = sum(row["predicted_clv"] for row in cells.rows)
    threatened = sum(row["predicted_clv"] for row in cells.rows if row["churn_risk"] != "low")
    return Chart(
        "clv-risk",
        "Value and churn risk",
        finding=(
            f"{told.share(threatened, total)} of the expected value"
            f" ({told.money(threatened, reader.currency)}) stands with people of more than low"
            " churn risk."
        ),
        action=(
            "Begin retention in the top row, right of the first cell: those people are worth a"
            " personal contact. Don't discount to the top left: they come anyway."
        ),
        figure=None if missing else figure,
        missing=missing,
        numbers=Numbers(
            ("CLV tier", "Churn risk", "People", "Expected in 365 days"),
            [
                (
                    row["clv_tier_name"],
                    row["churn_risk_name"],
                    told.whole(row["people"]),
                    told.money(row["predicted_clv"], reader.currency),
                )
                for row in cells.rows
            ],
        ),
        left_out=cells.left_out,
        axes=f"Cells: people, and the value expected of them in 365 days, {reader.currency}.",
    )


def _calibration(reader: PublishedReader) -> Chart:
    models = reader.rows(_MODELS)
    return Chart(
        "clv-calibration",
        "Calibration: expected against what came",
        action="Plan with amounts that were held against what came; rank with the others.",
        missing=(
            f"This needs a table `{BACKTEST_TABLE}`, in which the models are fitted on an earlier"
            " day and compared with the orders that followed. The published set has none: use"
            " predictions to rank people, not as amounts to plan with."
        ),
        shows_numbers_alone=True,
        numbers=Numbers(
            ("Model", "Of", "State", "Fitted as of", "Customers"),
            [
                (
                    row["model_name"],
                    row["purpose"],
                    row["run_status"],
                    told.day(row["fit_date"]),
                    told.whole(row["customer_count"]),
                )
                for row in models
            ],
        ),
    )
