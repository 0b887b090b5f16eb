"""Every kind of planted dirt is in the files as often as the truth says."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import pytest

from orchestration.demo_shop.dirt_kinds import DIRT_KINDS
from orchestration.demo_shop.event_dirt import EVENT_DIRT, MACHINE_DIRT, MESSAGE_DIRT

# How each kind is told from the files alone, without the code that planted it.
RECOGNISED: dict[tuple[str, str], Callable[[dict[str, str]], bool]] = {
    ("orders", "older_version"): lambda row: row["status"] == "pending",
    ("orders", "zero_value"): lambda row: row["total_amount"] == "0.00",
    ("orders", "payment_failed"): lambda row: (
        row["status"] == "failed" and row["source_system"] == "webshop"
    ),
    ("orders", "same_id_in_other_shop"): lambda row: row["source_system"] == "outlet",
    ("orders", "voided"): lambda row: row["status"] == "voided",
    ("orders", "test_order"): lambda row: row["is_test"] == "true",
    ("orders", "email_with_case_and_spaces"): lambda row: row["email"] != row["email"].strip(),
    ("orders", "hostile_text"): lambda row: "drop table" in row["coupon_codes"],
    ("orders", "negative_total"): lambda row: row["total_amount"].startswith("-"),
    ("orders", "missing_order_id"): lambda row: row["order_id"] == "",
    ("orders", "missing_total"): lambda row: row["total_amount"] == "",
    ("orders", "unreadable_money"): lambda row: "," in row["total_amount"],
    ("orders", "broken_date"): lambda row: row["ordered_at"].startswith("2025-02-30"),
    ("orders", "future_stamp"): lambda row: row["ordered_at"] > "2026-07-01",
    ("orders", "ancient_stamp"): lambda row: row["ordered_at"] < "1990-01-01",
    ("orders", "unknown_status"): lambda row: row["status"] == "teleported",
    ("orders", "currency_without_rate"): lambda row: row["currency"] not in ("USD", "EUR"),
    ("orders", "cancelled"): lambda row: row["cancelled_at"] != "",
    ("orders", "guest_with_email"): lambda row: is_guest(row) and row["email"] != "",
    ("orders", "guest_without_email"): lambda row: is_guest(row) and row["email"] == "",
    ("order_items", "negative_quantity"): lambda row: row["quantity"].startswith("-"),
    ("order_items", "missing_order_id"): lambda row: row["order_id"] == "",
    ("order_items", "missing_product_id"): lambda row: row["product_id"] == "",
    ("order_items", "unreadable_quantity"): lambda row: row["quantity"] == "two",
    ("order_items", "discount_above_price"): lambda row: (
        row["quantity"] == "1" and float(row["discount_amount"]) > float(row["unit_price"])
    ),
    ("refunds", "above_order_amount"): lambda row: float(row["amount"]) > 90_000,
    ("refunds", "order_unknown"): lambda row: row["customer_id"] != "",
    ("refunds", "neither_order_nor_customer"): lambda row: (
        row["order_id"] == "" and row["customer_id"] == ""
    ),
    ("refunds", "missing_refund_id"): lambda row: row["refund_id"] == "",
    ("refunds", "broken_date"): lambda row: ":61" in row["refunded_at"],
    ("refunds", "future_stamp"): lambda row: row["refunded_at"].startswith("2099"),
    ("customers", "email_with_case_and_spaces"): lambda row: (
        row["email"] != row["email"].strip().lower()
    ),
    ("customers", "hostile_text"): lambda row: "drop table" in row["city"],
    ("customers", "missing_customer_id"): lambda row: row["customer_id"] == "",
    ("customers", "shared_mailbox"): lambda row: row["email"].startswith("family.home"),
    ("products", "missing_product_id"): lambda row: row["product_id"] == "",
    ("feedback", "hostile_text"): lambda row: "drop table" in row["answer_text"],
    ("feedback", "unknown_kind"): lambda row: row["kind"] == "rumour",
    ("feedback", "unreadable_score"): lambda row: row["score"] == "ten",
    ("feedback", "future_stamp"): lambda row: row["submitted_at"] > "2026-07-01",
    ("customer_traits", "hostile_text"): lambda row: "drop table" in row["value"],
}
# The same for the tables that are written month by month, as conditions of SQL.
RECOGNISED_IN_FILES: dict[tuple[str, str], str] = {
    ("events", "no_event_id"): "event_id is null",
    (
        "events",
        "clock_ahead",
    ): "try_cast(occurred_at as timestamp) > try_cast(received_at as timestamp)",
    ("events", "clock_years_behind"): (
        "try_cast(occurred_at as timestamp) < try_cast(received_at as timestamp) - interval 700 day"
    ),
    ("events", "unknown_event_name"): "event_name = 'purchse'",
    ("events", "hostile_text"): "search_term like '%drop table%'",
    ("events", "future_stamp"): "occurred_at > '2026-07-01'",
    ("events", "ancient_stamp"): "occurred_at < '1990-01-01'",
    ("events", "broken_date"): "occurred_at like '2025-02-30%'",
    ("events", "missing_event_name"): "event_name is null",
    ("events", "missing_identifier"): "coalesce(customer_id, anonymous_id, email_hash) is null",
    ("events", "blocked_identifier"): "anonymous_id like '00000000-%'",
    ("events", "negative_seconds"): "engaged_seconds like '-%'",
    ("events", "bot_user_agent"): "user_agent like '%Googlebot%'",
    ("events", "told_bot"): "is_bot = 'true'",
    ("messages", "machine_open"): "is_machine_open = 'true'",
    ("messages", "unknown_event_name"): "event_name = 'opend'",
    ("messages", "missing_message_id"): "message_id is null",
    ("messages", "missing_campaign"): "campaign_id is null",
    ("messages", "missing_identifier"): "customer_id is null",
    ("messages", "future_stamp"): "occurred_at like '2099-%'",
    ("messages", "broken_date"): "occurred_at = '32.13.2025'",
}
# Behaviour that can lie in a dirty row too is recounted among the planted rows only.
AMONG_PLANTED_ORDERS = {"cancelled", "guest_with_email", "guest_without_email"}
TABLES = (
    *("orders", "order_items", "refunds", "customers", "products", "fx_rates", "feedback"),
    *("consents", "customer_traits", "subscriptions", "experiment_assignments", "marketing_spend"),
)


def is_guest(row):
    return row["customer_id"] in ("", "0", "-1")


def planted_orders(rows, status):
    by_key = {
        (row["order_id"], row["status"]): row for row in rows if row["order_id"].startswith("0")
    }
    return [row for (_, row_status), row in by_key.items() if row_status == status]


@pytest.mark.parametrize(("table", "kind"), RECOGNISED, ids=[f"{t}-{k}" for t, k in RECOGNISED])
def test_dirt_count_is_that_of_the_files(shop, tables, table, kind):
    rows = tables[table]
    if kind in AMONG_PLANTED_ORDERS:
        rows = planted_orders(rows, "cancelled" if kind == "cancelled" else "paid")
    found = sum(RECOGNISED[table, kind](row) for row in rows)
    assert found == shop.planted_counts[table, kind]
    assert found > 0


@pytest.mark.parametrize("table", TABLES)
def test_exact_duplicates_are_as_many_as_counted(shop, tables, table):
    copies = Counter(tuple(row.values()) for row in tables[table])
    repeated = sum(count - 1 for count in copies.values())
    assert repeated == shop.planted_counts[table, "exact_duplicate"]
    assert repeated > 0


def test_gift_cards_are_sold_as_often_as_counted(shop, tables):
    gift_lines = [row for row in tables["order_items"] if row["is_gift_card"] == "true"]
    gift_orders = {row["order_id"] for row in gift_lines}
    assert len(gift_lines) == len(gift_orders) == shop.planted_counts["orders", "gift_card"]
    totals = {row["total_amount"] for row in tables["orders"] if row["order_id"] in gift_orders}
    assert totals == {"50.00"}


def test_newer_versions_are_as_many_as_counted(shop, tables):
    changed = [
        row
        for status in ("cancelled", "refunded", "partially_refunded")
        for row in planted_orders(tables["orders"], status)
    ]
    assert len(changed) == shop.planted_counts["orders", "newer_version"]
    assert (
        len(planted_orders(tables["orders"], "refunded"))
        == (shop.planted_counts["orders", "fully_refunded"])
    )


def test_refund_kinds_are_as_many_as_counted(shop, tables, clean_orders):
    late, partial = set(), set()
    for row in tables["refunds"]:
        key = (row["refund_id"], row["refund_line_id"])
        if not row["refund_id"].startswith("R0"):
            continue
        ordered_on = clean_orders[row["order_id"]]["ordered_at"]
        if days_between(ordered_on, row["refunded_at"]) > 31:
            late.add(key)
        if row["reason"] in ("item returned", "goodwill"):
            partial.add(key)
    assert len(late) == shop.planted_counts["refunds", "late_refund"]
    assert len(partial) == shop.planted_counts["refunds", "partial_refund"]


def days_between(earlier, later):
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds() / 86400


def test_every_declared_kind_is_planted_and_recounted(shop):
    declared = {(kind.table, kind.code) for kind in DIRT_KINDS}
    declared |= {(kind.table, kind.code) for kind in (*EVENT_DIRT, *MACHINE_DIRT, *MESSAGE_DIRT)}
    elsewhere = {(table, "exact_duplicate") for table in (*TABLES, "events", "messages")}
    elsewhere |= {
        ("orders", "gift_card"),
        ("events", "later_copy"),
        ("events", "late_delivery"),
        ("events", "crowded_identifier"),
    }
    assert declared <= shop.planted_counts.keys()
    assert declared <= RECOGNISED.keys() | RECOGNISED_IN_FILES.keys() | elsewhere


@pytest.mark.parametrize(
    ("table", "kind"), RECOGNISED_IN_FILES, ids=[f"{t}-{k}" for t, k in RECOGNISED_IN_FILES]
)
def test_dirt_count_is_that_of_the_monthly_files(shop, files, table, kind):
    condition = RECOGNISED_IN_FILES[table, kind]
    [(found,)] = files.execute(f"select count(*) from {table} where {condition}").fetchall()
    assert found == shop.planted_counts[table, kind]
    assert found > 0


@pytest.mark.parametrize("table", ["events", "messages"])
def test_exact_duplicates_in_monthly_files_are_as_many_as_counted(shop, files, table):
    [(repeated,)] = files.execute(
        f"select sum(copies - 1)::bigint from"
        f" (select *, count(*) as copies from {table} group by all)"
    ).fetchall()
    assert repeated == shop.planted_counts[table, "exact_duplicate"]


def test_later_copies_repeat_an_event_id_at_another_time(shop, files):
    [(found,)] = files.execute(
        "select count(*) from (select event_id from events where event_id is not null"
        " group by event_id having count(distinct occurred_at) > 1)"
    ).fetchall()
    assert found == shop.planted_counts["events", "later_copy"]


def test_late_events_come_with_the_next_months_file(shop, files):
    # A visit's file goes by its local day: at a month's edge some hours are another's anyway.
    [(surely, at_most)] = files.execute(
        f"""
        select
            count(*) filter (
                try_cast(received_at as timestamp) < file_month - interval 12 hour
            ),
            count(*)
        from (
            select
                *,
                strptime(regexp_extract(filename, 'events_([0-9-]+).parquet', 1), '%Y-%m')
                    as file_month
            from read_parquet('{shop.landing}/events/*.parquet', filename = true)
        )
        where try_cast(received_at as timestamp) between '2024-07-01' and '2026-07-01'
            and occurred_at not like '2025-02-30%'
            and file_month > try_cast(received_at as timestamp)
        """
    ).fetchall()
    assert 0 < surely <= shop.planted_counts["events", "late_delivery"] <= at_most
    assert surely > 0.9 * at_most


def test_crowded_identifiers_do_more_than_a_person_can(shop, files):
    crowded = files.execute(
        "select count(*) from events group by anonymous_id, occurred_at[:10]"
        " having count(*) > 2000 and anonymous_id not like '0000%'"
    ).fetchall()
    assert sum(count for (count,) in crowded) == shop.planted_counts["events", "crowded_identifier"]


def test_orders_without_lines_are_as_many_as_counted(shop, tables, clean_orders):
    with_lines = {row["order_id"] for row in tables["order_items"]}
    assert len(clean_orders.keys() - with_lines) == shop.planted_counts["orders", "lines_missing"]


def test_shared_devices_are_seen_with_two_customers(shop, files):
    [(planted,)] = files.execute("select count(*) from planted_devices where is_shared").fetchall()
    assert planted == shop.planted_counts["events", "shared_device"] > 0
    seen = files.execute(
        "select anonymous_id from events where customer_id is not null and anonymous_id is not null"
        " group by anonymous_id having count(distinct customer_id) > 1"
    ).fetchall()
    shared = files.execute("select anonymous_id from planted_devices where is_shared").fetchall()
    assert set(seen) <= set(shared)
    assert seen


def test_rejected_rows_stay_below_one_in_twenty(shop):
    for table, rows in shop.row_counts.items():
        assert shop.rejected_counts[table] < 0.05 * rows
    assert shop.rejected_counts["orders"] == 15 * 9
    assert shop.rejected_counts["refunds"] == 4 * 4


def test_the_truth_file_says_what_the_shop_says(shop):
    with (shop.truth / "planted_dirt.csv").open(newline="", encoding="utf-8") as lines:
        written = {
            (row["table_name"], row["kind"]): int(row["row_count"]) for row in csv.DictReader(lines)
        }
    assert written == shop.planted_counts
