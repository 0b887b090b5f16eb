"""The demo shop's landing files: reproducible, keyed, reconciled, in the contract's shape."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.demo_shop.demo_maker import make_demo_shop
from orchestration.errors import StrataError
from orchestration.intake.contract import contract_tables
from orchestration.paths import Project

MONEY_COLUMNS = {
    "orders": ("gross_amount", "discount_amount", "shipping_amount", "tax_amount", "total_amount"),
    "order_items": ("unit_price", "discount_amount", "tax_amount", "unit_cost"),
    "refunds": ("amount", "tax_amount", "shipping_amount"),
    "products": ("price",),
}


def digests(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(tmp_path):
    for threads in (1, 2, 3):
        make_demo_shop(
            tmp_path / str(threads),
            customer_count=700,
            seed=3,
            events_per_person=225,
            threads=threads,
        )
    assert digests(tmp_path / "1") == digests(tmp_path / "2") == digests(tmp_path / "3")


def test_another_seed_gives_other_files_of_the_same_names(tmp_path):
    for seed in (3, 4):
        make_demo_shop(tmp_path / str(seed), customer_count=700, seed=seed)
    three, four = digests(tmp_path / "3"), digests(tmp_path / "4")
    assert three.keys() == four.keys()
    same = {name for name in three if three[name] == four[name]}
    assert same - {"landing/erasure_requests/erasure_requests.csv"} == {
        "truth/planted_types.csv",
        "landing/calendar_annotations/calendar_annotations.csv",
    }


def test_a_smaller_shop_replaces_a_larger_one_without_leftovers(tmp_path):
    make_demo_shop(tmp_path / "twice", customer_count=300)
    make_demo_shop(tmp_path / "twice", customer_count=4)
    make_demo_shop(tmp_path / "once", customer_count=4)
    assert digests(tmp_path / "twice") == digests(tmp_path / "once")


def test_more_people_change_nothing_of_the_first_ones(tmp_path):
    truths = []
    for count in (150, 300):
        shop = make_demo_shop(tmp_path / str(count), customer_count=count)
        lines = (shop.truth / "planted_customers.csv").read_text(encoding="utf-8").splitlines()
        truths.append({line.split(",", 1)[0]: line for line in lines})
    small, large = truths
    assert len(small) == 151
    assert all(large[number] == line for number, line in small.items())


def test_the_default_shop_has_files_by_month_and_nothing_but_contract_tables(shop):
    contract = contract_tables(Project.here().raw_sources)
    assert {folder.name for folder in shop.landing.iterdir()} == contract.keys()
    names = sorted(file.name for file in (shop.landing / "refunds").iterdir())
    assert len(names) == 24
    assert names[0] == "refunds_2024-07.csv"
    assert names[-1] == "refunds_2026-06.csv"
    assert sorted(shop.files) == sorted(file for file in shop.landing.rglob("*") if file.is_file())


def test_files_have_the_contracts_columns_and_all_required_ones(tables, files):
    contract = contract_tables(Project.here().raw_sources)
    delivered = {name: rows[0].keys() for name, rows in tables.items()}
    for name in ("events", "messages"):
        described = files.execute(f"describe {name}").fetchall()
        assert {column_type for _, column_type, *_ in described} == {"VARCHAR"}
        delivered[name] = {column for column, *_ in described}
    for name, names in delivered.items():
        columns = contract[name].by_name
        required = {column.name for column in columns.values() if column.is_required}
        assert required <= set(names) <= columns.keys(), name


def test_counts_are_those_of_the_files(shop, tables, files):
    counted = {name: len(rows) for name, rows in tables.items()}
    for name in ("events", "messages"):
        counted[name] = files.execute(f"select count(*) from {name}").fetchone()[0]
    assert counted == shop.row_counts


def test_money_is_decimal_text_with_two_places(tables):
    unreadable = Counter()
    for name, columns in MONEY_COLUMNS.items():
        for row in tables[name]:
            for column in columns:
                if row[column] and not re.fullmatch(r"-?\d+\.\d\d", row[column]):
                    unreadable[name, column] += 1
    # The planted unreadable totals, and nothing else.
    assert set(unreadable) == {("orders", "total_amount")}
    assert unreadable["orders", "total_amount"] == 15


def test_ids_keep_their_leading_zeros(tables, clean_orders):
    assert len(clean_orders) > 9_000
    assert all(re.fullmatch(r"0\d{7}", order_id) for order_id in clean_orders)
    # Those of the outlet begin with an X.
    assert {len(row["customer_id"]) for row in tables["customers"]} == {0, 6, 7}
    assert sum(row["product_id"].startswith("000") for row in tables["products"]) > 90


def test_an_order_version_is_delivered_once_apart_from_the_planted_duplicates(tables, shop):
    deliveries = Counter(
        (row["order_id"], row["updated_at"], row["status"])
        for row in tables["orders"]
        if row["order_id"]
    )
    assert (
        sum(count - 1 for count in deliveries.values())
        == (shop.planted_counts["orders", "exact_duplicate"])
    )


def test_lines_and_refunds_point_at_what_was_delivered(tables):
    orders = {row["order_id"] for row in tables["orders"]} - {""}
    items = {row["order_item_id"] for row in tables["order_items"]}
    products = {row["product_id"] for row in tables["products"]}
    customers = {row["customer_id"] for row in tables["customers"]} | {"", "0", "-1"}
    assert {row["order_id"] for row in tables["order_items"]} - orders == {""}
    assert {row["product_id"] for row in tables["order_items"]} - products == set()
    assert {row["order_item_id"] for row in tables["refunds"]} - items == {""}
    assert {row["customer_id"] for row in tables["orders"]} <= customers
    unknown = {row["order_id"] for row in tables["refunds"]} - orders - {""}
    assert {order_id[0] for order_id in unknown} == {"8"}


def test_order_totals_are_the_sums_of_their_lines(tables, clean_orders):
    gross, discount, tax = (defaultdict(Decimal) for _ in range(3))
    seen = set()
    for row in tables["order_items"]:
        if row["order_item_id"] in seen or "-9" in row["order_item_id"]:
            continue
        seen.add(row["order_item_id"])
        if row["quantity"] == "two" or not row["product_id"] or not row["order_id"]:
            continue
        gross[row["order_id"]] += Decimal(row["quantity"]) * Decimal(row["unit_price"])
        discount[row["order_id"]] += Decimal(row["discount_amount"])
        tax[row["order_id"]] += Decimal(row["tax_amount"])
    for order_id, row in clean_orders.items():
        if order_id not in gross:
            continue  # Its lines were lost on purpose.
        assert gross[order_id] == Decimal(row["gross_amount"])
        assert discount[order_id] == Decimal(row["discount_amount"])
        assert tax[order_id] == Decimal(row["tax_amount"])
        added_tax = Decimal(row["tax_amount"]) if row["taxes_included"] == "false" else 0
        assert Decimal(row["total_amount"]) == (
            gross[order_id] - discount[order_id] + Decimal(row["shipping_amount"]) + added_tax
        )


def test_a_full_refund_gives_back_exactly_the_goods(tables, clean_orders):
    checked = 0
    for refund in tables["refunds"]:
        order = clean_orders.get(refund["order_id"])
        is_planted = re.fullmatch(r"R0\d+", refund["refund_id"]) is not None
        if refund["reason"] != "order returned" or order is None or not is_planted:
            continue
        included_tax = Decimal(order["tax_amount"]) if order["taxes_included"] == "true" else 0
        goods = Decimal(order["gross_amount"]) - Decimal(order["discount_amount"]) - included_tax
        assert Decimal(refund["amount"]) == goods
        assert refund["currency"] == order["currency"]
        checked += 1
    assert checked > 300


def test_no_refund_or_cancellation_comes_before_its_order_or_after_the_last_day(
    tables, clean_orders, shop
):
    assert str(shop.last_day) == "2026-06-30"
    for row in tables["orders"]:
        if row["order_id"].startswith("0") and row["status"] in ("cancelled", "refunded"):
            assert row["ordered_at"] < row["updated_at"] < "2026-07-01"
    for row in tables["refunds"]:
        order = clean_orders.get(row["order_id"])
        if order is not None and row["refunded_at"].startswith("202"):
            assert order["ordered_at"] < row["refunded_at"] < "2026-07-01"
    assert max(row["ordered_at"] for row in clean_orders.values()) > "2026-06-30"


def test_email_addresses_are_on_reserved_domains(tables):
    addresses = [row["email"] for row in tables["customers"] + tables["orders"] if row["email"]]
    assert len(addresses) > 10_000
    reserved = re.compile(r"\s*[a-z]+\.[a-z]+\d+@example\.(com|org)\s*", re.IGNORECASE)
    assert [address for address in addresses if not reserved.fullmatch(address)] == []


@pytest.mark.parametrize("customer_count", [1, 2, 30, 120])
def test_a_tiny_shop_is_made_too(tmp_path, customer_count):
    shop = make_demo_shop(tmp_path, customer_count=customer_count, seed=11)
    assert len((shop.truth / "planted_customers.csv").read_text().splitlines()) == (
        customer_count + 1
    )
    for table, rows in shop.row_counts.items():
        assert shop.rejected_counts[table] <= 0.05 * rows


def test_progress_is_told_step_by_step(tmp_path):
    steps = []
    make_demo_shop(tmp_path, customer_count=2, progress=steps.append)
    assert steps == [
        "drawing 2 people and their orders",
        "shaping tables",
        "planting dirt",
        "writing files",
        "writing messages",
        "writing events",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"customer_count": 0}, "0 customers"),
        ({"seed": -1}, "seed -1"),
        ({"seed": 2**63}, "seed 9223372036854775808"),
    ],
)
def test_numbers_out_of_range_are_told_in_one_line(tmp_path, arguments, message):
    with pytest.raises(StrataError, match=message):
        make_demo_shop(tmp_path, **arguments)
    assert list(tmp_path.iterdir()) == []
