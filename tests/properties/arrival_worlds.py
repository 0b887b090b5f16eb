"""Random events and messages that arrive in batches: late, twice, edited, at the edge of a month.

Many small worlds share one delivery. Each has a source and years of its own, so that no world has
a month made again for another one. What must hold of the tables is the test's.
"""

from __future__ import annotations

import datetime as dt
import random
import zoneinfo
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Row = dict[str, object]

SHOP_ZONE = zoneinfo.ZoneInfo("America/New_York")
TIMEOUT_MINUTES = 240
MAX_EVENTS_PER_DAY = 6
# Long gaps and a low cap, so that a handful of events makes a long run or a crowded day.
ARRIVAL_VARS = {
    "business_timezone": SHOP_ZONE.key,
    "shop_currency": "USD",
    "session_timeout_minutes": TIMEOUT_MINUTES,
    "session_max_hours": 24,
    "max_events_per_identifier_day": MAX_EVENTS_PER_DAY,
    "clock_skew_tolerance_minutes": 5,
    "max_event_delay_days": 7,
    "max_reject_share": 1,
}

_TICK = dt.timedelta(microseconds=1)
_TIMEOUT = dt.timedelta(minutes=TIMEOUT_MINUTES)
# Steps that break no session, so that some runs are days long, and steps at and over the edge.
_SHORT_STEPS = (_TIMEOUT - _TICK, _TIMEOUT - _TICK, _TIMEOUT - dt.timedelta(minutes=20))
_STEPS = (
    *(dt.timedelta(0), _TICK, dt.timedelta(minutes=1), dt.timedelta(minutes=50), *_SHORT_STEPS),
    *(_TIMEOUT, _TIMEOUT + _TICK, dt.timedelta(hours=20)),
)
_EDITS = (
    *(dt.timedelta(0), dt.timedelta(0), _TICK, -_TICK, dt.timedelta(minutes=40)),
    *(dt.timedelta(hours=-3), dt.timedelta(days=1), dt.timedelta(days=-1)),
    *(dt.timedelta(days=-2), dt.timedelta(days=31), dt.timedelta(days=-31)),
)
_NAMES = ("page_view", "page_view", "product_view", "search", "cart_add", "purchase", "purchse")
_AGENTS = (None, None, None, "Mozilla/5.0")
_BOT_AGENT = "Examplebot/1.0 (+about)"
_MESSAGES = ("sent", "open", "click", "unsubscribe")


@dataclass(frozen=True, slots=True)
class Batch:
    """What arrives at once, by table."""

    events: list[Row]
    messages: list[Row]


def random_batches(seed: int, worlds: int = 48, batches: int = 4) -> list[Batch]:
    """Batches of deliveries: the rows of each world come in all of them, or most in the first."""
    chance = random.Random(seed)
    made = [Batch([], []) for _ in range(batches)]
    for number in range(worlds):
        # A single late event shows what is not made again better than many.
        late_share = chance.choice((0.03, 0.03, 0.06, 0.6))
        for row in _copied(chance, list(_events(chance, number))):
            # Some rows come again as they are, in a later batch or in the same one.
            for _ in range(chance.choice((1, 1, 1, 1, 2))):
                share = 1 if row.get("anonymous_id") == "far" else late_share
                _arrives_in(chance, made, share).events.append(row)
        for row in _messages(chance, number):
            for _ in range(chance.choice((1, 1, 2))):
                _arrives_in(chance, made, late_share).messages.append(row)
    for batch in made:
        chance.shuffle(batch.events)
        chance.shuffle(batch.messages)
    return made


def _arrives_in(chance: random.Random, batches: Sequence[Batch], late_share: float) -> Batch:
    return chance.choice(batches[1:]) if chance.random() < late_share else batches[0]


def _edge(chance: random.Random, number: int) -> dt.datetime:
    """The first instant of a month of the world's own, UTC."""
    year, month = 1992 + 2 * number, chance.choice((1, 2, 3, 4, 10, 11, 12))
    return dt.datetime(year, month, 1, tzinfo=SHOP_ZONE).astimezone(dt.UTC)


def _events(chance: random.Random, number: int) -> Iterator[Row]:
    """Chains of events by a few devices and people, most of them over the edge of a month."""
    serial = 0
    edge = _edge(chance, number)
    for _ in range(chance.randint(1, 3)):
        device = chance.choice((None, "d1", "d1", "d2"))
        at = edge + chance.choice((-70, -60, -30, -26, -25, -24, -12, -3, 0)) * dt.timedelta(
            hours=1
        )
        at += chance.choice((dt.timedelta(0), -_TICK, dt.timedelta(minutes=7)))
        steps = chance.choice((_STEPS, _SHORT_STEPS))
        agents = chance.choice((_AGENTS, _AGENTS, (*_AGENTS, _BOT_AGENT)))
        for _ in range(chance.choice((1, 2, 4, 12, 28))):
            serial += 1
            person = chance.choice(("c1", "c2", None, None)) if device else "c1"
            yield {
                "source_system": f"w{number}",
                "event_id": chance.choice((f"e{serial}", f"e{serial}", f"e{serial}", None)),
                "occurred_at": at,
                "received_at": chance.choice((None,) * 12 + (at - dt.timedelta(hours=1), at)),
                # Seldom what can't be used.
                "event_name": chance.choice(_NAMES) if chance.random() > 0.01 else None,
                "customer_id": person,
                "anonymous_id": device,
                "email_hash": f"mail{number}" if chance.random() < 0.1 else None,
                "channel": chance.choice((None, "web", "app")),
                "content_topic": chance.choice((None, "care")),
                "user_agent": chance.choice(agents),
                "engaged_seconds": chance.choice((None, "12.5")),
            }
            at += chance.choice(steps)
    # Days without a gap, so that the run is older than a session may be when the month begins.
    if chance.random() < 0.5:
        at = edge - dt.timedelta(hours=chance.choice((24, 25, 60, 75)))
        for step in range(32):
            yield {
                "source_system": f"w{number}",
                "event_id": f"run{step}",
                "occurred_at": at,
                "event_name": "app_use",
                "anonymous_id": "run",
            }
            at += chance.choice(_SHORT_STEPS)
    # Late, far from the edge, by a device of its own: one month alone is made again for it.
    for days in chance.sample((-9, 9), k=1):
        yield {
            "source_system": f"w{number}",
            "event_id": f"far{days}",
            "occurred_at": edge + dt.timedelta(days=days),
            "event_name": "login",
            "anonymous_id": "far",
        }


def _copied(chance: random.Random, rows: Sequence[Row]) -> list[Row]:
    """The rows, and copies of some of them that say something else."""
    made = list(rows)
    for row in rows:
        if chance.random() < 0.75:
            continue
        occurred_at = row["occurred_at"]
        assert isinstance(occurred_at, dt.datetime)
        made.append(
            row
            | {"occurred_at": occurred_at + chance.choice(_EDITS), "received_at": None}
            | chance.choice(
                (
                    {},
                    {"customer_id": "c2"},
                    {"anonymous_id": "d2"},
                    {"is_bot": "true"},
                    {"category": "shoes", "channel": "pos"},
                    # The same but for a bar, which must not pass for the border of two columns.
                    {"category": "a|", "content_id": "b"},
                    {"category": "a", "content_id": "|b"},
                )
            )
        )
    return made


def _messages(chance: random.Random, number: int) -> Iterator[Row]:
    """What happened to a few messages, some of it told in two ways."""
    edge = _edge(chance, number)
    for serial in range(chance.randint(0, 4)):
        at = edge + dt.timedelta(hours=chance.randint(-40, 40))
        for name in chance.sample(_MESSAGES, k=2):
            for topic in chance.choice(((None,), ("care",), ("care", "travel"))):
                yield {
                    "source_system": f"w{number}",
                    "message_id": f"m{serial}",
                    "event_name": name if chance.random() > 0.05 else "vanished",
                    "occurred_at": at,
                    "customer_id": chance.choice(("c1", "c2")),
                    "channel": "email",
                    "campaign_id": "k1",
                    "topic": topic,
                }
            at += dt.timedelta(hours=chance.randint(0, 30))
