"""Every kind of planted dirt is in the files as often as the truth says."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import pytest

from orchestration.demo_shop.dirt_kinds import DIRT_KINDS

# How each kind is told from the files alone, without the code that planted it.
RECOGNISED: dict[tuple[str, str], Callable[[dict[str, str]], bool]] = {
    ("orders", "older_version"): lambda row: row["status"] == "pending",
    ("orders", "zero_value"): lambda row: row["total_amount"] == "0.00",
    ("orders", "payment_failed"): lambda row: row["status"] == "failed",
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
    ("products", "missing_product_id"): lambda row: row["product_id"] == "",
}
# Behaviour that can lie in a dirty row too is recounted among the planted rows only.
AMONG_PLANTED_ORDERS = {"cancelled", "guest_with_email", "guest_without_email"}
TABLES = ("orders", "order_items", "refunds", "customers", "products", "fx_rates")


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
    elsewhere = {("orders", "gift_card")} | {(table, "exact_duplicate") for table in TABLES}
    assert declared <= shop.planted_counts.keys()
    assert declared <= RECOGNISED.keys() | elsewhere


def test_rejected_rows_stay_below_one_in_twenty(shop):
    for table, rows in shop.row_counts.items():
        assert shop.rejected_counts[table] < 0.05 * rows
    assert shop.rejected_counts["orders"] == 14 * 9
    assert shop.rejected_counts["refunds"] == 3 * 4


def test_the_truth_file_says_what_the_shop_says(shop):
    with (shop.truth / "planted_dirt.csv").open(newline="", encoding="utf-8") as lines:
        written = {
            (row["table_name"], row["kind"]): int(row["row_count"]) for row in csv.DictReader(lines)
        }
    assert written == shop.planted_counts
