"""Random shops: people, their orders, lines, refunds, rates, visits, messages and feedback.

Values are typed (instants, decimals), so that a property may shift or scale them. Rows that can't
be used come from `random_dirt`. The same seed makes the same world, on any machine.
"""

from __future__ import annotations

import datetime as dt
import random
import zoneinfo
from dataclasses import dataclass, field
from decimal import Decimal

from tests.properties.random_dirt import dirty_rows
from tests.properties.random_visits import feedback_of, messages_of, visits_of
from tests.properties.world_build import File, World

Row = dict[str, object]

ZONE = "America/New_York"
# A quarter's end, both days on which New York changes its clocks, a leap day, a year's edge.
DAYS = (
    dt.date(2024, 6, 30),
    dt.date(2024, 3, 10),
    dt.date(2024, 11, 3),
    dt.date(2024, 2, 29),
    dt.date(2024, 12, 31),
)
CURRENCIES = (*("USD",) * 8, "EUR", "EUR", "EUR", "GBP")
SIZES = (5, 8, 13, 30, 60, 200)
MONEY = frozenset(
    {
        "gross_amount",
        "discount_amount",
        "shipping_amount",
        "tax_amount",
        "total_amount",
        "unit_price",
        "unit_cost",
        "amount",
        "price",
        "value",
    }
)
_STATUSES = ("paid",) * 16 + (
    *("pending", "partially_paid", "partially_refunded", "refunded", "voided", "failed"),
    "cancelled",
)
_CHANNELS = (None, *("web",) * 8, "app", "pos", "marketplace", "b2b", "subscription")
_ACCOUNT_TYPES = (*(None,) * 16, "consumer", "business", "staff", "test", "reseller")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    source_system: str
    customer_id: str
    email_hash: str | None


def random_world(
    seed: int,
    *,
    people: int | None = None,
    as_of_date: dt.date | None = None,
    sources: tuple[str, ...] = ("shop", "web"),
    zone: str = ZONE,
    with_dirt: bool = True,
    with_visits: bool = True,
    by_arrival: bool = True,
    multiple_files: bool = True,
    currencies: tuple[str, ...] = CURRENCIES,
) -> World:
    """A world from a seed.

    Args:
        seed: the only source of chance.
        people: how many have an account; a few or many where None.
        as_of_date: the day; one at some edge of the calendar where None.
        sources: shops with the same ids; e-mails begin with the first one's name.
        zone: where midnights are, at which much happens.
        with_dirt: rows that are rejected, and copies.
        with_visits: events, messages, feedback.
        by_arrival: contents of one key that only the order of files tells apart.
        multiple_files: a table's rows come in up to three files.
        currencies: of orders; only EUR has rates.
    """
    chance = random.Random(seed)
    maker = _Maker(
        chance,
        as_of_date or chance.choice(DAYS),
        people or chance.choice(SIZES),
        sources,
        zone,
        by_arrival,
        currencies,
    )
    rows = maker.rows(with_visits)
    if with_dirt:
        for name, made in rows.items():
            made.extend(chance.choices(made, k=len(made) // 20) if made else [])
            made.extend(dirty_rows(chance, name, made))
    for made in rows.values():
        chance.shuffle(made)
    files = _in_files(chance, rows, 3 if multiple_files else 1)
    return World(maker.as_of_date, tuple(files), loaded_at="2100-01-01T00:00:00Z")


def _in_files(chance: random.Random, rows: dict[str, list[Row]], most: int) -> list[File]:
    files = []
    for name, made in rows.items():
        count = chance.randint(1, most)
        files += [File(name, tuple(made[part::count])) for part in range(count)]
    chance.shuffle(files)
    return files


@dataclass
class _Maker:
    chance: random.Random
    as_of_date: dt.date
    people: int
    sources: tuple[str, ...]
    zone: str
    by_arrival: bool
    currencies: tuple[str, ...]
    made: dict[str, list[Row]] = field(default_factory=dict)

    def rows(self, with_visits: bool) -> dict[str, list[Row]]:
        """Rows by input table."""
        names = ("customers", "orders", "order_items", "refunds", "products", "fx_rates")
        self.made = {name: [] for name in names}
        people = [self._person(number) for number in range(self.people)]
        for person in people:
            self._account(person)
            for number in range(self._order_count()):
                self._order(person, f"{person.customer_id}-{number}")
        for number in range(self.people // 4 + 1):
            self._guest_order(people, f"g{number}")
            self._stray_refund(people, number)
        self._products()
        self._fx_rates()
        if with_visits:
            moment = self.moment
            self.made["events"] = visits_of(self.chance, people, moment)
            self.made["messages"] = messages_of(self.chance, people, moment)
            self.made["feedback"] = feedback_of(self.chance, people, moment)
        return self.made

    def moment(self) -> dt.datetime:
        """An instant: mostly before the day's end, often at a midnight, now and then after it."""
        chance = self.chance
        days_ago = int(chance.paretovariate(0.6)) % 950
        if chance.random() < 0.06:
            days_ago = -chance.randint(1, 20)
        day = self.as_of_date - dt.timedelta(days=days_ago)
        kind = chance.random()
        if kind < 0.08:
            return self.midnight(day)
        if kind < 0.16:
            return self.midnight(day + dt.timedelta(days=1)) - dt.timedelta(microseconds=1)
        return self.midnight(day) + dt.timedelta(seconds=chance.randrange(23 * 3600))

    def midnight(self, day: dt.date) -> dt.datetime:
        """The day's first instant, UTC."""
        local = dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(self.zone))
        return local.astimezone(dt.UTC)

    def later(self, moment: dt.datetime, most_days: int) -> dt.datetime:
        """An instant some days after another."""
        return moment + dt.timedelta(seconds=self.chance.randrange(1, most_days * 86400))

    def amount(self, most: int = 200) -> Decimal:
        """Money in cents, often a round sum, so that people tie."""
        if self.chance.random() < 0.4:
            return Decimal(self.chance.choice((5, 10, 20, 50))).quantize(Decimal("0.01"))
        return Decimal(self.chance.randrange(1, most * 100)) / 100

    def _person(self, number: int) -> Person:
        # The same number in two sources is two people.
        source = self.sources[number % len(self.sources)]
        customer_id = f"c{number // len(self.sources)}"
        email = None
        if self.chance.random() < 0.7:
            shared = self.chance.randrange(self.people) if self.chance.random() < 0.2 else number
            email = f"{self.sources[0]}-mail{shared}"
        return Person(source, customer_id, email)

    def _account(self, person: Person) -> None:
        if self.chance.random() < 0.2:
            return
        created_at = self.moment() if self.chance.random() < 0.8 else None
        row: Row = {
            "source_system": person.source_system,
            "customer_id": person.customer_id,
            "created_at": created_at,
            "email_hash": person.email_hash,
            "account_type": self.chance.choice(_ACCOUNT_TYPES),
            "timezone": self.chance.choice((None, None, "Asia/Tokyo", "Mars/Olympus")),
            "loyalty_member_id": self.chance.choice((None, None, f"member-{person.customer_id}")),
        }
        self.made["customers"].append(row)
        if created_at is not None and self.chance.random() < 0.3:
            changed = {"account_type": self.chance.choice(_ACCOUNT_TYPES)}
            self.made["customers"].append(
                row | changed | {"updated_at": self.later(created_at, 400)}
            )

    def _order_count(self) -> int:
        return min(int(self.chance.paretovariate(0.9)) - self.chance.randrange(2), 12)

    def _order(self, person: Person, order_id: str) -> None:
        shown_email = self.chance.random() < 0.5
        self._sold(
            {
                "source_system": person.source_system,
                "order_id": order_id,
                "customer_id": person.customer_id,
                "email_hash": person.email_hash if shown_email else None,
            }
        )

    def _guest_order(self, people: list[Person], order_id: str) -> None:
        known = self.chance.choice(people).email_hash
        strange = f"{self.sources[0]}-stranger{self.chance.randrange(3)}"
        self._sold(
            {
                "source_system": self.chance.choice(self.sources),
                "order_id": order_id,
                "email_hash": self.chance.choice((None, known, strange)),
                "anonymous_id": self.chance.choice((None, f"d{self.chance.randrange(9)}")),
            }
        )

    def _sold(self, who: Row) -> None:
        chance, ordered_at = self.chance, self.moment()
        total = Decimal(0) if chance.random() < 0.05 else self.amount()
        row: Row = {
            **who,
            "ordered_at": ordered_at,
            "status": "paid",
            "currency": chance.choice(self.currencies),
            "total_amount": total,
            "discount_amount": chance.choice((None, None, Decimal("1.50"))),
            "shipping_amount": chance.choice((None, min(total, Decimal("4.90")))),
            "tax_amount": chance.choice((None, (total / 6).quantize(Decimal("0.0001")))),
            "taxes_included": chance.choice((None, "true", "false")),
            "channel": chance.choice(_CHANNELS),
            "is_test": chance.choice((*(None,) * 25, "true", "false")),
            "is_renewal": chance.choice((None,) * 6 + ("true", "false")),
        }
        self.made["orders"].append(row)
        if chance.random() < 0.35:
            self._later_version(row, ordered_at)
        if chance.random() < 0.6:
            self._lines(row, total)
        if chance.random() < 0.25:
            self._refund(row, ordered_at, total)

    def _later_version(self, row: Row, ordered_at: dt.datetime) -> None:
        changed_at = self.later(ordered_at, 60)
        status = self.chance.choice(_STATUSES)
        changed: Row = {"status": status, "updated_at": changed_at}
        if status == "cancelled":
            changed["cancelled_at"] = self.chance.choice((None, self.later(ordered_at, 60)))
        if self.chance.random() < 0.3:
            changed["total_amount"] = self.amount()
        self.made["orders"].append(row | changed)

    def _lines(self, order: Row, total: Decimal) -> None:
        chance, count = self.chance, self.chance.randint(1, 3)
        for number in range(count):
            price = (total / count).quantize(Decimal("0.01"))
            line: Row = {
                "source_system": order["source_system"],
                "order_item_id": f"{order['order_id']}-l{number}",
                "order_id": order["order_id"],
                "product_id": f"p{chance.randrange(6)}",
                "quantity": Decimal(chance.choice((1, 1, 1, 1, 1, 1, 2, -1))),
                "unit_price": price,
                "discount_amount": chance.choice((None, None, None, price / 2, price * 3)),
                "tax_amount": chance.choice((None, None, (price / 8).quantize(Decimal("0.01")))),
                "is_gift_card": chance.choice((None,) * 6 + ("true", "false")),
            }
            self.made["order_items"].append(line)
            if self.by_arrival and chance.random() < 0.1:
                self.made["order_items"].append(line | {"unit_price": self.amount()})

    def _refund(self, order: Row, ordered_at: dt.datetime, total: Decimal) -> None:
        chance = self.chance
        for number in range(chance.randint(1, 2)):
            share = chance.choice((Decimal("0.25"), Decimal("0.5"), Decimal(1), Decimal(2)))
            row: Row = {
                "source_system": order["source_system"],
                "refund_id": f"{order['order_id']}-r{number}",
                "refund_line_id": chance.choice((None, "1")),
                "order_id": order["order_id"],
                "customer_id": order.get("customer_id"),
                "order_item_id": chance.choice((None, f"{order['order_id']}-l0")),
                # Orders are of late: most that are sent back slowly are not back by the day.
                "refunded_at": self.later(ordered_at, chance.choice((1, 7, 90))),
                "amount": (total * share).quantize(Decimal("0.0001")),
                "currency": chance.choice((None, order["currency"], self.currencies[0])),
                "tax_amount": chance.choice((None, Decimal("0.50"))),
                "shipping_amount": chance.choice((None, Decimal("1.25"))),
            }
            self.made["refunds"].append(row)
            # Often put right: which version is the newest has to matter in every few worlds.
            if self.by_arrival and chance.random() < 0.4:
                self.made["refunds"].append(row | {"amount": self.amount()})

    def _stray_refund(self, people: list[Person], number: int) -> None:
        person = self.chance.choice(people)
        self.made["refunds"].append(
            {
                "source_system": person.source_system,
                "refund_id": f"stray{number}",
                "order_id": self.chance.choice((None, "never-sent")),
                "customer_id": person.customer_id,
                "refunded_at": self.moment(),
                "amount": self.amount(30),
                "currency": self.chance.choice((None, *self.currencies)),
            }
        )

    def _products(self) -> None:
        for number in range(6):
            self.made["products"].append(
                {
                    "source_system": self.chance.choice(self.sources),
                    "product_id": f"p{number}",
                    "title": self.chance.choice(("Mug", "O'Brien's \"best\"; 🎁", "Tea")),
                    "category": self.chance.choice((None, "kitchen", "office")),
                    "price": self.amount(),
                }
            )

    def _fx_rates(self) -> None:
        day = self.as_of_date - dt.timedelta(days=960)
        while day < self.as_of_date + dt.timedelta(days=25):
            rate: Row = {
                "source_system": self.sources[0],
                "rate_date": day,
                "from_currency": "EUR",
                "to_currency": "USD",
                "rate": Decimal(self.chance.randrange(9000, 13000)) / 10000,
            }
            self.made["fx_rates"].append(rate)
            if self.by_arrival and self.chance.random() < 0.1:
                self.made["fx_rates"].append(rate | {"rate": Decimal("1.5")})
            # Some days have a rate of a day before them, some have none that is young enough.
            day += dt.timedelta(days=self.chance.choice((1, 3, 10, 45)))
