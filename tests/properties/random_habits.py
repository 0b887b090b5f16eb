"""Random shops whose people have habits: intervals, hours, channels, topics that features look for.

Dirt and identity are `random_shop`'s; here every row can be used, and some inputs are not delivered
at all.
"""

from __future__ import annotations

import datetime as dt
import random
import zoneinfo
from dataclasses import dataclass
from decimal import Decimal

from tests.properties.world_build import World, world_of

Row = dict[str, object]

DAYS = (dt.date(2024, 6, 30), dt.date(2024, 4, 1), dt.date(2024, 3, 10), dt.date(2024, 11, 3))
ZONE = "America/New_York"
_TIME_ZONES = (None, None, None, "Asia/Tokyo", "Europe/Berlin", "Not/AZone", "Australia/Lord_Howe")
_EVENTS = (
    *("page_view",) * 6,
    *("product_view",) * 3,
    *("content_view",) * 4,
    *("search", "login", "cart_add", "store_visit", "app_use", "video_view", "download"),
    *("share", "referral", "review", "newsletter_signup", "support_contact", "unheard_of"),
    *("list_view", "compare", "review_view", "checkout_start", "purchase", "feature_use"),
    *("signup", "social_follow", "social_comment", "sales_contact", "cart_remove"),
)
_TOPICS = ("recipes", "travel", "care", None)
_FORMATS = ("article", "video", None)
_ONLINE = ("app", "marketplace", "subscription")
_CHANNELS = ("email", "sms", "push", "whatsapp", "wechat", "ads", "pigeon")


@dataclass(frozen=True)
class _Person:
    customer_id: str
    interval: int
    hour: int
    liveliness: float
    topic: str | None
    reacts: dict[str, float]


def habit_world(seed: int, *, people: int | None = None, is_complete: bool = False) -> World:
    """A world from a seed.

    Args:
        seed: the only source of chance.
        people: how many; from 6 to 24 where None.
        is_complete: all inputs are delivered; else two of three worlds lack some.
    """
    chance = random.Random(f"habits {seed}")
    day = DAYS[seed % len(DAYS)]
    everybody = [_person(chance, number) for number in range(people or chance.randint(6, 24))]
    midnight = dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(ZONE)).astimezone(dt.UTC)
    rows: dict[str, list[Row]] = {
        "customers": [_account(chance, person, midnight) for person in everybody],
        "orders": [],
        "order_items": [],
        "events": [],
        "messages": [],
        "feedback": [],
    }
    for person in everybody:
        _orders(chance, person, midnight, rows)
        rows["events"] += _visits(chance, person, midnight)
        rows["messages"] += _letters(chance, person, midnight)
        rows["feedback"] += _opinions(chance, person, midnight)
    _a_regular_who_left(random.Random(f"regular {seed}"), midnight, rows)
    lacking = (
        (),
        (),
        ("events",),
        ("messages",),
        ("events", "feedback"),
        ("events", "order_items"),
    )
    for name in () if is_complete else lacking[seed % len(lacking)]:
        rows[name] = []
    return world_of(day, **rows)


def _person(chance: random.Random, number: int) -> _Person:
    return _Person(
        customer_id=f"c{number}",
        interval=chance.choice((5, 20, 30, 45, 90, 200)),
        hour=chance.randrange(24),
        liveliness=chance.choice((0, 0.1, 0.4, 1)),
        topic=chance.choice(_TOPICS),
        reacts={channel: chance.choice((0, 0.2, 0.9)) for channel in _CHANNELS},
    )


def _account(chance: random.Random, person: _Person, midnight: dt.datetime) -> Row:
    is_member = chance.random() < 0.4
    return {
        "customer_id": person.customer_id,
        "email_hash": f"mail-{person.customer_id}",
        "created_at": midnight - dt.timedelta(days=chance.randrange(1200)),
        "timezone": chance.choice(_TIME_ZONES),
        "loyalty_member_id": f"m-{person.customer_id}" if is_member else None,
        "loyalty_joined_at": chance.choice(
            (None, midnight - dt.timedelta(days=9), midnight + dt.timedelta(days=1))
        ),
        "loyalty_tier": chance.choice(("gold", None)) if is_member else None,
    }


def _orders(
    chance: random.Random, person: _Person, midnight: dt.datetime, rows: dict[str, list[Row]]
) -> None:
    count = chance.choice((0, 1, 2, 3, 8, 20))
    # Anywhere, or so that the last ones are of late.
    begins = (
        chance.randrange(900),
        min(count * person.interval + chance.choice((0, 75, 100)), 900),
    )
    at = midnight - dt.timedelta(days=chance.choice(begins))
    for number in range(count):
        order_id = f"{person.customer_id}-{number}"
        rows["orders"].append(
            {
                "order_id": order_id,
                "customer_id": person.customer_id,
                "ordered_at": at + dt.timedelta(hours=chance.choice((0, 3, 4, 12))),
                "status": "cancelled" if chance.random() < 0.05 else "paid",
                "currency": "USD",
                "total_amount": Decimal(chance.randrange(1, 400)) / 4,
                "channel": chance.choice((None, "web", "web", "pos", *_ONLINE)),
                "is_renewal": "true" if chance.random() < 0.05 else None,
            }
        )
        for line in range(chance.randrange(3)):
            rows["order_items"].append(
                {
                    "order_item_id": f"{order_id}-{line}",
                    "order_id": order_id,
                    "product_id": "p",
                    "quantity": Decimal(chance.choice((-1, 1, 2))) / 2,
                    "unit_price": "9.50",
                    "is_gift_card": "true" if chance.random() < 0.1 else None,
                }
            )
        at += dt.timedelta(days=max(person.interval + chance.randint(-4, 4) * number % 7, 0))


def _a_regular_who_left(
    chance: random.Random, midnight: dt.datetime, rows: dict[str, list[Row]]
) -> None:
    """Loyalty's edge that chance seldom meets: of late no more in the tier of weeks ago."""
    person = _Person("regular", interval=10, hour=12, liveliness=1, topic="care", reacts={})
    rows["customers"].append(_account(chance, person, midnight))
    # Before the last day of grace for some, after the first one for all.
    left_at = midnight - dt.timedelta(days=chance.randint(40, 85))
    for number in range(30):
        at = left_at - dt.timedelta(days=number * person.interval)
        rows["orders"].append(
            {
                "order_id": f"regular-{number}",
                "customer_id": person.customer_id,
                "ordered_at": at,
                "status": "paid",
                "currency": "USD",
                "total_amount": Decimal(20),
            }
        )
        rows["events"] += [
            {
                "event_id": f"regular-{number}-{name}",
                "occurred_at": at,
                "event_name": name,
                "customer_id": person.customer_id,
                "content_topic": person.topic,
                "channel": "web",
            }
            for name in ("content_view", "share", "product_view")
        ]


def _visits(chance: random.Random, person: _Person, midnight: dt.datetime) -> list[Row]:
    rows: list[Row] = []
    for number in range(int(40 * person.liveliness)):
        # Mostly of late; the last ones are the day after.
        back = int(chance.choice((30, 95, 460)) * chance.random() ** 2) - 1
        at = midnight + dt.timedelta(days=-back, hours=person.hour, minutes=chance.randrange(60))
        for step in range(chance.randint(1, 5)):
            name = chance.choice(_EVENTS)
            is_content = name in ("content_view", "video_view", "download", "page_view")
            topic = person.topic if chance.random() < 0.7 else chance.choice(_TOPICS)
            rows.append(
                {
                    "event_id": f"e{person.customer_id}-{number}-{step}",
                    "occurred_at": at,
                    "event_name": name,
                    "customer_id": person.customer_id,
                    "anonymous_id": chance.choice((None, f"d{person.customer_id}", "kiosk")),
                    "content_topic": topic if is_content else None,
                    "content_format": chance.choice(_FORMATS) if is_content else None,
                    "channel": chance.choice((None, "web", "app")),
                    "engaged_seconds": chance.choice((None, Decimal("29.5"), Decimal(90))),
                }
            )
            at += dt.timedelta(seconds=chance.randrange(1, 900))
    return rows


def _letters(chance: random.Random, person: _Person, midnight: dt.datetime) -> list[Row]:
    rows: list[Row] = []
    for channel, willingness in person.reacts.items():
        for number in range(chance.choice((0, 1, 4, 6, 9))):
            sent_at = midnight - dt.timedelta(
                days=chance.choice((1, 40, 364, 365)) - 1, hours=chance.randrange(-23, 24)
            )
            row: Row = {
                "message_id": f"{channel}-{person.customer_id}-{number}",
                "campaign_id": "k",
                "channel": channel,
                "customer_id": person.customer_id,
                "event_name": "sent",
                "occurred_at": sent_at,
            }
            rows.append(row)
            if chance.random() < 0.1:
                rows.append(row | {"event_name": "bounce"})
            if chance.random() < 0.3:
                is_open = row | {"event_name": "open", "is_machine_open": "true"}
                rows.append(is_open | {"occurred_at": sent_at + dt.timedelta(seconds=1)})
            for name in ("open", "open", "click"):
                if chance.random() < willingness:
                    at = sent_at + dt.timedelta(hours=chance.randrange(1, 50))
                    rows.append(row | {"event_name": name, "occurred_at": at})
    return rows


def _opinions(chance: random.Random, person: _Person, midnight: dt.datetime) -> list[Row]:
    return [
        {
            "feedback_id": f"f{person.customer_id}-{number}",
            "kind": chance.choice(("review", "nps", "csat")),
            "submitted_at": midnight - dt.timedelta(days=chance.choice((-1, 0, 45, 364, 500))),
            "customer_id": person.customer_id,
            "score": Decimal(chance.choice((3, 4, 5, 8, 9, 10))),
            "score_max": chance.choice((None, Decimal(5), Decimal(10))),
        }
        for number in range(chance.randrange(3))
    ]
