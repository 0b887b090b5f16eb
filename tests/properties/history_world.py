"""Random days of a few profiles, and what `history` must say of them, told in plain Python.

A day is what stands above `history`: segments, activity, merges, and what the day was built with.
Running the models on days is `history_build`'s.
"""

from __future__ import annotations

import calendar
import datetime as dt
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

SEGMENT_TYPES = {"rfm": True, "churn_risk": False}
_DAYS = (
    *(dt.date(2024, 1, day) for day in (3, 4, 30, 31)),
    *(dt.date(2024, 2, day) for day in (1, 15, 29)),
    *(dt.date(2024, 3, day) for day in (1, 30, 31)),
    dt.date(2024, 4, 30),
)


@dataclass(frozen=True)
class Profile:
    """A profile on a day, or an identity that belongs to another one."""

    last_activity_date: dt.date | None = None
    activity_count: int | None = None
    net_revenue: Decimal | None = None
    merged_into: str | None = None
    segments: dict[str, str] = field(default_factory=dict)

    @property
    def known(self) -> tuple:
        return self.last_activity_date, self.activity_count, self.net_revenue, self.merged_into


@dataclass(frozen=True)
class Day:
    """One observation of one day."""

    date: dt.date
    definition_hash: str
    intake_seq: int
    cut_points_date: dt.date
    profiles: dict[str, Profile]

    @property
    def key(self) -> str:
        return f"{self.definition_hash}-{self.intake_seq}"

    @property
    def is_month_end(self) -> bool:
        return self.date.day == calendar.monthrange(self.date.year, self.date.month)[1]


def random_days(chance: random.Random, number: int) -> list[Day]:
    """Different days, in order, each of its own making."""
    return [random_day(chance, date) for date in sorted(chance.sample(_DAYS, number))]


def random_day(chance: random.Random, date: dt.date, intake_seq: int = 1) -> Day:
    """A day on which each of a few profiles is anything: there, merged or unknown."""
    names = ["a", "b", "c", "d", "e"]
    there = {name for name in names if chance.random() < 0.7} | {"a"}
    profiles = {}
    for name in names:
        if name in there:
            profiles[name] = Profile(
                last_activity_date=date - dt.timedelta(days=chance.choice((0, 1, 20, 20, 90))),
                activity_count=chance.choice((1, 1, 2)),
                net_revenue=Decimal(chance.choice(("10.0000", "10.0000", "12.5000"))),
                segments={name: chance.choice("xxyz") for name in SEGMENT_TYPES},
            )
        elif chance.random() < 0.5:
            profiles[name] = Profile(merged_into=chance.choice(sorted(there)))
    return Day(
        date=date,
        definition_hash=chance.choice(("v1", "v1", "v1", "v2")),
        intake_seq=intake_seq,
        cut_points_date=chance.choice((dt.date(2024, 1, 1), dt.date(2024, 4, 1))),
        profiles=profiles,
    )


def expected_changes(days: Iterable[Day]) -> Counter:
    """Rows of segment_change_log: day, day before, profile, type, from, to, cause, merged into."""
    rows: Counter = Counter()
    before: Day | None = None
    for day in sorted(days, key=lambda each: each.date):
        rows[(day.date, before and before.date, None, None, None, None, None, None)] += 1
        for name in sorted(day.profiles.keys() | (before.profiles.keys() if before else set())):
            for segment_type in SEGMENT_TYPES:
                was = _profile(before, name).segments.get(segment_type)
                now = _profile(day, name).segments.get(segment_type)
                if was != now:
                    cause = _cause(before, day, name, segment_type)
                    merged = _profile(day, name).merged_into if now is None else None
                    date_before = before and before.date
                    row = (day.date, date_before, name, segment_type, was, now, cause, merged)
                    rows[row] += 1
        before = day
    return rows


def _cause(before: Day | None, day: Day, name: str, segment_type: str) -> str:
    was, now = _profile(before, name), _profile(day, name)
    if before is None:
        return "first_observation"
    if before.definition_hash != day.definition_hash:
        return "definition"
    if segment_type not in now.segments and now.merged_into:
        return "merge"
    if now.last_activity_date and now.last_activity_date > before.date:
        return "behaviour"
    if name in _relinked(before, day):
        return "merge"
    if was.known != now.known:
        return "late_data"
    if SEGMENT_TYPES[segment_type] and before.cut_points_date != day.cut_points_date:
        return "cutoff"
    return "time"


def _relinked(before: Day, day: Day) -> set[str | None]:
    ends: set[str | None] = set()
    for name in before.profiles.keys() | day.profiles.keys():
        was, now = _profile(before, name).merged_into, _profile(day, name).merged_into
        if was != now:
            ends |= {name, was, now}
    return ends


def expected_migrations(days: Iterable[Day]) -> Counter:
    """Rows of segment_month_ends: month end, type, from, to, people, revenue, growth."""
    rows: Counter = Counter()
    before: Day | None = None
    for day in sorted((day for day in days if day.is_month_end), key=lambda each: each.date):
        moves: dict[tuple, list[tuple[Decimal, Decimal]]] = {}
        for name in sorted(day.profiles.keys() | (before.profiles.keys() if before else set())):
            was, now = _profile(before, name), _profile(day, name)
            money = (now.net_revenue or Decimal(0), was.net_revenue or Decimal(0))
            for segment_type in SEGMENT_TYPES:
                pair = was.segments.get(segment_type), now.segments.get(segment_type)
                if pair != (None, None):
                    moves.setdefault((segment_type, *pair), []).append(money)
        for move, moneys in moves.items():
            revenue = sum(now for now, _ in moneys)
            growth = sum(now - was for now, was in moneys)
            rows[(day.date, *move, len(moneys), revenue, growth)] += 1
        before = day
    return rows


def _profile(day: Day | None, name: str) -> Profile:
    return day.profiles.get(name, Profile()) if day else Profile()
