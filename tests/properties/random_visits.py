"""Random visits, messages and feedback of the people of a random shop."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Protocol

Row = dict[str, object]
Moment = Callable[[], dt.datetime]

_EVENTS = ("page_view",) * 6 + (
    *("product_view", "product_view", "search", "cart_add", "cart_remove", "checkout_start"),
    *("purchase", "content_view", "login", "share", "never_heard_of"),
)
_MESSAGES = ("sent", "sent", "delivered", "open", "open", "click", "bounce", "unsubscribe")
_CHANNELS = ("email", "email", "sms", "push")
_TOPICS = (None, "recipes", "travel", "care")


class _Known(Protocol):
    @property
    def source_system(self) -> str: ...
    @property
    def customer_id(self) -> str: ...
    @property
    def email_hash(self) -> str | None: ...


def visits_of(chance: random.Random, people: Sequence[_Known], moment: Moment) -> list[Row]:
    """Sessions of a few events by devices; some of their events know a customer or an e-mail."""
    rows: list[Row] = []
    for number in range(2 * len(people)):
        person = chance.choice(people)
        at = moment()
        device = f"d{chance.randrange(2 * len(people))}"
        for step in range(chance.randint(1, 6)):
            name = chance.choice(_EVENTS)
            is_known = chance.random() < 0.3
            rows.append(
                {
                    "source_system": person.source_system,
                    "event_id": chance.choice((None, f"e{number}-{step}", f"e{number}-{step}")),
                    "occurred_at": at,
                    "received_at": chance.choice((None, at + dt.timedelta(seconds=2))),
                    "event_name": name,
                    "customer_id": person.customer_id if is_known else None,
                    "email_hash": person.email_hash if chance.random() < 0.1 else None,
                    "anonymous_id": device,
                    "product_id": f"p{chance.randrange(6)}" if name == "product_view" else None,
                    "content_topic": chance.choice(_TOPICS) if name == "content_view" else None,
                    "content_format": chance.choice((None, None, "video", "article")),
                    "page_path": chance.choice((None, "/", "/shop?id=7")),
                    "channel": chance.choice((None, "web", "app")),
                    "device_type": chance.choice((None, "phone", "desktop")),
                    "engaged_seconds": chance.choice((None, Decimal("12.5"), Decimal(40))),
                    "is_bot": chance.choice((None,) * 20 + ("true",)),
                }
            )
            at += dt.timedelta(seconds=chance.randrange(1, 2000))
    return rows


def messages_of(chance: random.Random, people: Sequence[_Known], moment: Moment) -> list[Row]:
    """A few messages a person, each with some of the things that happen to messages."""
    rows: list[Row] = []
    for number in range(2 * len(people)):
        person, at = chance.choice(people), moment()
        sent: Row = {
            "source_system": person.source_system,
            "message_id": f"m{number}",
            "customer_id": person.customer_id,
            "channel": chance.choice(_CHANNELS),
            "campaign_id": f"k{chance.randrange(3)}",
            "topic": chance.choice(_TOPICS),
        }
        for name in chance.sample(_MESSAGES, k=3):
            rows.append(
                sent
                | {
                    "event_name": name,
                    "occurred_at": at,
                    "is_machine_open": "true" if name == "open" and chance.random() < 0.3 else None,
                }
            )
            at += dt.timedelta(seconds=chance.randrange(1, 90000))
    return rows


def feedback_of(chance: random.Random, people: Sequence[_Known], moment: Moment) -> list[Row]:
    """Answers, reviews and support cases."""
    rows: list[Row] = []
    for number in range(len(people)):
        person = chance.choice(people)
        kind = chance.choice(("survey", "review", "nps", "csat", "support"))
        rows.append(
            {
                "source_system": person.source_system,
                "feedback_id": f"f{number}",
                "kind": kind,
                "submitted_at": moment(),
                "customer_id": person.customer_id,
                "product_id": f"p{chance.randrange(6)}" if kind == "review" else None,
                "score": Decimal(chance.randrange(11)),
                "score_max": Decimal(10),
                "topic": chance.choice(_TOPICS),
            }
        )
    return rows
