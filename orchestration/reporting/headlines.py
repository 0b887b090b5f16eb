"""What stands at the top of the report: a few totals, and what to look at first."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.reporting import number_texts as told
from orchestration.reporting.input_charts import capabilities, rejected_rows
from orchestration.reporting.published_reader import Groups, PublishedReader
from orchestration.reporting.value_charts import at_risk

_TOTALS = """
select
    count(*) as people,
    count(*) filter (order_count > 0) as buyers,
    count(*) filter (order_count > 1) as repeat_buyers,
    count(predicted_clv_365_days) as scored,
    count(*) filter (churn_risk = 'high') as high_risk,
    sum(net_revenue) as net_revenue,
    sum(predicted_clv_365_days) as predicted_clv
from marts.customer_360
"""


@dataclass(frozen=True, slots=True)
class Tile:
    """One total: its name, its number, and what it is made of."""

    name: str
    number: str
    note: str


@dataclass(frozen=True, slots=True)
class Hint:
    """A sentence on what to look at first, and the anchor of the chart that shows it."""

    sentence: str
    chart_id: str


def tiles(reader: PublishedReader) -> list[Tile]:
    """The totals of the set; a dash where they are those of too few people."""
    found = reader.one(_TOTALS)
    buyers, scored = found["buyers"], found["scored"]

    def of_enough(people: int, text: str) -> str:
        return text if people >= reader.smallest_group else told.NONE

    return [
        Tile("People", told.whole(found["people"]), "customers, guests and anonymous visitors"),
        Tile(
            "Buyers",
            of_enough(buyers, told.whole(buyers)),
            f"{told.share(buyers, found['people'])} of all people",
        ),
        Tile(
            "Buy again",
            of_enough(buyers, told.share(found["repeat_buyers"], buyers)),
            "of buyers have ordered twice or more",
        ),
        Tile(
            "Net revenue",
            of_enough(buyers, told.money(found["net_revenue"], reader.currency)),
            "over all history",
        ),
        Tile(
            "Expected value",
            of_enough(scored, told.money(found["predicted_clv"], reader.currency)),
            "in the next 365 days, discounted",
        ),
        Tile(
            "High churn risk",
            of_enough(scored, told.share(found["high_risk"], scored)),
            f"of {told.whole(scored)} people with a prediction",
        ),
    ]


def hints(reader: PublishedReader, segments: Groups) -> list[Hint]:
    """What to look at first, at most one sentence for each part of the report."""
    found = [_best_segment(segments), _threatened(reader), _lost(segments), _off(reader)]
    return [hint for hint in found if hint is not None]


def _best_segment(segments: Groups) -> Hint | None:
    valued = [row for row in segments.rows if row["predicted_clv"]]
    if len(valued) < 2:
        return None
    best = max(valued, key=lambda row: row["predicted_clv"])
    total = sum(row["predicted_clv"] for row in valued)
    return Hint(
        f"{best['segment_name']} are {told.share(best['people'], segments.people)} of people and"
        f" {told.share(best['predicted_clv'], total)} of the value expected in 365 days.",
        "rfm-treemap",
    )


def _threatened(reader: PublishedReader) -> Hint | None:
    best = [row for row in at_risk(reader).rows if row["clv_rank"] == 1]
    risky = [row for row in best if row["churn_risk"] != "low"]
    if not risky:
        return None
    value = sum(row["predicted_clv"] for row in risky)
    people = sum(row["people"] for row in risky)
    return Hint(
        f"{told.people(people)} of the best CLV tier have more than low churn risk; they are"
        f" expected to bring {told.money(value, reader.currency)}. Speak to them first.",
        "clv-risk",
    )


def _lost(segments: Groups) -> Hint | None:
    lost = [row for row in segments.rows if row["segment_code"] == "cant_lose_them"]
    revenue = sum(row["net_revenue"] for row in segments.rows)
    if not lost or not revenue:
        return None
    return Hint(
        f"{told.people(lost[0]['people'])} who brought"
        f" {told.share(lost[0]['net_revenue'], revenue)} of all revenue have not bought for long"
        f" ({lost[0]['segment_name']}).",
        "rfm-map",
    )


def _off(reader: PublishedReader) -> Hint | None:
    rejected, delivered = rejected_rows(reader)
    features = capabilities(reader)
    off = [feature for feature in features if not feature.is_on]
    if not off and not rejected:
        return None
    return Hint(
        f"{len(off)} of {len(features)} features are off for want of data, and"
        f" {told.share(rejected, delivered)} of delivered rows were rejected.",
        "capabilities" if off else "input-rows",
    )
