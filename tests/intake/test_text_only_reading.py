"""Delivered text stays text: nothing is typed, trimmed or guessed; columns go by name."""

import os

import duckdb
import pytest

from orchestration.errors import StrataError
from tests.intake.landing_shop import ORDER_HEADER, order


def test_leading_zeros_after_row_20480_stay(shop):
    lines = [order(number) for number in range(1, 21_000)]
    shop.put_orders(*lines, order("00042"), order("1e5"), order("9.990"))
    shop.take()
    kept = shop.query(
        "select order_id from raw.orders where row_number > 20999 order by row_number"
    )
    assert kept == [("00042",), ("1e5",), ("9.990",)]


def test_amounts_stay_as_they_were_written(shop):
    shop.put_orders(order(1, total="9.99"), order(2, total="10.10"), order(3, total=" 1,5 "[1:]))
    shop.take()
    assert shop.orders("order_id, total_amount") == [("1", "9.99"), ("2", "10.10")]
    assert shop.rejects() == [("orders/a.csv", 3, None, "wrong_column_count")]


def test_reordered_columns_go_by_name(shop):
    shop.put(
        "orders/a.csv",
        "total_amount,order_id,status,source_system,currency,ordered_at\n"
        "5.00,A1,paid,web,EUR,2024-03-01\n",
    )
    shop.take()
    assert shop.orders("order_id, total_amount") == [("A1", "5.00")]


def test_a_missing_required_column_is_told_with_table_column_and_file(shop):
    shop.put(
        "orders/a.csv", "source_system,order_id,ordered_at,status,currency\nweb,1,x,paid,EUR\n"
    )
    with pytest.raises(StrataError, match=r"orders/a\.csv: table orders needs column total_amount"):
        shop.take()
    assert shop.orders() == []


def test_what_was_taken_before_a_faulty_file_stays_taken(shop):
    shop.put_orders(order(1))
    shop.put("orders/b.csv", "order_id\n2\n")
    with pytest.raises(StrataError, match=r"orders/b\.csv"):
        shop.take()
    assert shop.orders() == ["1"]
    assert shop.counts() == [("orders/a.csv", 1, 1, 0, 0, 0)]


def test_one_identifier_is_enough_where_one_of_several_is_required(shop):
    header = "source_system,occurred_at,event_name"
    shop.put("events/a.csv", f"{header},anonymous_id\nweb,2024-03-01,search,c1\n")
    shop.take()
    shop.put("events/b.csv", f"{header}\nweb,2024-03-01,search\n")
    with pytest.raises(StrataError, match="one of the columns customer_id, anonymous_id, email"):
        shop.take()


def test_unknown_columns_are_not_stored_but_named(shop):
    shop.put(
        "orders/a.csv",
        "first_name," + ORDER_HEADER + "Grace Hopper," + order(1),
    )
    report = shop.take()
    assert report.rows_accepted == 1
    assert shop.orders("order_id, total_amount") == [("1", "10.00")]
    assert any("first_name" in warning for warning in report.warnings)
    assert "Hopper" not in shop.everything_kept()


def test_a_missing_table_is_an_empty_relation_with_all_columns(shop):
    shop.put_orders(order(1))
    shop.take()
    assert shop.query("select count(*) from raw.consents") == [(0,)]
    described = dict(row[:2] for row in shop.query("describe raw.customers"))
    assert "email" not in described
    assert described["email_hash"] == "VARCHAR"
    assert described["arrival_seq"] == "BIGINT"
    assert described["row_number"] == "BIGINT"


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_header_tells_the_delimiter(shop, delimiter):
    text = (ORDER_HEADER + order(1, total="10.00")).replace(",", delimiter)
    shop.put("orders/a.csv", text)
    shop.take()
    assert shop.orders("order_id, total_amount") == [("1", "10.00")]


def test_a_byte_order_mark_is_no_part_of_the_first_name(shop):
    shop.put("orders/a.csv", b"\xef\xbb\xbf" + (ORDER_HEADER + order(1)).encode())
    shop.take()
    assert shop.orders("order_id, source_system") == [("1", "web")]


def test_hostile_text_is_stored_as_text(shop):
    hostile = [
        "'; DROP TABLE orders;--",
        "x') ; drop table x; --",
        "{{ env_var('HOME') }}",
        "=HYPERLINK(1)",
        "+1",
        "-1x",
        "@cmd",
        "O'Brien 🎁",
        "a\u200bb",
        "e\u0301 \u00e9 \u0130 \u202e",
    ]
    shop.put_orders(*(order(f"{n}", total=text) for n, text in enumerate(hostile)))
    shop.take()
    assert sorted(shop.orders("total_amount")) == sorted(hostile)


def test_a_newline_in_a_quoted_cell_is_part_of_it(shop):
    shop.put_orders(order(1, total='"10\n.00"'), order(2))
    shop.take()
    assert shop.orders("order_id, total_amount, row_number") == [
        ("1", "10\n.00", 1),
        ("2", "10.00", 2),
    ]


def test_parquet_values_become_the_contracts_text(shop):
    path = shop.landing / "orders" / "a.parquet"
    path.parent.mkdir()
    duckdb.execute(
        "copy (select 'web' as source_system, '00042' as order_id,"
        " timestamptz '2024-03-01 12:00:00+02' as ordered_at, timestamp '2024-03-02 01:02:03.5'"
        " as updated_at, 'paid' as status, 'EUR' as currency, 9.90::decimal(9, 2) as total_amount,"
        " true as is_gift, ['A', 'B'] as coupon_codes, 7::bigint as customer_id)"
        f" to '{path}' (format parquet)"
    )
    shop.take()
    columns = "order_id, ordered_at, updated_at, total_amount, is_gift, coupon_codes, row_number"
    assert shop.orders(columns) == [
        (
            "00042",
            "2024-03-01 10:00:00",
            "2024-03-02 01:02:03.5",
            "9.90",
            "true",
            '["A","B"]',
            1,
        )
    ]


def test_json_numbers_keep_their_text(shop):
    shop.put(
        "orders/a.ndjson",
        '{"source_system":"web","order_id":12345678901234567890,"ordered_at":"2024-03-01",'
        '"status":"paid","currency":"EUR","total_amount":9.990,"is_gift":true,"store_id":null}\n',
    )
    shop.take()
    assert shop.orders("order_id, total_amount, is_gift, store_id") == [
        ("12345678901234567890", "9.990", "true", None)
    ]


def test_a_json_file_without_a_required_key_is_told(shop):
    shop.put("orders/a.ndjson", '{"source_system":"web","order_id":"1"}\n')
    with pytest.raises(StrataError, match=r"orders/a\.ndjson: table orders needs"):
        shop.take()
    assert shop.orders() == []


def test_where_loaded_at_is_missing_the_files_own_time_stands(shop):
    path = shop.put_orders(order(1))
    os.utime(path, ns=(0, 1_709_294_400_500_000_000))
    shop.take()
    assert shop.orders("order_id, loaded_at") == [("1", "2024-03-01 12:00:00.500000")]
