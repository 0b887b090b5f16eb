"""RFM in plain Python: what `rfm_segments` must say."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from tests.properties.segment_facts import AS_OF, CUT_POINTS, Facts, Record, ratio


def rfm_segments(facts: Facts) -> dict[str, Record]:
    """The rows of the mart by profile, without names and texts."""
    measures = {role: _measures(facts, role) for role in facts.anchors}
    role = _cut_points_role(facts, measures)
    in_window = [row for row in measures[role].values() if row["in_window"]]
    scores = _scores(facts, measures[AS_OF], in_window)
    undone = _undone(facts)
    grid = {
        tuple(int(row[f"{name}_score"]) for name in ("recency", "frequency", "monetary")): row[
            "segment_code"
        ]
        for row in facts.rules("rfm_grid")
        if row["grid"] == facts.settings["rfm_grid"]
    }
    found = {}
    for profile in facts.profiles:
        row = measures[AS_OF].get(profile)
        recency, frequency, monetary = scores.get(profile, (None, None, None))
        if row is None:
            segment = "returned_only" if profile in undone else "prospect"
        else:
            segment = grid.get((recency, frequency, monetary), "insufficient_data")
        found[profile] = {
            "segment_code": segment,
            "recency_score": recency,
            "frequency_score": frequency,
            "monetary_score": monetary,
            "recency_days": row and row["recency"],
            "order_count": row["order_count"] if row else 0,
            "renewal_count": row["renewal_count"] if row else 0,
            "monetary_total": row["monetary"] if row else Decimal(0),
            "average_order_value": row and row["average"],
            "tenure_days": row and row["tenure"],
            "cut_points_as_of": "as_of_date" if role == AS_OF else "quarter_start",
            "cut_points_date": facts.anchors[role],
        }
    return found


def _measures(facts: Facts, role: str) -> dict[str, Record]:
    day, window = facts.anchors[role], facts.settings["rfm_window_days"]
    orders = defaultdict(list)
    for row in facts.orders:
        if row["anchor_role"] == role:
            orders[row["profile_id"]].append(row)
    refunded: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in facts.records("intermediate.int_refunds_as_of", f"anchor_role = '{role}'"):
        is_recent = (day - row["refunded_date"]).days < window
        if row["unlinked_profile_id"] and row["reject_reason"] is None and is_recent:
            refunded[row["unlinked_profile_id"]] += row["shop_goods_amount"]
    found = {}
    for profile, theirs in orders.items():
        ages = [(day - row["ordered_date"]).days for row in theirs]
        recent = [row for row, age in zip(theirs, ages, strict=True) if age < window]
        proper = [row for row in recent if not row["is_renewal"]]
        found[profile] = {
            "recency": min(ages),
            "tenure": max(ages),
            "order_count": len(proper),
            "renewal_count": len(recent) - len(proper),
            "in_window": bool(recent),
            "monetary": sum((row["net_revenue"] for row in recent), Decimal(0)) - refunded[profile],
            "average": ratio(sum(row["net_revenue"] for row in proper), len(proper), 4),
        }
    return found


def _cut_points_role(facts: Facts, measures: dict[str, dict[str, Record]]) -> str:
    counts = {
        role: sum(row["in_window"] for row in rows.values()) for role, rows in measures.items()
    }
    enough = counts.get(CUT_POINTS, 0) >= facts.settings["rfm_min_customers"]
    return CUT_POINTS if CUT_POINTS in counts and enough else AS_OF


def _scores(
    facts: Facts, measures: dict[str, Record], population: list[Record]
) -> dict[str, tuple[int, ...]]:
    today = [row for row in measures.values() if row["in_window"]]
    names = {"recency": "recency", "frequency": "order_count", "monetary": "monetary"}
    alike = all(len({row[column] for row in today}) == 1 for column in names.values())
    if len(today) < facts.settings["rfm_min_customers"] or alike:
        return {}
    return {
        profile: tuple(
            _score(facts, measure, Decimal(row[column]), [Decimal(p[column]) for p in population])
            for measure, column in names.items()
        )
        for profile, row in measures.items()
    }


def _score(facts: Facts, measure: str, value: Decimal, population: list[Decimal]) -> int:
    rules = sorted(
        (row for row in facts.rules("rfm_cutoffs") if row["measure"] == measure),
        key=lambda row: Decimal(row["lower_bound"]),
    )
    if rules[0]["method"] == "absolute":
        place = sum(value >= Decimal(row["lower_bound"]) for row in rules[1:])
    elif len(set(population)) == 1:
        return 3
    else:
        ordered = sorted(population)
        # The smallest value that this share of the buyers reaches; a value equal to it is below.
        cuts = [
            next(
                cut
                for number, cut in enumerate(ordered, start=1)
                if number >= Decimal(row["lower_bound"]) * len(ordered)
            )
            for row in rules[1:]
        ]
        place = sum(value > cut for cut in cuts)
    return int(rules[place]["score"])


def _undone(facts: Facts) -> set[str]:
    undone = facts.records(
        "intermediate.int_orders_as_of",
        "anchor_role = 'as_of' and order_outcome in ('returned', 'cancelled')",
    )
    refunds = facts.records(
        "intermediate.int_refunds_as_of", "anchor_role = 'as_of' and reject_reason is null"
    )
    return {row["profile_id"] for row in undone} | {row["unlinked_profile_id"] for row in refunds}
