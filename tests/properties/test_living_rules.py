"""Each row of the config tables of engagement and loyalty matters: without it somebody moves.

A rule that changes nothing on any shop is a rule that nobody should have to read.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pytest

from orchestration.paths import Project
from tests.dbt.contract_rows import profile_id
from tests.properties.compiled_project import Compiled, DbtCompiler, Model
from tests.properties.random_habits import habit_world
from tests.properties.test_segments_in_plain_python import SMALL_NUMBERS
from tests.properties.world_build import Built, World, build, world_of
from tests.properties.world_checks import by_profile

Row = dict[str, object]

MARTS = (
    *("engagement_segments", "engagement_channels", "engagement_content", "send_time"),
    "loyalty_segments",
)
TABLES = (
    *("engagement_tiers", "usage_bands", "usage_trends", "dayparts"),
    *("visit_patterns", "visit_pattern_slots", "channel_kinds", "segment_definitions"),
    *("loyalty_components", "loyalty_cutoffs", "loyalty_tiers", "loyalty_grace_days"),
    *("loyalty_quadrants", "advocacy_rules"),
)
# Each has another value than the world was built with.
OTHER_SETTINGS = {
    "engagement_half_life_days": 20,
    "engagement_window_days": 100,
    "usage_window_days": 30,
    "trend_window_days": 20,
    "trend_min_active_days": 6,
    "pattern_min_visits": 9,
    "channel_min_messages": 5,
    "channel_prior_messages": 0,
    "content_min_signals": 6,
    "content_min_lift": 1.5,
    "content_prior_signals": 0,
    "send_time_prior_reactions": 0,
    "loyalty_window_days": 100,
    "loyalty_window_months": 6,
    "loyalty_lapse_factor": 1,
    "interval_prior_count": 4,
    "potential_loyalist_points": 2,
    "usage_min_profiles": 61,
}


def rows_of(table: str) -> list[dict[str, str]]:
    path = Project.here().config_tables / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def every_row() -> list[Any]:
    return [
        pytest.param(table, row, id=f"{table}: {' '.join(row.values())}")
        for table in TABLES
        for row in rows_of(table)
    ]


def doing_one_thing(row: dict[str, str]) -> str:
    """The customer who on the last day did what a weight is for, once more than counts."""
    return f"{row['event_name']}-{row['channel']}"


def lively_world() -> World:
    """Sixty people with habits, and one for each weight who on the last day did that alone."""
    world = habit_world(0, people=60, is_complete=True)
    events, messages = [], []
    for row in rows_of("engagement_event_weights"):
        name, count = row["event_name"], int(row["daily_cap"]) + 1
        does = {
            "customer_id": doing_one_thing(row),
            "channel": None if row["channel"] == "*" else row["channel"],
            "occurred_at": f"{world.as_of_date}T12:00:00Z",
        }
        if name.startswith("message_"):
            does |= {"campaign_id": "k", "channel": "email", "event_name": name[8:]}
            messages += [does | {"message_id": f"{name}-{n}"} for n in range(count)]
        elif name == "engaged_minutes":
            does |= {"event_id": name, "event_name": "unheard_of", "engaged_seconds": 60 * count}
            events.append(does)
        else:
            key = f"{name}-{row['channel']}"
            does |= {"event_name": name}
            events += [does | {"event_id": f"{key}-{n}"} for n in range(count)]
    for back in rows_of("loyalty_grace_days"):
        bought, did = _lively_on(world.as_of_date, int(back["days_back"]))
        world = world.with_file("orders", bought)
        events += did
    world = world.with_file("customers", [{"customer_id": "quiet"}])
    return world.with_file("events", events).with_file("messages", messages)


def _lively_on(day: dt.date, days_back: int) -> tuple[list[Row], list[Row]]:
    """Orders of long ago, 16 points, and one day on which the brand score brought 25 more: medium.

    Thirty days later 72 points of the brand score are 36, which bring 19.
    """
    person = {"customer_id": f"lively-{days_back}"}
    spree = day - dt.timedelta(days=days_back)
    orders = [
        person
        | {"order_id": f"{person['customer_id']}-{age}", "status": "paid"}
        | {"ordered_at": day - dt.timedelta(days=age), "currency": "USD", "total_amount": "9.00"}
        for age in (2000, 1200)
    ]
    often = {"purchase": 2, "cart_add": 3, "product_view": 10, "download": 3, "video_view": 5}
    often |= {"store_visit": 1, "checkout_start": 2, "search": 5, "feature_use": 10, "app_use": 5}
    events = [
        person
        | {"event_id": f"{person['customer_id']}-{name}-{n}", "event_name": name}
        | {"occurred_at": f"{spree}T12:00:00Z"}
        for name, count in often.items()
        for n in range(count)
    ]
    return orders, events


def dependents(compiled: Compiled, relation: str) -> list[Model]:
    """Models that stand on a relation, in the order of building."""
    changed, found = {relation}, []
    for model in compiled.models:
        if any(name in model.sql for name in changed):
            changed.add(model.relation)
            found.append(model)
    return found


def content(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return [
        connection.execute(f"select count(*), bit_xor(hash(t)) from marts.{mart} as t").fetchone()
        for mart in MARTS
    ]


@contextmanager
def changed(built: Built, table: str, change: str) -> Iterator[None]:
    """The marts with other rules, for one `with`."""
    connection, relation = built.connection, f'"config"."{table}"'
    connection.execute("begin")
    try:
        connection.execute(change.format(table=relation))
        for model in dependents(built.compiled, relation):
            connection.execute(f"drop table if exists {model.relation}")
            connection.execute(f"create table {model.relation} as {model.sql}")
        yield
    finally:
        connection.execute("rollback")


def moves_somebody(built: Built, table: str, change: str) -> bool:
    """Whether other rules change a mart, or leave a hole in it."""
    before = content(built.connection)
    with changed(built, table, change):
        holes = [
            built.one(f"select count(*) from marts.{model.name} where {name} is null")
            for model in built.compiled.models
            if model.name in MARTS
            for name, _, is_required in model.contract
            if is_required
        ]
        return any(holes) or content(built.connection) != before


@pytest.fixture(scope="module")
def lively(compiler: DbtCompiler) -> Iterator[Built]:
    with build(compiler.compile(**SMALL_NUMBERS), lively_world()) as built:
        yield built


def condition(row: dict[str, str]) -> str:
    return " and ".join(f"{name} = '{value}'" for name, value in row.items())


@pytest.fixture(scope="module")
def bare(lively: Built) -> Iterator[Built]:
    """A shop that delivers neither orders nor events nor messages."""
    accounts = world_of(dt.date(2024, 6, 30), customers=[{"customer_id": "only"}])
    with build(lively.compiled, accounts) as built:
        yield built


@pytest.mark.parametrize(("table", "row"), every_row())
def test_without_a_rule_somebody_moves(lively, bare, table, row):
    shop = bare if row.get("segment_code") == "insufficient_data" else lively
    assert moves_somebody(shop, table, f"delete from {{table}} where {condition(row)}")


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("weight = weight + 1", "brand_score"),
        ("daily_cap = daily_cap + 1", "brand_score"),
        ("is_usage = not is_usage", "usage_value"),
    ],
)
def test_each_cell_of_a_weight_moves_whoever_did_that_alone(lively, change, column):
    people = {
        doing_one_thing(row): profile_id("customer", "shop", doing_one_thing(row))
        for row in rows_of("engagement_event_weights")
        # What is no event tells of no day of use.
        if column == "brand_score"
        or not row["event_name"].startswith(("message_", "engaged_minutes"))
    }
    before = by_profile(lively, column, "engagement_segments")
    with changed(lively, "engagement_event_weights", f"update {{table}} set {change}"):
        after = by_profile(lively, column, "engagement_segments")
    assert [name for name, profile in people.items() if before[profile] == after[profile]] == []


def test_a_rule_that_changes_nothing_is_seen(lively):
    change = "insert into {table} values ('channel', 'fax', 'online')"
    assert not moves_somebody(lively, "channel_kinds", change)
    assert not moves_somebody(
        lively, "loyalty_grace_days", "delete from {table} where days_back > 999"
    )


@pytest.mark.long
@pytest.mark.parametrize("setting", OTHER_SETTINGS)
def test_each_setting_moves_somebody(lively, compiler, setting):
    changed = compiler.compile(**SMALL_NUMBERS | {setting: OTHER_SETTINGS[setting]})
    with build(changed, lively_world()) as built:
        assert content(built.connection) != content(lively.connection)
