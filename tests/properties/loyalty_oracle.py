"""Loyalty in plain Python: what `loyalty_segments` must say."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tests.properties.engagement_oracle import brand_scores, has_events
from tests.properties.segment_facts import AS_OF, Facts, Record, days, last_reached, ratio

PURCHASES = ("tenure", "frequency", "regularity", "active_months")
ATTITUDE = ("brand_interaction", "content", "advocacy")


@dataclass(frozen=True)
class _Evaluated:
    """One person on one day, from what had happened by then."""

    date: dt.date
    measures: dict[str, Any]
    points: dict[str, Decimal | None]
    score: Decimal | None
    available: Decimal
    repeat_buying: Decimal
    attitude: Decimal | None
    since_last: int | None
    expected: Decimal | None
    is_lapsing: bool
    tier: str | None


def loyalty_segments(facts: Facts) -> dict[str, Record]:
    """The rows of the mart by profile, without names and texts."""
    backs = [0, *sorted(int(row["days_back"]) for row in facts.rules("loyalty_grace_days"))]
    evaluated = {back: _evaluate(facts, facts.as_of_date - days(back)) for back in backs}
    tiers = [code for _, code in facts.bounds("loyalty_tiers", "tier_code")]
    found = {}
    for profile in facts.profiles:
        today = evaluated[0][profile]
        with_tier = [evaluated[back][profile] for back in backs if evaluated[back][profile].tier]
        best = max(with_tier, key=lambda day: (tiers.index(day.tier), day.date), default=None)
        found[profile] = {
            **_outlook(facts, today, best, tiers),
            **_programme(facts, profile),
            "loyalty_score": today.score,
            "raw_tier": today.tier,
            **{f"{name}_points": value for name, value in today.points.items()},
            "purchase_history_points": sum(today.points[name] for name in PURCHASES),
            "available_points": today.available,
            **today.measures,
            "days_since_last_order": today.since_last,
            "expected_interval_days": today.expected,
            "is_lapsing": today.is_lapsing,
            "repeat_buying_share": today.repeat_buying,
            "attitude_share": today.attitude,
            "loyalty_quadrant": _quadrant(facts, today),
        }
    return found


def _outlook(facts: Facts, today: _Evaluated, best: _Evaluated | None, tiers: list[str]) -> Record:
    if best is None:
        nothing = dict.fromkeys(("tier_as_of_date", "next_tier", "points_to_next_tier"))
        return nothing | {
            "segment_code": "prospect",
            "is_in_grace": False,
            "is_potential_loyalist": False,
        }
    above = tiers[tiers.index(best.tier) + 1 :]
    lacking = None
    if above:
        bounds = {code: bound for bound, code in facts.bounds("loyalty_tiers", "tier_code")}
        lacking = max(bounds[above[0]] - today.score, Decimal(0))
    return {
        "segment_code": best.tier,
        "tier_as_of_date": best.date,
        "is_in_grace": best.date < today.date,
        "next_tier": above[0] if above else None,
        "points_to_next_tier": lacking,
        "is_potential_loyalist": lacking is not None
        and lacking <= facts.settings["potential_loyalist_points"]
        and today.expected is not None
        and today.since_last <= today.expected,
    }


def _order_days(facts: Facts, day: dt.date) -> dict[str, list[dt.date]]:
    found: defaultdict[str, set[dt.date]] = defaultdict(set)
    for row in facts.orders:
        if row["anchor_role"] == AS_OF and not row["is_renewal"] and row["ordered_date"] <= day:
            found[row["profile_id"]].add(row["ordered_date"])
    return {profile: sorted(dates) for profile, dates in found.items()}


def _evaluate(facts: Facts, day: dt.date) -> dict[str, _Evaluated]:
    orders = _order_days(facts, day)
    intervals = {
        profile: [(after - before).days for before, after in pairwise(dates)]
        for profile, dates in orders.items()
    }
    medians = {profile: statistics.median_low(gaps) for profile, gaps in intervals.items() if gaps}
    shop = statistics.median_low(medians.values()) if medians else None
    scores, maxima = brand_scores(facts, day), _maxima(facts)
    content, acts = _content_days(facts, day), _acts(facts, day)
    found = {}
    for profile in facts.profiles:
        dates, gaps = orders.get(profile, []), intervals.get(profile, [])
        measures = _purchase_measures(facts, day, dates, gaps, medians.get(profile))
        attitude = {
            "brand_interaction": scores.get(profile),
            "content": content.get(profile),
            "advocacy": acts.get(profile),
        }
        points = {
            name: _points(facts, name, value)
            for name, value in {**_purchase_values(measures), **attitude}.items()
        }
        for name in ATTITUDE:
            if maxima[name] is None:
                points[name] = None
        found[profile] = _judged(
            facts,
            day,
            {
                **measures,
                "content_day_count": attitude["content"],
                "advocacy_act_count": attitude["advocacy"],
            },
            points,
            maxima,
            (day - dates[-1]).days if dates else None,
            _expected(facts, gaps, medians.get(profile), shop) if dates else None,
        )
    return found


def _purchase_values(measures: Record) -> Record:
    return {
        "tenure": measures["tenure_days"],
        "frequency": measures["order_day_count"],
        "regularity": measures["regularity"],
        "active_months": measures["active_month_share"],
    }


def _purchase_measures(
    facts: Facts, day: dt.date, dates: list[dt.date], gaps: list[int], median: int | None
) -> Record:
    if not dates:
        return dict.fromkeys(("tenure_days", "order_day_count", "regularity", "active_month_share"))
    months = {(day - date).days // 30 for date in dates}
    span = facts.settings["loyalty_window_months"]
    regularity = None
    if gaps:
        evenness = max(len(gaps) * median - sum(abs(gap - median) for gap in gaps), 0)
        prior = facts.settings["interval_prior_count"]
        regularity = ratio(evenness, (len(gaps) + prior) * median)
    window = facts.settings["loyalty_window_days"]
    return {
        "tenure_days": (dates[-1] - dates[0]).days,
        "order_day_count": sum((day - date).days < window for date in dates),
        "regularity": regularity,
        "active_month_share": ratio(sum(month < span for month in months), span),
    }


def _expected(
    facts: Facts, gaps: list[int], median: int | None, shop: int | None
) -> Decimal | None:
    if shop is None:
        return None
    prior = facts.settings["interval_prior_count"]
    return ratio(len(gaps) * (median or 0) + prior * shop, len(gaps) + prior, 2)


def _content_days(facts: Facts, day: dt.date) -> dict[str, int]:
    begin = day - days(facts.settings["loyalty_window_days"])
    found: defaultdict[str, set[dt.date]] = defaultdict(set)
    for row in _content_events(facts):
        if (profile := facts.owner(row)) and begin < row["event_date"] <= day:
            found[profile].add(row["event_date"])
    return {profile: len(dates) for profile, dates in found.items()}


def _content_events(facts: Facts) -> list[Record]:
    names = {
        row["event_name"]
        for row in facts.rules("event_names")
        if row["is_content_signal"] == "true"
    }
    return [
        row
        for row in facts.events
        if row["event_name"] in names and (row["content_topic"] or row["content_format"])
    ]


def _acts(facts: Facts, day: dt.date) -> dict[str, int]:
    begin = day - days(facts.settings["loyalty_window_days"])
    rules = {(row["source"], row["name"]): row for row in facts.rules("advocacy_rules")}
    acts: set[tuple[str, dt.date, str]] = set()
    for row in facts.events:
        rule = rules.get(("event", row["event_name"]))
        if rule and (profile := facts.owner(row)) and begin < row["event_date"] <= day:
            acts.add((profile, row["event_date"], rule["act"]))
    for row in facts.feedback:
        rule = rules.get(("feedback", row["kind"]))
        is_praise = rule and _is_praise(rule, row["score"], row["score_max"])
        if is_praise and (profile := facts.owner(row)) and begin < row["feedback_date"] <= day:
            acts.add((profile, row["feedback_date"], rule["act"]))
    counts: defaultdict[str, int] = defaultdict(int)
    for profile, _, _ in acts:
        counts[profile] += 1
    return counts


def _is_praise(rule: dict[str, str], score: Decimal | None, most: Decimal | None) -> bool:
    if score is None or score < Decimal(rule["minimum_score"]):
        return False
    share = Decimal(rule["minimum_share"])
    return share == 0 or (most is not None and most > 0 and score >= share * most)


def _maxima(facts: Facts) -> dict[str, Decimal | None]:
    """The most that each component may bring; None where its input is not there."""
    maxima: dict[str, Decimal | None] = {
        row["component"]: Decimal(row["maximum_points"])
        for row in facts.rules("loyalty_components")
    }
    if not has_events(facts):
        maxima["brand_interaction"] = None
        if not facts.feedback:
            maxima["advocacy"] = None
    if not _content_events(facts):
        maxima["content"] = None
    return maxima


def _points(facts: Facts, component: str, value: Decimal | int | None) -> Decimal:
    if value is None:
        return Decimal(0)
    steps = sorted(
        (Decimal(row["lower_bound"]), row["points"])
        for row in facts.rules("loyalty_cutoffs")
        if row["component"] == component
    )
    return max((Decimal(points) for bound, points in steps if value >= bound), default=Decimal(0))


def _judged(
    facts: Facts,
    day: dt.date,
    measures: Record,
    points: dict[str, Decimal | None],
    maxima: dict[str, Decimal | None],
    since_last: int | None,
    expected: Decimal | None,
) -> _Evaluated:
    bought = sum(points[name] for name in PURCHASES)
    attitude = sum(points[name] or 0 for name in ATTITUDE)
    most_bought = sum(maxima[name] for name in PURCHASES)
    most_attitude = sum(maxima[name] or 0 for name in ATTITUDE)
    factor = facts.settings["loyalty_lapse_factor"]
    is_lapsing = expected is not None and since_last > factor * expected
    score = tier = None
    if since_last is not None:
        score = ratio(100 * (bought + attitude), most_bought + most_attitude, 2)
        tier = last_reached(facts.bounds("loyalty_tiers", "tier_code"), score)
        if is_lapsing and tier == "high":
            tier = "medium"
    return _Evaluated(
        day,
        measures,
        points,
        score,
        most_bought + most_attitude,
        ratio(bought, most_bought),
        ratio(attitude, most_attitude),
        since_last,
        expected,
        is_lapsing,
        tier,
    )


def _quadrant(facts: Facts, today: _Evaluated) -> str:
    if today.attitude is None:
        return "insufficient_data"
    return next(
        row["quadrant_code"]
        for row in sorted(facts.rules("loyalty_quadrants"), key=lambda row: int(row["priority"]))
        if today.repeat_buying >= Decimal(row["repeat_buying_from"])
        and today.attitude >= Decimal(row["attitude_from"])
    )


def _programme(facts: Facts, profile: str) -> Record:
    def memberships(person: str) -> list[tuple[dt.date | None, str | None]]:
        return [
            (joined, row["loyalty_tier"])
            for row in facts.accounts.get(person, [])
            if row["loyalty_member_id"] is not None
            and (
                (joined := facts.shop_date(row["loyalty_joined_at"])) is None
                or joined <= facts.as_of_date
            )
        ]

    mine = memberships(profile)
    has_members = any(memberships(person) for person in facts.accounts)
    joined, tier = mine[0] if mine else (None, None)
    return {
        "is_programme_member": bool(mine) if has_members else None,
        "programme_joined_date": joined,
        "programme_tier": tier,
    }
