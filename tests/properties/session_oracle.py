"""Sessions once more, in plain Python: the same rules in other words, over one device at a time."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

_DAY = dt.timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """What sessions are made of: an event that counts. `known` is a customer or an e-mail."""

    occurred_at: dt.datetime
    event_key: str
    device: tuple[str, str, str]
    known: tuple[str, str, str] | None


@dataclass(frozen=True, slots=True)
class SessionDay:
    """One session on one day of the shop."""

    device: tuple[str, str, str]
    session_started_at: dt.datetime
    session_date: dt.date
    identifier: tuple[str, str, str]
    is_first_day: bool
    event_count: int


def session_days(
    events: Iterable[SeenEvent], zone: zoneinfo.ZoneInfo, timeout: dt.timedelta
) -> set[SessionDay]:
    """All sessions' days; instants are UTC without a zone."""
    by_device = defaultdict(list)
    for event in events:
        by_device[event.device].append(event)
    made: set[SessionDay] = set()
    for device_events in by_device.values():
        ordered = sorted(device_events, key=lambda event: (event.occurred_at, event.event_key))
        for session in _sessions(ordered, zone, timeout):
            made |= _days(session, zone)
    return made


def _sessions(
    ordered: list[SeenEvent], zone: zoneinfo.ZoneInfo, timeout: dt.timedelta
) -> list[list[SeenEvent]]:
    sessions: list[list[SeenEvent]] = []
    previous = run_start = counted_from = None
    for event in ordered:
        at = event.occurred_at
        if previous is None or at - previous >= timeout:
            run_start = at
        assert run_start is not None
        first = _local(at, zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        month_start = first.astimezone(dt.UTC).replace(tzinfo=None)
        anchor = run_start if run_start >= month_start - _DAY else month_start
        piece = (anchor, (at - anchor) // _DAY)
        if counted_from != piece:
            sessions.append([])
        sessions[-1].append(event)
        previous, counted_from = at, piece
    return sessions


def _days(session: list[SeenEvent], zone: zoneinfo.ZoneInfo) -> set[SessionDay]:
    dates = [_local(event.occurred_at, zone).date() for event in session]
    made = set()
    for day in set(dates):
        known = {event.known for event, date in zip(session, dates, strict=True) if date <= day} - {
            None
        }
        made.add(
            SessionDay(
                device=session[0].device,
                session_started_at=session[0].occurred_at,
                session_date=day,
                identifier=known.pop() if len(known) == 1 else session[0].device,
                is_first_day=day == dates[0],
                event_count=dates.count(day),
            )
        )
    return made


def _local(instant: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    return instant.replace(tzinfo=dt.UTC).astimezone(zone)
