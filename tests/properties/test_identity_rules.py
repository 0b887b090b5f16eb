"""Who is who is as the rules say, whatever the names, the order, the neighbours and the future."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal

import pytest

from tests.dbt.contract_rows import profile_id
from tests.properties.compiled_project import Compiled
from tests.properties.identity_oracle import Identifier, Resolution, resolve
from tests.properties.identity_worlds import (
    ANCHORS,
    AS_OF_DATE,
    INPUTS,
    MAX_DEVICES,
    Rows,
    built,
    end_of,
    found_in,
    only_identity,
    random_rows,
    rebuilt,
    together,
)
from tests.properties.world_build import Built, build, no_scores, world_of

FEW = tuple(random_rows(seed) for seed in range(1000, 1040))
INSTANTS = ("created_at", "updated_at", "ordered_at", "refunded_at", "occurred_at", "submitted_at")
IDS = ("source_system", "customer_id", "email_hash", "anonymous_id", "order_id")


@pytest.fixture(scope="module")
def identity(strata: Compiled) -> Compiled:
    return only_identity(strata)


@pytest.fixture(scope="module")
def few_tables(identity: Compiled) -> Iterator[Built]:
    """The tables of the few worlds as one shop."""
    with built(identity, together(FEW)) as tables:
        yield tables


@pytest.fixture(scope="module")
def few(few_tables: Built) -> Resolution:
    """The few worlds as one shop, resolved by the models."""
    return found_in(few_tables)


def by_the_rules(worlds: tuple[Rows, ...], day: dt.date = AS_OF_DATE) -> Resolution:
    """Each world resolved for itself by plain Python, all results together."""
    whole = Resolution()
    for rows in worlds:
        one = resolve(rows, end_of(day), MAX_DEVICES)
        whole.identifiers |= one.identifiers
        whole.orders |= one.orders
        whole.profiles |= one.profiles
    return whole


def groups(people: Mapping[Identifier, str | None]) -> set[frozenset[Identifier]]:
    """The identifiers of each person; those of nobody are one group."""
    found: dict[str | None, set[Identifier]] = defaultdict(set)
    for identifier, person in people.items():
        found[person].add(identifier)
    return {frozenset(group) for group in found.values()}


def test_every_identifier_order_and_profile_is_as_the_rules_say(identity):
    worlds = tuple(random_rows(seed) for seed in range(150))
    with built(identity, together(worlds)) as tables:
        for anchor_role, day in ANCHORS.items():
            found, expected = found_in(tables, anchor_role), by_the_rules(worlds, day)
            assert found.identifiers == expected.identifiers
            assert found.orders == expected.orders
            if anchor_role == "as_of":
                assert found.profiles == expected.profiles


def test_the_worlds_hold_every_case(few):
    kinds = Counter(kind for kind, _, _ in few.identifiers)
    people = defaultdict(set)
    for (kind, source, _), person in few.identifiers.items():
        people[person].add((kind, source))
    assert min(kinds["customer"], kinds["email"], kinds["anonymous"]) > 100
    # Customers of two sources, devices of a customer, devices of several people, visitors.
    assert (
        sum(len([kind for kind, _ in of if kind == "customer"]) > 1 for of in people.values()) > 9
    )
    assert sum({"customer", "anonymous"} <= {kind for kind, _ in of} for of in people.values()) > 9
    assert sum(person is None for person in few.identifiers.values()) > 9
    assert sum({kind for kind, _ in of} == {"anonymous"} for of in people.values()) > 9
    # Somebody at the limit of devices, which hides those above it.
    owned = Counter(
        person for (kind, _, _), person in few.identifiers.items() if kind == "anonymous" and person
    )
    assert max(owned.values()) == MAX_DEVICES


def test_no_two_customers_of_one_source_are_one_person(few):
    sources = Counter(
        (person, source)
        for (kind, source, _), person in few.identifiers.items()
        if kind == "customer"
    )
    assert max(sources.values()) == 1


def test_other_names_for_all_ids_give_the_same_people(identity, few):
    names: dict[str, str] = {}
    scramble = random.Random(7)

    def renamed(value: str) -> str:
        return names.setdefault(value, f"{scramble.getrandbits(64):016x}")

    rows = {
        table: [
            {
                name: renamed(value) if name in IDS and value else value
                for name, value in row.items()
            }
            for row in rows
        ]
        for table, rows in together(FEW).items()
    }
    with built(identity, rows) as tables:
        found = found_in(tables)
    expected = {
        (kind, source and names[source], names[value]): person
        for (kind, source, value), person in few.identifiers.items()
    }
    assert groups(found.identifiers) == groups(expected)
    assert len(found.profiles) == len(few.profiles)


def test_rows_in_another_order_give_the_same_people(identity, few):
    shuffle = random.Random(8)
    rows = {table: shuffle.sample(rows, len(rows)) for table, rows in together(FEW).items()}
    with built(identity, rows) as tables:
        assert found_in(tables) == few


def test_two_shops_together_are_each_alone(identity, few):
    alone = Resolution()
    for part in (FEW[:20], FEW[20:]):
        with built(identity, together(part)) as tables:
            found = found_in(tables)
        alone.identifiers |= found.identifiers
        alone.orders |= found.orders
        alone.profiles |= found.profiles
    assert alone == few


def test_what_is_dated_after_the_day_changes_nothing(identity, few):
    rows = together(FEW)
    later = dt.timedelta(days=400)
    # The same ids meet once more, in other company, and new ones come.
    mixed = random.Random(9)
    for table in INPUTS:
        for row in together([random_rows(seed) for seed in range(1000, 1060)])[table]:
            shifted = {
                name: value + later if name in INSTANTS and value else value
                for name, value in row.items()
            }
            for name in ("customer_id", "email_hash", "anonymous_id"):
                if row.get(name):
                    shifted[name] = mixed.choice(rows["events"])[name] or row[name]
            for name in ("order_id", "refund_id", "event_id", "message_id", "feedback_id"):
                if name in row:
                    shifted[name] = f"later.{row[name]}"
            rows[table].append(shifted)
    with built(identity, rows) as tables:
        assert found_in(tables) == few


def account(
    source: str, customer_id: str, email_hash: str, opened: str, updated: str | None = None
) -> dict[str, object]:
    return {
        "source_system": source,
        "customer_id": customer_id,
        "email_hash": email_hash,
        "created_at": dt.datetime.fromisoformat(opened),
        "updated_at": dt.datetime.fromisoformat(updated or opened),
    }


def visit(event_id: str, occurred: str, **named: str) -> dict[str, object]:
    return {
        "source_system": "shop",
        "event_id": event_id,
        "event_name": "page_view",
        "occurred_at": dt.datetime.fromisoformat(occurred),
        **named,
    }


def purchase(
    source: str, order_id: str, total: str, day: int = 1, **named: str
) -> dict[str, object]:
    return {
        "source_system": source,
        "order_id": order_id,
        "ordered_at": dt.datetime(2024, 2, day, 17),
        "status": "paid",
        "currency": "USD",
        "total_amount": total,
        **named,
    }


def test_the_example_in_the_pages_is_so_evening_by_evening(identity):
    rows: Rows = {
        "customers": [
            account("shop", "ann", "ann@home", "2024-02-02 17:00"),
            account("till", "77", "ann@home", "2024-02-03 17:00"),
            account("till", "77", "a@work", "2024-02-03 17:00", "2024-02-06 17:00"),
        ],
        "events": [
            visit("1", "2024-02-01 17:00", anonymous_id="phone"),
            visit("2", "2024-02-02 17:00", anonymous_id="phone", customer_id="ann"),
        ],
        "orders": [
            purchase("web", "o4", "5.00", day=4, email_hash="ann@home"),
            purchase("shop", "o5", "5.00", day=5, email_hash="bob@home", anonymous_id="phone"),
        ],
    }
    ann, card = profile_id("customer", "shop", "ann"), profile_id("customer", "till", "77")
    bob, phone = profile_id("email", "bob@home"), profile_id("anonymous", "shop", "phone")
    evenings = []
    for day in range(1, 7):
        with built(identity, rows, dt.date(2024, 2, day)) as tables:
            found = found_in(tables)
        evenings.append(
            (
                found.identifiers["anonymous", "shop", "phone"],
                found.identifiers.get(("customer", "till", "77")),
                found.orders.get(("web", "o4")),
                found.profiles,
            )
        )
    assert evenings == [
        (phone, None, None, {phone}),
        (ann, None, None, {ann}),
        (ann, ann, None, {ann}),
        (ann, ann, ann, {ann}),
        (None, ann, ann, {ann, bob}),
        (None, card, ann, {ann, card, bob}),
    ]


def test_one_person_of_two_sources_is_one_row_with_the_money_of_both(strata):
    world = world_of(
        AS_OF_DATE,
        customers=[
            account("shop", "ann", "ann@home", "2024-01-01"),
            account("till", "77", "ann@home", "2024-01-01"),
        ],
        orders=[
            purchase("shop", "o1", "10.00", customer_id="ann"),
            purchase("till", "o1", "20.00", customer_id="77"),
            purchase("web", "o1", "40.00", email_hash="ann@home"),
            purchase("shop", "o2", "80.00", anonymous_id="phone"),
            purchase("shop", "o3", "160.00", anonymous_id="tablet"),
            purchase("shop", "o4", "320.00"),
        ],
        refunds=[
            {
                "source_system": "till",
                "refund_id": "r1",
                "order_id": "not there",
                "customer_id": "77",
                "refunded_at": dt.datetime(2024, 2, 2, 17),
                "amount": "3.00",
            }
        ],
        events=[visit("1", "2024-02-02 17:00", anonymous_id="phone", customer_id="ann")],
    )
    with build(strata, world, scores=no_scores) as tables:
        found = tables.rows(
            "select profile_id, profile_kind, order_count, net_revenue from marts.customer_360"
            " order by net_revenue"
        )
    assert found == [
        (profile_id("customer", "shop", "ann"), "customer", 4, Decimal("147.0000")),
        (profile_id("anonymous", "shop", "tablet"), "anonymous", 1, Decimal("160.0000")),
        (profile_id("anonymous", "shop", "o4"), "anonymous", 1, Decimal("320.0000")),
    ]


@pytest.mark.parametrize(
    ("model", "rule", "bug"),
    [
        ("int_mailbox_owners", "having max(number_in_source) = 1", "having count(*) > 0"),
        ("int_mailbox_owners", "order by source_system, customer_id", "order by customer_id"),
        ("int_customer_emails", "order by ordered_at desc", "order by ordered_at"),
        ("int_customer_emails", "having min(email_hash) = max(email_hash)", ""),
        ("int_customer_profiles", "first_seen_date <= ", "first_seen_date < "),
        ("int_email_profiles", "when first_profile_id = last_profile_id", "when true"),
        ("int_email_profiles", "first_seen_date <= ", "first_seen_date < "),
        ("int_device_profiles", "first_seen_at < ", "first_seen_at <= "),
        ("int_device_profiles", "when is_shared then null", "when false then null"),
        ("int_device_profiles", f"device_count > {MAX_DEVICES}", f"device_count >= {MAX_DEVICES}"),
        ("int_seen_identifiers", "min(seen_date)", "max(seen_date)"),
        ("int_order_people", "when email_hash is not null then 'email'", ""),
        ("int_profiles", "and profile_id is not null", "and identifier_kind <> 'email'"),
    ],
)
def test_a_broken_rule_is_told_from_the_right_one(identity, few_tables, model, rule, bug):
    broken = identity.with_bug(model, rule, bug).model(model).sql
    with rebuilt(few_tables, model, broken) as tables:
        is_told = found_in(tables) != by_the_rules(FEW)
    assert is_told
    assert found_in(few_tables) == by_the_rules(FEW)
