"""Who is who, worked out in plain Python from delivered rows: the rules without any SQL.

Only the rules of identity belong here. Rows are plain: no copies, no row that is refused, stamps in
UTC, no two versions of one account or order at the same instant.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.dbt.contract_rows import profile_id

Row = Mapping[str, Any]
Customer = tuple[str, str]
Device = tuple[str, str]
# (kind, source, value); the source of an e-mail address is blank.
Identifier = tuple[str, str, str]


@dataclass
class Resolution:
    """Who is who at the end of a day. None: a device that is nobody's."""

    identifiers: dict[Identifier, str | None] = field(default_factory=dict)
    orders: dict[tuple[str, str], str] = field(default_factory=dict)
    profiles: set[str] = field(default_factory=set)


def resolve(rows: Mapping[str, Sequence[Row]], end: dt.datetime, max_devices: int) -> Resolution:
    """Resolve a world.

    Args:
        rows: by input table.
        end: the first instant after the day.
        max_devices: with more than this, none of a person's devices counts.
    """
    accounts = _states(rows["customers"], "customer_id", "created_at", end)
    orders = _states(rows["orders"], "order_id", "ordered_at", end)
    refunds = [row for row in rows["refunds"] if row["refunded_at"] < end]
    events = [row for row in rows["events"] if row["occurred_at"] < end and not row["is_bot"]]
    seen = {
        strongest(row)
        for row in (
            *events,
            *(row for row in rows["messages"] if row["occurred_at"] < end),
            *(row for row in rows["feedback"] if row["submitted_at"] < end),
        )
    } - {None}

    customers: set[Customer] = {
        (row["source_system"], row["customer_id"])
        for row in (*accounts.values(), *orders.values(), *refunds)
        if row.get("customer_id")
    } | {(source, value) for kind, source, value in seen if kind == "customer"}
    address_of = _addresses(accounts, orders)
    person_of = _customers_as_people(customers, address_of)

    seen_with_address: dict[str, set[str]] = defaultdict(set)
    for customer, address in address_of.items():
        seen_with_address[address].add(person_of[customer])
    for row in orders.values():
        if row.get("email_hash") and row.get("customer_id"):
            person = person_of[row["source_system"], row["customer_id"]]
            seen_with_address[row["email_hash"]].add(person)
    addresses = (
        set(seen_with_address)
        | {row["email_hash"] for row in orders.values() if row.get("email_hash")}
        | {value for kind, _, value in seen if kind == "email"}
    )

    found = Resolution()
    for (source, customer), person in person_of.items():
        found.identifiers["customer", source, customer] = person
    for address in addresses:
        owners = seen_with_address[address]
        own = profile_id("email", address)
        found.identifiers["email", "", address] = min(owners) if len(owners) == 1 else own
    found.identifiers |= _devices_as_people(
        [*orders.values(), *events], seen, found.identifiers, max_devices
    )

    for (source, order_id), row in orders.items():
        person = found.identifiers[identifier] if (identifier := strongest(row)) else None
        found.orders[source, order_id] = person or profile_id("anonymous", source, order_id)
    active = {
        *(person_of[customer] for customer in accounts),
        *found.orders.values(),
        *(
            person_of[row["source_system"], row["customer_id"]]
            for row in refunds
            if row.get("customer_id") and (row["source_system"], row["order_id"]) not in orders
        ),
        *(found.identifiers[identifier] for identifier in seen),
    }
    found.profiles = {person for person in active if person}
    return found


def strongest(row: Row, *, is_known: bool = False) -> Identifier | None:
    """A row's strongest identifier; with `is_known` a device doesn't count as one."""
    if row.get("customer_id"):
        return "customer", row["source_system"], row["customer_id"]
    if row.get("email_hash"):
        return "email", "", row["email_hash"]
    if row.get("anonymous_id") and not is_known:
        return "anonymous", row["source_system"], row["anonymous_id"]
    return None


def _states(
    rows: Iterable[Row], key: str, begins: str, end: dt.datetime
) -> dict[tuple[str, str], Row]:
    """Each account or order as known at the end: its newest version by then, else its oldest."""
    versions: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        versions[row["source_system"], row[key]].append(row)
    states = {}
    for name, found in versions.items():
        known = [row for row in found if row["updated_at"] < end]
        if known:
            state = max(known, key=lambda row: row["updated_at"])
        else:
            state = min(found, key=lambda row: row["updated_at"])
        if state[begins] < end:
            states[name] = state
    return states


def _addresses(
    accounts: Mapping[Customer, Row], orders: Mapping[tuple[str, str], Row]
) -> dict[Customer, str]:
    """Each customer's e-mail address: the account's, else that of the newest order with one."""
    by_order: dict[Customer, list[Row]] = defaultdict(list)
    for row in orders.values():
        if row.get("customer_id") and row.get("email_hash"):
            by_order[row["source_system"], row["customer_id"]].append(row)
    addresses = {}
    for customer, found in by_order.items():
        newest = max(row["ordered_at"] for row in found)
        of_newest = {row["email_hash"] for row in found if row["ordered_at"] == newest}
        if len(of_newest) == 1:
            addresses[customer] = of_newest.pop()
    return addresses | {
        customer: row["email_hash"] for customer, row in accounts.items() if row.get("email_hash")
    }


def _customers_as_people(
    customers: Iterable[Customer], address_of: Mapping[Customer, str]
) -> dict[Customer, str]:
    holders: dict[str, list[Customer]] = defaultdict(list)
    for customer, address in address_of.items():
        holders[address].append(customer)
    people = {}
    for customer in customers:
        group = holders[address_of[customer]] if customer in address_of else [customer]
        sources = [source for source, _ in group]
        leading = min(group) if len(sources) == len(set(sources)) else customer
        people[customer] = profile_id("customer", *leading)
    return people


def _devices_as_people(
    rows: Iterable[Row],
    seen: Iterable[Identifier],
    people: Mapping[Identifier, str | None],
    max_devices: int,
) -> dict[Identifier, str | None]:
    owners: dict[Device, set[str]] = defaultdict(set)
    for row in rows:
        if row.get("anonymous_id"):
            known = strongest(row, is_known=True)
            device = (row["source_system"], row["anonymous_id"])
            owners[device] |= {people[known] or ""} if known else set()
    for kind, source, value in seen:
        if kind == "anonymous":
            owners[source, value] |= set()
    devices_of: dict[str, int] = defaultdict(int)
    for found in owners.values():
        if len(found) == 1:
            devices_of[min(found)] += 1
    resolved: dict[Identifier, str | None] = {}
    for (source, value), found in owners.items():
        own = profile_id("anonymous", source, value)
        if len(found) > 1:
            resolved["anonymous", source, value] = None
        elif found and devices_of[min(found)] <= max_devices:
            resolved["anonymous", source, value] = min(found)
        else:
            resolved["anonymous", source, value] = own
    return resolved
