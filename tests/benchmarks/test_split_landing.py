"""A landing folder cut at a day: no row is lost, none stands twice, each is where it belongs."""

from __future__ import annotations

import datetime as dt
import hashlib

import duckdb
import pytest

from benchmarks.bare_limit import landing_tables
from benchmarks.split_landing import split_landing
from orchestration.demo_shop.demo_maker import make_demo_shop
from orchestration.demo_shop.shop_calendar import LAST_DAY

DAY = dt.date(2026, 6, 29)


def rows_of(files):
    """All rows of a table as text, quoted empty texts told from nulls, in any order."""
    listed = [str(file) for file in files]
    reader = (
        f"read_parquet({listed}, union_by_name = true)"
        if files[0].suffix == ".parquet"
        else f"read_csv({listed}, all_varchar = true, header = true, allow_quoted_nulls = false)"
    )
    with duckdb.connect() as connection:
        return sorted(connection.execute(f"from {reader}").fetchall(), key=repr)


def hashes(folder):
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.fixture(scope="module")
def demo_split(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    shop = make_demo_shop(folder / "shop", customer_count=150, events_per_person=50)
    before = hashes(shop.landing)
    split = split_landing(shop.landing, folder / "halves", LAST_DAY - dt.timedelta(days=1))
    return shop, before, split


def test_both_halves_of_a_demo_shop_have_its_rows_each_once(demo_split):
    shop, _, split = demo_split
    first, second = landing_tables(split.until_day), landing_tables(split.day_after)
    assert set(first) == set(shop.row_counts)
    for table, files in landing_tables(shop.landing).items():
        halves = [*rows_of(first[table]), *(rows_of(second[table]) if table in second else [])]
        assert sorted(halves, key=repr) == rows_of(files), table


def test_a_demo_shop_has_a_next_day(demo_split):
    shop, _, split = demo_split
    assert split.later_rows["events"] > 0
    assert split.later_rows["fx_rates"] == 1
    assert split.first_rows + split.later_rows == {
        table: count for table, count in shop.row_counts.items() if count
    }


def test_no_file_of_the_second_half_is_named_as_one_of_the_first(demo_split):
    _, _, split = demo_split
    assert not set(hashes(split.until_day)) & set(hashes(split.day_after))


def test_the_shop_itself_stays_as_it_was(demo_split):
    shop, before, _ = demo_split
    assert hashes(shop.landing) == before


def write(landing, table, text):
    (landing / table).mkdir(parents=True, exist_ok=True)
    (landing / table / f"{table}.csv").write_text(text)


@pytest.fixture
def split_by_hand(tmp_path):
    landing = tmp_path / "landing"
    write(
        landing,
        "orders",
        "order_id,ordered_at,updated_at,note\n"
        "old,2026-06-01 10:00:00,2026-06-01 10:00:00,\n"
        'old,2026-06-01 10:00:00,2026-06-30 08:00:00,""\n'
        "late,2026-06-29 23:59:59,2026-06-30 00:00:00,\n"
        "new,2026-06-30 12:00:00,,x\n"
        "last,2026-06-29 23:59:59,,x\n"
        "odd,yesterday,,x\n"
        "dirt,2099-12-31 23:00:00,,x\n",
    )
    write(
        landing,
        "order_items",
        "order_item_id,order_id\n1,old\n2,late\n3,new\n4,last\n5,odd\n6,gone\n7,\n",
    )
    write(landing, "products", "product_id\n1\n")
    return split_landing(landing, tmp_path / "halves", DAY)


def test_a_row_goes_by_when_it_was_delivered(split_by_hand):
    [file] = landing_tables(split_by_hand.day_after)["orders"]
    assert [row[:1] + row[3:] for row in rows_of([file])] == [
        ("late", None),
        ("new", "x"),
        ("old", ""),
    ]


def test_a_time_that_is_none_or_years_ahead_is_there_from_the_beginning(split_by_hand):
    [file] = landing_tables(split_by_hand.until_day)["orders"]
    assert [row[0] for row in rows_of([file])] == ["dirt", "last", "odd", "old"]


def test_items_come_with_the_first_version_of_their_order(split_by_hand):
    [file] = landing_tables(split_by_hand.day_after)["order_items"]
    assert [row[0] for row in rows_of([file])] == ["2", "3"]


def test_a_table_without_times_is_there_from_the_beginning(split_by_hand):
    assert "products" in landing_tables(split_by_hand.until_day)
    assert "products" not in landing_tables(split_by_hand.day_after)
