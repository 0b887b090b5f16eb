"""Small random worlds in which identifiers meet often, and what the models make of them.

Making rows and building the tables of identity belong here; the rules are `identity_oracle`'s.
"""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from tests.properties.compiled_project import Compiled
from tests.properties.identity_oracle import Identifier, Resolution
from tests.properties.world_build import Built, build, no_scores, world_of

ZONE = ZoneInfo("America/New_York")
AS_OF_DATE = dt.date(2024, 2, 20)
ANCHORS = {"as_of": AS_OF_DATE, "cut_points": dt.date(2024, 1, 1)}
MAX_DEVICES = 2
INPUTS = ("customers", "orders", "refunds", "events", "messages", "feedback")

Rows = dict[str, list[dict[str, Any]]]

_TARGETS = ("int_identifier_profiles", "int_order_people", "int_profiles")
_MOMENT = dt.timedelta(microseconds=1)
_RELATION = re.compile(r'"\w+"\."\w+"\."(\w+)"')


def end_of(day: dt.date) -> dt.datetime:
    """The first instant in UTC, without a zone, after a day of the shop."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZONE)
    return midnight.astimezone(dt.UTC).replace(tzinfo=None)


@dataclass
class _Maker:
    """Makes one world. All names begin with the world's own, so that worlds can stand together."""

    name: str
    chance: random.Random
    count: int = 0

    def __post_init__(self) -> None:
        self.sources = [f"{self.name}.{part}" for part in ("shop", "till", "web")]
        ends = [end_of(day) for day in ANCHORS.values()]
        self.edges = [end + shift for end in ends for shift in (-_MOMENT, dt.timedelta(0))]
        self.instants = [
            *self.edges,
            *(ends[0] + dt.timedelta(days=day) for day in range(-70, 6, 3)),
        ]

    def at(self) -> dt.datetime:
        return self.chance.choice(self.chance.choice((self.edges, self.instants)))

    def source(self) -> str:
        return self.chance.choice(self.sources)

    def perhaps(self, share: float, kind: str, number: int) -> str | None:
        if self.chance.random() > share:
            return None
        return f"{self.name}.{kind}{self.chance.randrange(number)}"

    def key(self) -> str:
        self.count += 1
        return f"{self.name}.{self.count}"

    def versions(self) -> list[dt.datetime]:
        return sorted(self.chance.sample(self.instants, self.chance.choice((1, 1, 2, 3))))

    def customers(self) -> Iterator[dict[str, Any]]:
        for source in self.sources:
            for number in range(3):
                if self.chance.random() < 0.4:
                    continue
                updates = self.versions()
                for updated_at in updates:
                    yield {
                        "source_system": source,
                        "customer_id": f"{self.name}.c{number}",
                        "email_hash": self.perhaps(0.7, "m", 5),
                        "created_at": updates[0],
                        "updated_at": updated_at,
                    }

    def orders(self) -> Iterator[dict[str, Any]]:
        for _ in range(self.chance.randrange(12)):
            source, ordered_at, customer = self.source(), self.at(), self.perhaps(0.5, "c", 4)
            # Now and then two orders of one instant, which tell two addresses.
            for _ in range(self.chance.choice((1, 1, 2))):
                order_id = self.key()
                for updated_at in self.versions():
                    yield {
                        "source_system": source,
                        "order_id": order_id,
                        "ordered_at": ordered_at,
                        "updated_at": updated_at,
                        "status": "paid",
                        "currency": "USD",
                        "total_amount": "5.00",
                        "customer_id": self.perhaps(0.2, "c", 4) or customer,
                        "email_hash": self.perhaps(0.5, "m", 6),
                        "anonymous_id": self.perhaps(0.4, "d", 5),
                    }

    def refunds(self, orders: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        for _ in range(self.chance.randrange(3)):
            named = self.chance.choice([*orders, {"source_system": self.source(), "order_id": "-"}])
            yield {
                "source_system": named["source_system"],
                "order_id": named["order_id"],
                "refund_id": self.key(),
                "refunded_at": self.at(),
                "amount": "1.00",
                "customer_id": self.perhaps(0.8, "c", 5),
            }

    def sightings(self, number: int, has_device: bool) -> Iterator[dict[str, Any]]:
        """Rows that name a person or a device, each in a source and at an instant."""
        for _ in range(number):
            named = {
                "source_system": self.source(),
                "customer_id": self.perhaps(0.3, "c", 5),
                "email_hash": self.perhaps(0.3, "m", 7),
            }
            if has_device:
                named["anonymous_id"] = self.perhaps(0.7, "d", 7)
            if any(named[name] for name in named if name != "source_system"):
                yield named

    def rows(self) -> Rows:
        orders = list(self.orders())
        return {
            "customers": list(self.customers()),
            "orders": orders,
            "refunds": list(self.refunds(orders)),
            "events": [
                {
                    **named,
                    "event_id": self.key(),
                    "event_name": "page_view",
                    "occurred_at": self.at(),
                    "is_bot": self.chance.random() < 0.1,
                }
                for named in self.sightings(self.chance.randrange(25), has_device=True)
            ],
            "messages": [
                {
                    **named,
                    "message_id": self.key(),
                    "event_name": "sent",
                    "occurred_at": self.at(),
                    "channel": "email",
                    "campaign_id": "spring",
                }
                for named in self.sightings(self.chance.randrange(3), has_device=False)
            ],
            "feedback": [
                {**named, "feedback_id": self.key(), "kind": "nps", "submitted_at": self.at()}
                for named in self.sightings(self.chance.randrange(2), has_device=False)
            ],
        }


def random_rows(seed: int) -> Rows:
    """The rows of the world of this seed. Its names begin with `w<seed>.` and are nobody else's."""
    return _Maker(f"w{seed}", random.Random(seed)).rows()


def together(worlds: Sequence[Rows]) -> Rows:
    """Several worlds as one shop's rows."""
    return {name: [row for rows in worlds for row in rows[name]] for name in INPUTS}


def only_identity(compiled: Compiled) -> Compiled:
    """The project as far as the tables of identity need it, with a low limit of devices.

    The limit is put into the SQL: to compile everything once more for one number takes seconds.
    """
    limit = "device_count > 50"
    compiled = compiled.with_bug("int_device_profiles", limit, f"device_count > {MAX_DEVICES}")
    wanted = set(_TARGETS)
    for model in reversed(compiled.models):
        if model.name in wanted:
            wanted |= set(_RELATION.findall(model.sql))
    return replace(
        compiled, models=tuple(model for model in compiled.models if model.name in wanted)
    )


@contextmanager
def rebuilt(tables: Built, name: str, sql: str) -> Iterator[Built]:
    """The tables with another SQL for one of them, and what reads it made again, for a while."""
    changed = {name}
    after = []
    for model in tables.compiled.models:
        if model.name == name or changed & set(_RELATION.findall(model.sql)):
            changed.add(model.name)
            after.append(model)
    try:
        for model in after:
            made_of = sql if model.name == name else model.sql
            tables.connection.execute(f"create or replace table {model.relation} as {made_of}")
        yield tables
    finally:
        for model in after:
            tables.connection.execute(f"create or replace table {model.relation} as {model.sql}")


@contextmanager
def built(compiled: Compiled, rows: Rows, as_of_date: dt.date = AS_OF_DATE) -> Iterator[Built]:
    """The tables of identity made of these rows."""
    world = world_of(as_of_date, **{name: rows[name] for name in INPUTS if rows.get(name)})
    with build(compiled, world, scores=no_scores) as tables:
        yield tables


def found_in(tables: Built, anchor_role: str = "as_of") -> Resolution:
    """Who is who by the models' tables. Profiles are those of the as-of day."""
    identifiers: dict[Identifier, str | None] = {
        (kind, source, value): profile
        for kind, source, value, profile in tables.rows(
            "select identifier_kind, identifier_source, identifier_value, profile_id"
            f" from intermediate.int_identifier_profiles where anchor_role = '{anchor_role}'"
        )
    }
    orders = {
        (source, order_id): profile
        for source, order_id, profile in tables.rows(
            "select source_system, order_id, profile_id from intermediate.int_order_people"
            f" where anchor_role = '{anchor_role}'"
        )
    }
    profiles = {
        profile for (profile,) in tables.rows("select profile_id from intermediate.int_profiles")
    }
    return Resolution(identifiers, orders, profiles)
