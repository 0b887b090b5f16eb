"""Engagement in plain Python: brand score, usage, channel mix, and the segment table of all.

Messages, content and visits are in `preference_oracle`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Any

from tests.properties.preference_oracle import channels, interests, visit_patterns
from tests.properties.segment_facts import (
    AS_OF,
    CUT_POINTS,
    Facts,
    Record,
    days,
    grouped,
    last_reached,
    ratio,
    rounded,
)


def has_events(facts: Facts) -> bool:
    """Whether events are delivered at all."""
    return bool(facts.events)


def engagement_segments(facts: Facts) -> dict[str, Record]:
    """The rows of the mart by profile, without names and texts."""
    scores = brand_scores(facts, facts.as_of_date)
    used, usage_role, usage = _usage(facts)
    mixes = _channel_mixes(facts)
    patterns = visit_patterns(facts)
    active_days = _active_days(facts, AS_OF)
    of_channels = grouped(channels(facts).items(), lambda pair: pair[0][0], lambda pair: pair)
    of_content = grouped(interests(facts).items(), lambda pair: pair[0][0], lambda pair: pair)
    known_channels = {
        row["segment_code"]
        for row in facts.rules("segment_definitions")
        if row["segment_type"] == "preferred_channel"
    }
    found = {}
    for profile in facts.profiles:
        theirs = of_channels.get(profile, [])
        preferred = [key[1] for key, row in theirs if row["is_preferred"]]
        assert set(preferred) <= known_channels
        score = scores.get(profile, Decimal(0)) if has_events(facts) else None
        found[profile] = {
            "segment_code": "insufficient_data"
            if score is None
            else last_reached(facts.bounds("engagement_tiers", "tier_code"), score),
            "brand_score": score,
            "preferred_channel": (preferred or ["undetermined"])[0]
            if facts.messages
            else "insufficient_data",
            "message_count": sum(row["sent_count"] for _, row in theirs)
            if facts.messages
            else None,
            "message_reaction_count": sum(row["reacted_count"] for _, row in theirs)
            if facts.messages
            else None,
            "cut_points_as_of": "as_of_date" if usage_role == AS_OF else "quarter_start",
            "cut_points_date": facts.anchors[usage_role],
            "usage_basis": used,
            **usage[profile],
            **mixes[profile],
            **_activity(facts, active_days.get(profile, set())),
            **(patterns.get(profile) or _no_visits(facts)),
            "top_content_topic": _top(of_content.get(profile, []), "topic"),
            "top_content_format": _top(of_content.get(profile, []), "format"),
        }
    return found


def brand_scores(facts: Facts, day: dt.date) -> dict[str, Decimal]:
    """Everybody's points as of a day, from what had happened by then."""
    scores: defaultdict[str, Decimal] = defaultdict(Decimal)
    for (profile, date), points in _brand_points(facts).items():
        age = (day - date).days
        if 0 <= age < facts.settings["engagement_window_days"]:
            scores[profile] += points * _decay(facts, age)
    return {profile: rounded(score, 4) for profile, score in scores.items()}


def _decay(facts: Facts, age: int) -> Decimal:
    with localcontext() as context:
        context.prec = 40
        half_lives = Decimal(age) / facts.settings["engagement_half_life_days"]
        return rounded(Decimal("0.5") ** half_lives, 9)


def _weights(facts: Facts) -> dict[tuple[str, str], dict[str, str]]:
    return {
        (row["event_name"], row["channel"]): row for row in facts.rules("engagement_event_weights")
    }


def _rule(rules: dict[tuple[str, str], Any], name: str, channel: str | None) -> Any:
    return rules.get((name, channel or "")) or rules.get((name, "*"))


def _brand_points(facts: Facts) -> dict[tuple[str, dt.date], Decimal]:
    rules = _weights(facts)
    amounts: defaultdict[tuple[str, dt.date, tuple[str, str]], Decimal] = defaultdict(Decimal)

    def add(row: Record, name: str, amount: Decimal) -> None:
        rule, profile = _rule(rules, name, row["channel"]), facts.owner(row)
        if rule and profile:
            key = (profile, row["event_date"], (rule["event_name"], rule["channel"]))
            amounts[key] += amount

    for row in facts.events:
        add(row, row["event_name"], Decimal(1))
        add(row, "engaged_minutes", row["engaged_seconds"] or Decimal(0))
    opened = {}
    for row in facts.messages:
        if row["event_name"] == "click" or (
            row["event_name"] == "open" and not row["is_machine_open"]
        ):
            # One message opened five times on a day is one.
            message = (row["source_system"], row["message_id"], row["channel"])
            opened[facts.owner(row), message, row["event_name"], row["event_date"]] = row
    for row in opened.values():
        add(row, f"message_{row['event_name']}", Decimal(1))

    points: defaultdict[tuple[str, dt.date], Decimal] = defaultdict(Decimal)
    for (profile, date, key), amount in amounts.items():
        counted = amount // 60 if key[0] == "engaged_minutes" else amount
        rule = rules[key]
        points[profile, date] += Decimal(rule["weight"]) * min(counted, int(rule["daily_cap"]))
    return points


def _active_days(facts: Facts, role: str) -> dict[str, set[dt.date]]:
    rules, anchor = _weights(facts), facts.anchors[role]
    found: defaultdict[str, set[dt.date]] = defaultdict(set)
    for row in facts.events:
        rule, profile = _rule(rules, row["event_name"], row["channel"]), facts.owner(row, role)
        if profile and rule and rule["is_usage"] == "true" and row["event_date"] <= anchor:
            found[profile].add(row["event_date"])
    return found


def _activity(facts: Facts, active: set[dt.date]) -> Record:
    if not has_events(facts):
        counts = dict.fromkeys(("recent_active_day_count", "earlier_active_day_count", "trend"))
        return counts | {"last_active_date": None}
    window = facts.settings["trend_window_days"]
    dates = [date for date in active if date > facts.looked_at]
    ages = [(facts.as_of_date - date).days for date in dates]
    recent = sum(age < window for age in ages)
    earlier = sum(window <= age < 2 * window for age in ages)
    trend = "undetermined"
    if recent + earlier >= facts.settings["trend_min_active_days"]:
        trend = last_reached(
            facts.bounds("usage_trends", "trend_code"), ratio(recent + 1, earlier + 1)
        )
    return {
        "last_active_date": max(dates, default=None),
        "recent_active_day_count": recent,
        "earlier_active_day_count": earlier,
        "trend": trend,
    }


def _usage(facts: Facts) -> tuple[str | None, str, dict[str, Record]]:
    """Basis, role of the cut points, and everybody's band."""
    basis = None
    if any(
        date > facts.looked_at for dates in _active_days(facts, AS_OF).values() for date in dates
    ):
        basis = "events"
    elif _units(facts, AS_OF):
        basis = "units"
    values = {role: _usage_values(facts, basis, role) for role in facts.anchors}
    least = facts.settings["usage_min_profiles"]
    role = CUT_POINTS if len(values.get(CUT_POINTS, {})) >= least else AS_OF
    population = sorted(values[role].values())
    found = {}
    for profile in facts.profiles:
        value = values[AS_OF].get(profile, Decimal(0))
        if basis is None:
            segment = "insufficient_data"
        elif not value:
            segment = "none"
        elif len(population) < least:
            segment = "insufficient_data"
        elif len(set(population)) == 1:
            segment = "medium"
        else:
            segment = _band(facts, population, value)
        found[profile] = {"usage_segment": segment, "usage_value": value if basis else None}
    return basis, role, found


def _band(facts: Facts, population: list[Decimal], value: Decimal) -> str:
    bands = facts.bounds("usage_bands", "band_code")
    for (_, code), (upper, _) in pairwise(bands):
        # A band reaches down to the least value that few enough are above of.
        members = [
            other
            for other in population
            if sum(one > other for one in population) < upper * len(population)
        ]
        if value >= min(members):
            return code
    return bands[-1][1]


def _usage_values(facts: Facts, basis: str | None, role: str) -> dict[str, Decimal]:
    if basis == "units":
        return _units(facts, role)
    if basis is None:
        return {}
    begin = facts.anchors[role] - days(facts.settings["usage_window_days"])
    counts = {
        profile: Decimal(sum(date > begin for date in dates))
        for profile, dates in _active_days(facts, role).items()
    }
    return {profile: count for profile, count in counts.items() if count}


def _units(facts: Facts, role: str) -> dict[str, Decimal]:
    begin = facts.anchors[role] - days(facts.settings["usage_units_window_days"])
    lines = grouped(
        facts.records("intermediate.int_order_lines", "not is_gift_card and quantity > 0"),
        lambda row: (row["source_system"], row["order_id"]),
        lambda row: row["quantity"],
    )
    units: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in facts.orders:
        key = (row["source_system"], row["order_id"])
        in_window = row["anchor_role"] == role and row["ordered_date"] > begin
        if in_window and not row["is_renewal"] and key in lines:
            units[row["profile_id"]] += sum(lines[key])
    return units


def _channel_mixes(facts: Facts) -> dict[str, Record]:
    kinds = {
        (row["field"], row["value"]): row["channel_kind"] for row in facts.rules("channel_kinds")
    }
    begin = facts.as_of_date - days(facts.settings["engagement_window_days"])
    contacts = [
        (facts.owner(row), row["event_date"], row["event_name"], row["channel"])
        for row in facts.events
        if row["event_date"] > begin
    ] + [
        (row["profile_id"], row["ordered_date"], "order", row["channel"])
        for row in facts.orders
        if row["anchor_role"] == AS_OF and not row["is_renewal"] and row["ordered_date"] > begin
    ]
    dates: defaultdict[tuple[str, str], set[dt.date]] = defaultdict(set)
    for profile, date, name, channel in contacts:
        kind = kinds.get(("event_name", name)) or kinds.get(("channel", channel))
        if profile and kind:
            dates[profile, kind].add(date)
    found = {}
    for profile in facts.profiles:
        online = len(dates.get((profile, "online"), ()))
        store = len(dates.get((profile, "store"), ()))
        mix = {
            (True, True): "omnichannel",
            (True, False): "online_only",
            (False, True): "store_only",
            (False, False): "none",
        }[online > 0, store > 0]
        found[profile] = {
            "channel_mix": mix if dates else "insufficient_data",
            "online_day_count": online if dates else None,
            "store_day_count": store if dates else None,
        }
    return found


def _no_visits(facts: Facts) -> Record:
    return {
        "visit_count": 0 if has_events(facts) else None,
        "weekend_visit_share": None,
        "top_daypart": None,
        "top_weekday": None,
        "visit_pattern": "undetermined" if has_events(facts) else None,
    }


def _top(content: list[tuple[Any, Record]], kind: str) -> str | None:
    ranked = sorted(
        (-row["lift"], -row["signal_count"], key[2]) for key, row in content if key[1] == kind
    )
    best = ranked[0][2] if ranked else None
    interests_of_kind = {key[2] for key, row in content if key[1] == kind and row["is_interest"]}
    return best if best in interests_of_kind else None
