"""Where a day of the shop's calendar begins and ends, on days of 23 and of 25 hours too."""

from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo
from decimal import Decimal

import pytest

from tests.dbt.contract_rows import profile_id
from tests.properties.compiled_project import Compiled
from tests.properties.local_days import MICROSECOND, changing_days, day_bounds, local_day
from tests.properties.world_build import build, memory_database, world_of
from tests.properties.world_checks import see_it_fail

# Zone, day, hours: clocks change in the night, at midnight to 01:00, at midnight to 23:00, at 01:00
# to midnight, by half an hour and by two hours; and a day that was left out.
EDGES = [
    ("America/New_York", dt.date(2024, 3, 10), 23),
    ("America/New_York", dt.date(2024, 11, 3), 25),
    ("America/New_York", dt.date(2024, 7, 4), 24),
    ("Europe/Berlin", dt.date(2024, 3, 31), 23),
    ("Europe/Berlin", dt.date(2024, 10, 27), 25),
    ("Asia/Kolkata", dt.date(2024, 3, 31), 24),
    ("America/Sao_Paulo", dt.date(2018, 2, 17), 25),
    ("America/Sao_Paulo", dt.date(2018, 11, 3), 24),
    ("America/Sao_Paulo", dt.date(2018, 11, 4), 23),
    ("America/Asuncion", dt.date(2023, 3, 25), 25),
    ("America/Asuncion", dt.date(2023, 10, 1), 23),
    ("Asia/Beirut", dt.date(2022, 3, 27), 23),
    ("Asia/Beirut", dt.date(2022, 10, 29), 25),
    ("America/Havana", dt.date(2024, 11, 2), 24),
    ("America/Havana", dt.date(2024, 11, 3), 25),
    ("Australia/Lord_Howe", dt.date(2024, 4, 7), 24.5),
    ("Asia/Chita", dt.date(2014, 10, 25), 24),
    ("Asia/Chita", dt.date(2014, 10, 26), 26),
    ("Pacific/Apia", dt.date(2011, 12, 29), 24),
]
PAID = {"status": "paid", "currency": "USD", "total_amount": Decimal("10.00")}


@pytest.fixture(scope="module")
def strata(whole):
    """Orders and who bought: all that the edges of a day are asked about."""
    return whole.up_to("int_customer_purchase_summaries", "int_purchase_windows")


def edge_rows(day, zone):
    """Orders, refunds, cancellations and accounts at both ends of the day."""
    first, end = day_bounds(day, zone)
    last, earlier = end - MICROSECOND, first - dt.timedelta(days=40)
    orders = [
        {**PAID, "order_id": name, "customer_id": name, "ordered_at": at}
        for name, at in {
            "before": first - MICROSECOND,
            "first": first,
            "last": last,
            "next": end,
            "refund_last": earlier,
            "refund_next": earlier,
            "cancel_last": earlier,
            "cancel_next": earlier,
            "edit_last": earlier,
            "edit_next": earlier,
        }.items()
    ]
    for name, at in {"last": last, "next": end}.items():
        original = next(row for row in orders if row["order_id"] == f"cancel_{name}")
        orders.append(original | {"status": "cancelled", "updated_at": first, "cancelled_at": at})
        original = next(row for row in orders if row["order_id"] == f"edit_{name}")
        orders.append(original | {"total_amount": Decimal("30.00"), "updated_at": at})
    refunds = [
        {"refund_id": name, "order_id": f"refund_{name}", "refunded_at": at, "amount": 10}
        for name, at in {"last": last, "next": end}.items()
    ]
    customers = [
        {"customer_id": "joined_last", "created_at": last},
        {"customer_id": "joined_next", "created_at": end},
    ]
    return {"orders": orders, "refunds": refunds, "customers": customers}


# Days since the last order, orders that count, those returned and cancelled, money.
EXPECTED = {
    "before": (1, 1, 0, 0, Decimal(10)),
    "first": (0, 1, 0, 0, Decimal(10)),
    "last": (0, 1, 0, 0, Decimal(10)),
    "refund_last": (None, 0, 1, 0, Decimal(0)),
    "refund_next": (40, 1, 0, 0, Decimal(10)),
    "cancel_last": (None, 0, 0, 1, Decimal(0)),
    "cancel_next": (40, 1, 0, 0, Decimal(10)),
    "edit_last": (40, 1, 0, 0, Decimal(30)),
    "edit_next": (40, 1, 0, 0, Decimal(10)),
    "joined_last": (None, 0, 0, 0, Decimal(0)),
}


def check_edges(strata, edge):
    zone, day, hours = edge
    first, end = day_bounds(day, zone)
    assert (end - first) / dt.timedelta(hours=1) == hours
    # 40 days of 24 hours before: the calendar may be a day more or less away.
    distance = (day - local_day(first - dt.timedelta(days=40), zone)).days
    with build(strata.in_zone(zone), world_of(day, **edge_rows(day, zone))) as built:
        rows = built.rows(
            "select summaries.profile_id, windows.recency_days, summaries.order_count,"
            " returned_order_count, cancelled_order_count, net_revenue"
            " from intermediate.int_customer_purchase_summaries as summaries"
            " left join intermediate.int_purchase_windows as windows"
            " on summaries.profile_id = windows.profile_id and anchor_role = 'as_of'"
        )
    assert {row[0]: row[1:] for row in rows} == {
        profile_id("customer", "shop", name): (distance if days == 40 else days, *counts)
        for name, (days, *counts) in EXPECTED.items()
    }


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: f"{edge[0]} {edge[1]}")
def test_the_last_microsecond_of_a_day_counts_and_the_first_after_it_does_not(strata, edge):
    check_edges(strata, edge)


@pytest.mark.parametrize(
    ("model", "old", "new"),
    [
        ("int_order_states", "ordered_at < ranked.anchor_ends_at", "ordered_at <= anchor_ends_at"),
        ("int_order_states", "version_at < anchors.anchor_ends_at", "version_at <= anchor_ends_at"),
        ("int_order_states", "cancelled_at < ranked", "cancelled_at <= ranked"),
        ("int_refunds_as_of", "refunded_at < anchors", "refunded_at <= anchors"),
        ("int_customer_states", "created_at < anchors", "created_at <= anchors"),
    ],
)
def test_an_end_that_belongs_to_the_day_is_seen(strata, model, old, new):
    see_it_fail(check_edges, strata.with_bug(model, old, new), EDGES[:1])


def test_a_day_that_is_cut_in_utc_is_seen(strata):
    broken = strata.with_bug("int_order_versions", "timezone('America/New_York', ", "(")
    see_it_fail(check_edges, broken, EDGES[:1])


def test_a_day_that_always_has_24_hours_is_seen(strata):
    broken = strata.with_bug(
        "int_anchors",
        "cast(cast( (anchor_date + cast(1 as bigint) * interval 1 day) as date) as timestamp)",
        "cast(anchor_date as timestamp)",
    ).with_bug("int_anchors", "else timezone(", "else interval 24 hour + timezone(")
    see_it_fail(check_edges, broken, EDGES[:1])


def check_sums(strata, edge):
    """An order each half hour over three days: each counts on one day, and on the right one."""
    zone, day, hours = edge
    days = [day + dt.timedelta(days=n) for n in (-1, 0, 1)]
    first, end = day_bounds(days[0], zone)[0], day_bounds(days[2], zone)[1]
    instants = [
        first + n * dt.timedelta(minutes=30)
        for n in range(-4, int((end - first) / dt.timedelta(minutes=30)) + 4)
    ]
    orders = [
        {**PAID, "order_id": f"o{n}", "customer_id": "steady", "ordered_at": instant}
        for n, instant in enumerate(instants)
    ]
    totals = {}
    for as_of_date in days:
        with build(strata.in_zone(zone), world_of(as_of_date, orders=orders)) as built:
            totals[as_of_date] = built.one(
                "select net_revenue from intermediate.int_customer_purchase_summaries"
            )
            by_day = dict(
                built.rows(
                    "select ordered_date, sum(net_revenue) from intermediate.int_order_days"
                    " group by ordered_date"
                )
            )
            assert sum(by_day.values()) == totals[as_of_date]
            assert max(by_day) == as_of_date
    counted = [local_day(instant, zone) for instant in instants]
    for before, as_of_date in itertools.pairwise(days):
        grown = totals[as_of_date] - totals[before]
        assert grown == by_day.get(as_of_date, grown) == 10 * counted.count(as_of_date)
    assert totals[day] - totals[days[0]] == 20 * Decimal(hours)


@pytest.mark.parametrize("edge", EDGES[:-1:2], ids=lambda edge: f"{edge[0]} {edge[1]}")
def test_sums_over_days_are_the_total_however_many_hours_a_day_has(strata, edge):
    check_sums(strata, edge)


def test_a_midnight_that_belongs_to_both_days_is_seen(strata):
    broken = strata.with_bug(
        "int_order_states", "ordered_at < ranked.anchor_ends_at", "ordered_at <= anchor_ends_at"
    )
    see_it_fail(check_sums, broken, EDGES[:1])


def test_a_zone_put_in_place_of_another_is_what_dbt_compiles(whole: Compiled, compiler):
    kept = {**whole.dbt_vars, "business_timezone": "Europe/Berlin"}
    assert whole.in_zone("Europe/Berlin").models == compiler.compile(**kept).models


# In Newfoundland clocks went back at 00:01 until 2011: the day after began, and the day went on.
IN_PIECES = ("America/Goose_Bay", "America/St_Johns", "Canada/Newfoundland", "Antarctica/Casey")
# These went over to the other side of the date line.
NEVER_CAME = [(zone, dt.date(2011, 12, 30)) for zone in ("Pacific/Apia", "Pacific/Fakaofo")]


def zones_with_whole_days():
    return [
        zone
        for zone in sorted(zoneinfo.available_timezones())
        if "/" in zone and not zone.startswith(("Etc/", "SystemV/")) and zone not in IN_PIECES
    ]


@pytest.mark.long
def test_every_zone_of_the_world_has_its_days_end_where_its_clocks_say(strata):
    days = [dt.date(2008, 1, 1) + dt.timedelta(days=n) for n in range(18 * 365)]
    wrong = []
    with memory_database() as connection:
        connection.execute("create schema staging")
        for zone in zones_with_whole_days():
            changing = [day for day in changing_days(days, zone) if (zone, day) not in NEVER_CAME]
            connection.execute(
                "create or replace table staging.as_of as"
                " select unnest(cast(? as date[])) as as_of_date",
                [changing],
            )
            found = connection.execute(
                "select anchor_date, timezone('UTC', anchor_ends_at)"
                f" from ({strata.in_zone(zone).model('int_anchors').sql})"
                " where anchor_role = 'as_of'"
            ).fetchall()
            assert len(found) == len(changing)
            wrong += [(zone, day) for day, end in found if end != day_bounds(day, zone)[1]]
    assert wrong == []
