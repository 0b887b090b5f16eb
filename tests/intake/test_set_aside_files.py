"""A file that can't or mustn't be read is named with its reason; the others go on."""

import os

import duckdb
import pytest

import orchestration.intake.file_intake as file_intake
from tests.intake.landing_shop import ORDER_HEADER, order


def parquet_orders(path, rows=5_000):
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.execute(
        f"copy (select 'web' as source_system, range as order_id, '2024-03-01' as ordered_at,"
        f" 'paid' as status, 'EUR' as currency, hash(range)::varchar as total_amount"
        f" from range({rows})) to '{path}' (format parquet)"
    )


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("orders/b.csv", b"", "empty_file"),
        ("orders/b.parquet", b"", "empty_file"),
        ("orders/b.csv", (ORDER_HEADER + order(2)).encode("utf-16"), "not_utf8"),
        ("orders/b.csv", b"caf\xe9,order_id\n1,2\n", "not_utf8"),
        ("orders/b.csv", b"\n\n", "bad_header"),
        ("orders/b.csv", b"order_id,order_id\n1,2\n", "bad_header"),
        ("orders/b.csv", b"a\r1\r2\r", "bad_header"),
        ("orders/b.parquet", b"PAR1 not really PAR1", "damaged_parquet"),
        ("orders/b.xlsx", b"PK", "unknown_format"),
        ("orders/b[1].csv", b"order_id\n1\n", "odd_name"),
        ("orders/b'x.csv", b"order_id\n1\n", "odd_name"),
        ("orders/-b.csv", b"order_id\n1\n", "odd_name"),
        ("orders/b\nc.csv", b"order_id\n1\n", "odd_name"),
    ],
)
def test_the_file_is_named_with_its_reason_and_the_others_are_taken(shop, name, content, reason):
    shop.put_orders(order(1))
    shop.put(name, content)
    report = shop.take()
    assert shop.orders() == ["1"]
    assert report.files_set_aside == [(name.replace("\n", "\\n"), reason)]
    assert report.files_taken == 1
    statuses = shop.query("select file_name, status from control.deliveries order by status")
    assert statuses == [(name.replace("\n", "\\n"), "set_aside"), ("orders/a.csv", "taken")]


def test_a_file_set_aside_is_named_again_but_noted_once(shop):
    shop.put("orders/b.csv", b"")
    shop.put("orders/c.parquet", b"PAR1 no")
    first, second = shop.take(), shop.take()
    assert first.files_set_aside == second.files_set_aside
    assert first.latest_seq == second.latest_seq == 2


def test_a_file_with_a_header_alone_is_taken_with_no_rows(shop):
    shop.put("orders/a.csv", ORDER_HEADER)
    report = shop.take()
    assert (report.files_taken, report.rows_in, report.files_set_aside) == (1, 0, [])


def test_a_half_written_parquet_file_is_set_aside_and_taken_when_it_is_whole(shop):
    whole = shop.landing.parent / "whole.parquet"
    parquet_orders(whole)
    shop.put("orders/a.parquet", whole.read_bytes()[: whole.stat().st_size // 2])
    assert shop.take().files_set_aside == [("orders/a.parquet", "damaged_parquet")]
    shop.put("orders/a.parquet", whole.read_bytes())
    assert shop.take().rows_accepted == 5_000


def test_a_parquet_file_with_flipped_bytes_is_set_aside_and_leaves_nothing(shop):
    path = shop.landing / "orders" / "a.parquet"
    parquet_orders(path)
    content = bytearray(path.read_bytes())
    for place in range(len(content) // 4, len(content) // 2):
        content[place] ^= 0x5A
    path.write_bytes(content)
    report = shop.take()
    assert report.files_set_aside == [("orders/a.parquet", "damaged_parquet")]
    assert not [path for path in (shop.home.raw / "orders").glob("[!_]*")]


def test_links_are_not_followed(shop):
    secret = shop.landing.parent / "secret.csv"
    secret.write_text(ORDER_HEADER + order("secret"))
    (shop.landing / "orders").mkdir()
    (shop.landing / "orders" / "b.csv").symlink_to(secret)
    (shop.landing / "refunds").symlink_to(shop.landing.parent, target_is_directory=True)
    report = shop.take()
    assert sorted(report.files_set_aside) == [
        ("orders/b.csv", "symbolic_link"),
        ("refunds", "symbolic_link"),
    ]
    assert shop.orders() == []


def test_a_pipe_is_not_opened(shop):
    (shop.landing / "orders").mkdir()
    os.mkfifo(shop.landing / "orders" / "a.csv")
    assert shop.take().files_set_aside == [("orders/a.csv", "not_a_file")]


def test_a_file_over_the_size_limit_is_set_aside(shop):
    shop.max_file_bytes = 1_000
    shop.put_orders(*(order(number) for number in range(100)))
    assert shop.take().files_set_aside == [("orders/a.csv", "too_large")]


def test_a_small_parquet_file_that_unpacks_to_very_much_is_set_aside(shop):
    path = shop.landing / "orders" / "a.parquet"
    path.parent.mkdir()
    duckdb.execute(
        "copy (select 'web' as source_system, '1' as order_id from range(20000000))"
        f" to '{path}' (format parquet, compression zstd)"
    )
    shop.max_file_bytes = 10_000_000
    assert path.stat().st_size < 1_000_000
    assert shop.take().files_set_aside == [("orders/a.parquet", "too_large")]


def test_unfinished_and_hidden_files_wait(shop):
    shop.put("orders/.hidden.csv", b"x")
    shop.put("orders/a.csv.part", b"x")
    report = shop.take()
    assert (report.files_taken, report.files_set_aside) == (0, [])


def test_a_folder_that_is_no_table_is_told_with_the_closest_name(shop):
    shop.put("order_item/a.csv", b"x")
    shop.put("stray.csv", b"x")
    warnings = shop.take().warnings
    assert any("order_item:" in line and "'order_items'" in line for line in warnings)
    assert any("stray.csv" in line for line in warnings)


@pytest.mark.parametrize("way", ["appended", "overwritten", "gone"])
def test_a_file_that_changes_while_it_is_read_is_set_aside_and_taken_at_the_next_run(
    shop, monkeypatch, way
):
    path = shop.put_orders(order(1))
    take = file_intake.FileIntake.take

    def take_while_appended(self, mapped):
        taken = take(self, mapped)
        if way == "appended":
            path.write_text(ORDER_HEADER + order(1) + order(2))
        elif way == "overwritten":
            before = path.stat()
            with path.open("r+") as file:
                file.write(ORDER_HEADER + order(2))
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        else:
            path.unlink()
        return taken

    monkeypatch.setattr(file_intake.FileIntake, "take", take_while_appended)
    report = shop.take()
    assert report.files_set_aside == [("orders/a.csv", "changed_while_read")]
    assert (shop.orders(), report.latest_seq) == ([], 0)
    monkeypatch.undo()
    monkeypatch.setenv("STRATA_PSEUDONYM_KEY", "0" * 63 + "1")
    assert shop.take().files_set_aside == []
    assert shop.orders() == {"appended": ["1", "2"], "overwritten": ["2"], "gone": []}[way]
