"""Messages, content and visits in plain Python: when and through what somebody is best reached."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from tests.properties.segment_facts import Facts, Record, days, ratio

Key = tuple[Any, ...]


def time_zone(facts: Facts, profile: str) -> tuple[str, bool]:
    """Whose clock a person lives by, and whether it is their own."""
    told = [row["time_zone"] for row in facts.accounts.get(profile, []) if row["time_zone"]]
    return (told[0], True) if told else (facts.settings["business_timezone"], False)


def local_time(facts: Facts, profile: str, instant: dt.datetime) -> dt.datetime:
    """An instant as the person's clock shows it."""
    zone = zoneinfo.ZoneInfo(time_zone(facts, profile)[0])
    return instant.replace(tzinfo=dt.UTC).astimezone(zone)


def _messages(facts: Facts) -> dict[Key, Record]:
    """What became of each message of the window, by person, channel and message."""
    begin = facts.as_of_date - days(facts.settings["engagement_window_days"])
    rows: defaultdict[Key, list[Record]] = defaultdict(list)
    for row in facts.messages:
        if (profile := facts.owner(row)) is not None and row["event_date"] > facts.looked_at:
            rows[profile, row["channel"], row["source_system"], row["message_id"]].append(row)
    found = {}
    for key, theirs in rows.items():
        if min(row["event_date"] for row in theirs) <= begin:
            continue
        opens = [
            row for row in theirs if row["event_name"] == "open" and not row["is_machine_open"]
        ]
        clicks = [row for row in theirs if row["event_name"] == "click"]
        found[key] = {
            "bounced": any(row["event_name"] == "bounce" for row in theirs),
            "opened": bool(opens),
            "clicked": bool(clicks),
            "reacted_at": min((row["occurred_at"] for row in opens + clicks), default=None),
        }
    return found


def channels(facts: Facts) -> dict[Key, Record]:
    """The rows of `engagement_channels` by profile and channel."""
    messages: defaultdict[Key, list[Record]] = defaultdict(list)
    for key, message in _messages(facts).items():
        messages[key[:2]].append(message)
    found = {}
    for key, theirs in messages.items():
        reacted = sum(row["opened"] or row["clicked"] for row in theirs)
        found[key] = {
            "sent_count": len(theirs),
            "bounced_count": sum(row["bounced"] for row in theirs),
            "delivered_count": sum(
                not row["bounced"] or row["opened"] or row["clicked"] for row in theirs
            ),
            "opened_count": sum(row["opened"] for row in theirs),
            "clicked_count": sum(row["clicked"] for row in theirs),
            "reacted_count": reacted,
        }
    for channel in {key[1] for key in found}:
        rows = {key: row for key, row in found.items() if key[1] == channel}
        reacted = sum(row["reacted_count"] for row in rows.values())
        delivered = sum(row["delivered_count"] for row in rows.values())
        prior = facts.settings["channel_prior_messages"]
        for row in rows.values():
            row["channel_response_rate"] = ratio(reacted, delivered)
            row["response_rate"] = ratio(
                row["reacted_count"] * delivered + prior * reacted,
                (row["delivered_count"] + prior) * delivered,
            )
    _prefer(facts, found)
    return {key: row for key, row in found.items() if key[0] in set(facts.profiles)}


def _prefer(facts: Facts, found: dict[Key, Record]) -> None:
    known = {
        row["segment_code"]
        for row in facts.rules("segment_definitions")
        if row["segment_type"] == "preferred_channel"
    }
    candidates: defaultdict[str, list[tuple[Decimal, int, str]]] = defaultdict(list)
    for (profile, channel), row in found.items():
        row["is_preferred"] = False
        enough = row["delivered_count"] >= facts.settings["channel_min_messages"]
        if enough and row["reacted_count"] and channel in known:
            candidates[profile].append((-row["response_rate"], -row["reacted_count"], channel))
    for profile, ranked in candidates.items():
        found[profile, min(ranked)[2]]["is_preferred"] = True


def interests(facts: Facts) -> dict[Key, Record]:
    """The rows of `engagement_content` by profile, kind and value."""
    signals = {
        row["event_name"]
        for row in facts.rules("event_names")
        if row["is_content_signal"] == "true"
    }
    begin = facts.as_of_date - days(facts.settings["engagement_window_days"])
    own: Counter[Key] = Counter()
    for row in facts.events:
        profile = facts.owner(row)
        if profile and row["event_name"] in signals and row["event_date"] > begin:
            for kind in ("topic", "format"):
                if value := row[f"content_{kind}"]:
                    own[profile, kind, value] += 1
    own_totals, value_totals, kind_totals = Counter(), Counter(), Counter()
    for (profile, kind, value), count in own.items():
        own_totals[profile, kind] += count
        value_totals[kind, value] += count
        kind_totals[kind] += count
    prior = facts.settings["content_prior_signals"]
    found = {}
    for (profile, kind, value), count in own.items():
        mine, everybodys = own_totals[profile, kind], kind_totals[kind]
        share = Decimal(value_totals[kind, value]) / everybodys
        lift = ratio(
            count * everybodys + prior * value_totals[kind, value],
            (mine + prior) * value_totals[kind, value],
        )
        found[profile, kind, value] = {
            "signal_count": count,
            "own_share": ratio(count, mine),
            "population_share": ratio(value_totals[kind, value], everybodys),
            "lift": lift,
            "is_interest": count >= facts.settings["content_min_signals"]
            and lift >= Decimal(str(facts.settings["content_min_lift"])),
        }
        assert abs(lift * share - (count + prior * share) / (mine + prior)) < Decimal("0.00001")
    return {key: row for key, row in found.items() if key[0] in set(facts.profiles)}


def visit_patterns(facts: Facts) -> dict[str, Record]:
    """Columns of `engagement_segments` about visits, of those who came at all."""
    begin = facts.as_of_date - days(facts.settings["usage_window_days"])
    starts: defaultdict[str, list[dt.datetime]] = defaultdict(list)
    for row in facts.records("intermediate.int_session_days", "is_first_day"):
        profile = facts.owner(row)
        if profile and begin < row["session_date"] <= facts.as_of_date:
            starts[profile].append(local_time(facts, profile, row["session_started_at"]))
    dayparts = sorted((int(row["first_hour"]), row["daypart"]) for row in facts.rules("dayparts"))
    return {profile: _pattern(facts, dayparts, theirs) for profile, theirs in starts.items()}


def _pattern(facts: Facts, dayparts: list[tuple[int, str]], starts: list[dt.datetime]) -> Record:
    visits = [
        (at.isoweekday(), [part for part in dayparts if part[0] <= at.hour][-1]) for at in starts
    ]
    by_part = Counter(part for _, part in visits)
    by_weekday = Counter(weekday for weekday, _ in visits)
    pattern = "undetermined"
    if len(visits) >= facts.settings["pattern_min_visits"]:
        pattern = _first_fit(facts, visits)
    return {
        "visit_count": len(visits),
        "weekend_visit_share": ratio(sum(weekday >= 6 for weekday, _ in visits), len(visits)),
        "top_daypart": min(by_part, key=lambda part: (-by_part[part], part[0]))[1],
        "top_weekday": min(by_weekday, key=lambda weekday: (-by_weekday[weekday], weekday)),
        "visit_pattern": pattern,
    }


def _first_fit(facts: Facts, visits: list[tuple[int, tuple[int, str]]]) -> str:
    for rule in sorted(facts.rules("visit_patterns"), key=lambda row: int(row["priority"])):
        slots = [
            row
            for row in facts.rules("visit_pattern_slots")
            if row["pattern_code"] == rule["pattern_code"]
        ]
        fitting = sum(
            any(
                slot["day_kind"] in ("*", "weekend" if weekday >= 6 else "weekday")
                and slot["daypart"] in ("*", part[1])
                for slot in slots
            )
            for weekday, part in visits
        )
        if fitting and fitting >= Decimal(rule["minimum_share"]) * len(visits):
            return rule["pattern_code"]
    return "mixed"


def send_times(facts: Facts) -> dict[str, Record]:
    """The rows of `send_time` by profile, without texts."""
    everybody = set(facts.profiles)
    reactions: defaultdict[str, list[dt.datetime]] = defaultdict(list)
    for (profile, *_), message in _messages(facts).items():
        if message["reacted_at"] and profile in everybody:
            reactions[profile].append(local_time(facts, profile, message["reacted_at"]))
    times = {
        "hour": {profile: [at.hour for at in ats] for profile, ats in reactions.items()},
        "weekday": {profile: [at.isoweekday() for at in ats] for profile, ats in reactions.items()},
    }
    found = {}
    for profile in facts.profiles:
        zone, is_own = time_zone(facts, profile)
        row: Record = {"time_zone": zone, "is_own_time_zone": is_own}
        row["basis"] = "own" if profile in reactions else "population"
        row["reaction_count"] = len(reactions.get(profile, []))
        if not reactions:
            row |= {"basis": "insufficient_data", "reaction_count": None}
        for kind, values in times.items():
            best, share = _best_time(facts, values, profile)
            row |= {f"best_{kind}": best, f"best_{kind}_share": share}
        found[profile] = row
    return found


def _best_time(
    facts: Facts, values: dict[str, list[int]], profile: str
) -> tuple[int | None, Decimal | None]:
    everybodys = Counter(value for theirs in values.values() for value in theirs)
    if not everybodys:
        return None, None
    own, prior = Counter(values.get(profile, [])), facts.settings["send_time_prior_reactions"]
    total = sum(everybodys.values())
    if not own:
        best = min(everybodys, key=lambda value: (-everybodys[value], value))
        return best, ratio(everybodys[best], total)
    shares = {
        value: ratio(
            own[value] * total + prior * everybodys[value], (sum(own.values()) + prior) * total
        )
        for value in everybodys
    }
    best = min(shares, key=lambda value: (-shares[value], -everybodys[value], value))
    return best, shares[best]
