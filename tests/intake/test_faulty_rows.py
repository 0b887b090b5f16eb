"""A faulty line is left out, counted and named; the others are kept."""

import pytest

from tests.intake.landing_shop import ORDER_HEADER, hmac_text, order


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"web,2,2024-03-01,1,,paid,EUR\n", "wrong_column_count"),
        (b"web,2,2024-03-01,1,,paid,EUR,5.00,\n", "wrong_column_count"),
        (b"web,2,,2024-03-01,1,,paid,EUR,\n", "wrong_column_count"),
        (b"   \n", "wrong_column_count"),
        (b'web,"2,2024-03-01,1,,paid,EUR,5.00\n', "bad_quoting"),
        (b'web,"2"x,2024-03-01,1,,paid,EUR,5.00\n', "bad_quoting"),
        (b"web,2\0,2024-03-01,1,,paid,EUR,5.00\n", "control_character"),
        (b"web,2\r,2024-03-01,1,,paid,EUR,5.00\n", "control_character"),
        (b"web,2,2024-03-01,1,,paid,EUR,5.00\r\r\n", "control_character"),
        (b"web,\xff\xfe,2024-03-01,1,,paid,EUR,5.00\n", "invalid_encoding"),
        (b"web," + b"x" * 5_000_000 + b",2024-03-01,1,,paid,EUR,5.00\n", "line_too_long"),
    ],
)
def test_a_faulty_csv_line_is_rejected_and_the_others_kept(shop, line, reason):
    first, last = order(1).encode(), order(3).encode() + order(4).encode()
    shop.put("orders/a.csv", ORDER_HEADER.encode() + first + line + last)
    report = shop.take()
    assert shop.orders("order_id, row_number") == [("1", 1), ("3", 3), ("4", 4)]
    assert shop.rejects() == [("orders/a.csv", 2, None, reason)]
    assert (report.rows_in, report.rows_accepted, report.rows_rejected) == (4, 3, 1)


def test_an_extra_comma_in_line_1002_rejects_that_line_alone(shop):
    lines = [order(number) for number in range(1, 2_001)]
    lines[1_000] = lines[1_000].replace("paid", "paid,")
    shop.put_orders(*lines)
    shop.take()
    assert shop.query("select count(*) from raw.orders") == [(1_999,)]
    assert shop.rejects() == [("orders/a.csv", 1_001, None, "wrong_column_count")]


def test_a_cell_too_many_and_one_too_few_do_not_cancel_out(shop):
    shop.put_orders(order(1), "web,2,x,1,,paid\n", "web,3,x,1,,paid,EUR,1,,\n", order(4))
    shop.take()
    assert shop.orders("order_id, row_number") == [("1", 1), ("4", 4)]
    assert [row[1] for row in shop.rejects()] == [2, 3]


def test_an_unbalanced_quote_does_not_swallow_the_lines_after_it(shop):
    lines = [order(number) for number in range(1, 200)]
    lines[50] = lines[50].replace("web", '"web')
    lines[120] = lines[120].replace("paid", '"paid"')
    shop.put_orders(*lines)
    shop.take()
    assert shop.query("select count(*) from raw.orders") == [(198,)]
    assert shop.rejects() == [("orders/a.csv", 51, None, "bad_quoting")]


def test_mixed_line_ends_are_read_alike(shop):
    text = ORDER_HEADER + order(1).replace("\n", "\r\n") + order(2) + order(3).replace("\n", "\r\n")
    shop.put("orders/a.csv", text)
    shop.take()
    assert shop.orders("order_id, total_amount") == [(n, "10.00") for n in "123"]
    assert shop.rejects() == []


def test_a_header_and_rows_with_other_line_ends_are_read(shop):
    shop.put("orders/a.csv", ORDER_HEADER + order(1, total='"1\n2"').replace("\n", "\r\n"))
    shop.put("orders/b.csv", ORDER_HEADER.replace("\n", "\r\n") + order(2))
    shop.take()
    assert shop.orders("order_id, total_amount") == [("1", "1\r\n2"), ("2", "10.00")]
    assert shop.rejects() == []


def test_a_line_of_100_megabytes_is_rejected_not_lost(shop):
    shop.max_file_bytes = 200_000_000
    huge = b"web," + b"x" * 100_000_000 + b",2024-03-01,1,,paid,EUR,5.00\n"
    shop.put("orders/a.csv", ORDER_HEADER.encode() + huge + order(2).encode())
    shop.take()
    assert shop.orders() == ["2"]
    assert shop.rejects() == [("orders/a.csv", 1, None, "line_too_long")]


def test_a_cell_longer_than_its_column_may_have_is_rejected_with_its_key(shop):
    shop.put_orders(order(1, total="9" * 2_000), order("x" * 2_000), order(3))
    shop.take()
    assert shop.orders() == ["3"]
    assert shop.rejects() == [
        ("orders/a.csv", 1, "total_amount", "cell_too_long"),
        ("orders/a.csv", 2, "order_id", "cell_too_long"),
    ]
    keys = shop.query("select key_pseudonym from control.intake_rejects order by row_number")
    assert keys == [(hmac_text("record:order_id\x1fweb\x1f1"),), (None,)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"source_system":"web","order_id":', "malformed_json"),
        (b'{"order_id":"1","order_id":"2"}', "repeated_key"),
        (b"[" * 20_000, "malformed_json"),
        (b"[1]", "malformed_json"),
        (b'{"order_id":NaN}', "malformed_json"),
        (b'{"order_id":"\xff"}', "invalid_encoding"),
        (b'{"order_id":"\\u0000"}', "control_character"),
        (b'{"order_id":"\\ud800"}', "invalid_encoding"),
        (b'{"order_id":"' + b"x" * 1_500_000 + b'"}', "line_too_long"),
    ],
)
def test_a_faulty_json_line_is_rejected_and_the_others_kept(shop, line, reason):
    good = (
        b'{"source_system":"web","order_id":"%d","ordered_at":"2024-03-01","status":"paid",'
        b'"currency":"EUR","total_amount":"5"}\n'
    )
    shop.put("orders/a.ndjson", good % 1 + line + b"\n" + good % 3)
    shop.take()
    assert shop.orders("order_id, row_number") == [("1", 1), ("3", 3)]
    assert shop.rejects() == [("orders/a.ndjson", 2, None, reason)]


def test_no_value_of_a_rejected_row_is_kept(shop):
    shop.put_orders(order(1), "web,canary.person@example.com,x\n", order("y" * 1_500 + "canary"))
    shop.take()
    assert "canary" not in shop.everything_kept()
    assert "canary" not in "\n".join(shop.said)
