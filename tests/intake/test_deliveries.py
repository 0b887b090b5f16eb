"""Delivering again, under another name, in another order or in parts changes nothing in raw."""

import os
import random
import stat

import duckdb
import pytest

import orchestration.intake.delivery_book as delivery_book
from orchestration.errors import StrataError
from orchestration.intake.take_in import last_order_day, latest_seq
from tests.intake.landing_shop import ORDER_HEADER, LandingShop, order

CONTENT = (
    "select columns(column_name -> column_name not in"
    " ('arrival_seq', 'file_name', 'row_number', 'loaded_at')) from raw.{} order by all"
)


def content(shop):
    return [shop.query(CONTENT.format(table)) for table in ("orders", "events", "customers")]


def test_the_same_content_again_is_a_no_op_under_any_name(shop):
    shop.put_orders(order(1), order(2))
    first = shop.take()
    shop.put_orders(order(1), order(2), name="orders/copy.csv")
    again = shop.take()
    assert (first.files_taken, again.files_taken, again.files_known) == (1, 0, 2)
    assert again.latest_seq == first.latest_seq == 1
    assert shop.orders() == ["1", "2"]
    assert shop.counts() == [("orders/a.csv", 2, 2, 0, 0, 0)]


def test_a_file_that_ends_within_a_line_is_named(shop):
    shop.put("orders/whole.csv", ORDER_HEADER + order(1))
    shop.put("orders/windows.csv", (ORDER_HEADER + order(2)).replace("\n", "\r\n"))
    assert shop.take().warnings == []
    shop.put("orders/cut.csv", (ORDER_HEADER + order(3)).rstrip("\n"))
    assert shop.take().warnings == [
        "1 files end without a line end, such as orders/cut.csv: if they are half-written, their"
        " last cell is cut"
    ]
    assert shop.orders() == ["1", "2", "3"]
    assert shop.take().warnings == []


def test_the_same_content_twice_in_one_intake_is_taken_once(shop):
    shop.put_orders(order(1))
    shop.put_orders(order(1), name="orders/b.csv")
    report = shop.take()
    assert (report.files_taken, report.files_known) == (1, 1)


def test_content_that_comes_back_after_another_is_known(shop):
    shop.put_orders(order(1))
    shop.take()
    shop.put_orders(order(1), order(2))
    shop.take()
    shop.put_orders(order(1))
    report = shop.take()
    assert (report.files_taken, report.files_known, report.latest_seq) == (0, 1, 2)
    assert shop.counts() == [("orders/a.csv", 1, 1, 0, 0, 0), ("orders/a.csv", 2, 2, 0, 0, 0)]


def test_a_file_copied_anew_is_hashed_but_not_parsed(shop, monkeypatch):
    path = shop.put_orders(order(1))
    shop.take()
    path.write_bytes(path.read_bytes())
    monkeypatch.setattr("orchestration.intake.take_in.open_source", None)
    assert shop.take().files_known == 1


def test_an_untouched_file_is_known_without_being_read(shop, monkeypatch):
    shop.put_orders(order(1))
    shop.take()
    monkeypatch.setattr("orchestration.intake.take_in.open_source", None)
    assert shop.take().files_known == 1


def test_a_file_rewritten_with_the_same_size_and_time_is_read_again(shop):
    path = shop.put_orders(order(1))
    shop.take()
    before = path.stat()
    path.write_text(ORDER_HEADER + order(2))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    shop.take()
    assert shop.orders() == ["1", "2"]


def test_day_by_day_and_all_at_once_and_in_any_order_give_the_same_raw(tmp_path, monkeypatch):
    monkeypatch.setenv("STRATA_PSEUDONYM_KEY", "ab" * 16)
    header = "source_system,occurred_at,event_name,customer_id,anonymous_id\n"
    files = {
        f"orders/{day:02d}.csv": ORDER_HEADER
        + "".join(order(day * 100 + n, n % 7, f"P{n % 5}@x.org") for n in range(20))
        for day in range(1, 8)
    }
    files |= {
        f"events/{day:02d}.csv": header
        + "".join(f"web,2024-03-{day:02d},search,{n % 7},c{n}\n" for n in range(20))
        for day in range(1, 8)
    }
    results = []
    for way in ("all_at_once", "day_by_day", "shuffled"):
        folder = tmp_path / way
        folder.mkdir()
        shop = LandingShop(folder)
        names = list(files)
        if way == "shuffled":
            random.Random(7).shuffle(names)
        for number, name in enumerate(names):
            target = f"{name.split('/')[0]}/{number}.csv" if way == "shuffled" else name
            shop.put(target, files[name])
            if way != "all_at_once":
                shop.take()
        shop.take()
        results.append(content(shop))
        assert latest_seq(shop.home) == 14
    assert results[0] == results[1] == results[2]


def test_an_earlier_sequence_shows_what_was_there_then(shop):
    shop.put_orders(order(1))
    shop.take()
    shop.put_orders(order(2), name="orders/b.csv")
    shop.take()
    assert shop.query("select order_id from raw.orders", intake_seq=1) == [("1",)]
    assert shop.query("select count(*) from control.deliveries", intake_seq=1) == [(1,)]
    assert shop.query("select count(*) from raw.orders") == [(2,)]


def test_what_a_killed_intake_left_is_cleaned_up_and_taken_again(shop, monkeypatch):
    shop.put_orders(order(1))
    shop.put_orders(order(3), name="orders/c.csv")

    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    monkeypatch.setattr(delivery_book.DeliveryBook, "commit", die)
    with pytest.raises(Killed):
        shop.take()
    left = [path.name for path in shop.home.raw.rglob("[!_]*.parquet")]
    assert len(left) == 2
    assert shop.orders() == []
    monkeypatch.undo()
    monkeypatch.setenv("STRATA_PSEUDONYM_KEY", "0" * 63 + "1")
    shop.landing.joinpath("orders/a.csv").unlink()
    shop.put_orders(order(2), name="orders/b.csv")
    shop.take()
    assert shop.orders() == ["2", "3"]
    assert len(list(shop.home.raw.rglob("[!_]*.parquet"))) == 2
    assert len(list(shop.home.vault.rglob("*.parquet"))) == 1


def test_a_home_that_lost_its_ledger_is_refused_and_left_as_it_is(shop):
    shop.put_orders(order(1))
    shop.take()
    shop.home.ledger_db.unlink()
    before = sorted(path.name for path in shop.home.raw.rglob("*"))
    with pytest.raises(StrataError, match="the ledger knows none"):
        shop.take()
    assert sorted(path.name for path in shop.home.raw.rglob("*")) == before


def test_sequence_numbers_follow_the_names(shop):
    for name in ("c", "a", "b"):
        shop.put_orders(order(name), name=f"orders/{name}.csv")
    shop.take()
    rows = shop.query("select arrival_seq, file_name from control.deliveries order by 1")
    assert rows == [(1, "orders/a.csv"), (2, "orders/b.csv"), (3, "orders/c.csv")]


def test_all_that_is_written_is_for_the_owner_alone(shop):
    shop.put_orders(order(1, email="a@x.org"), "faulty\n")
    shop.take()
    shop.query("select 1")
    for path in [*shop.home.raw.rglob("*"), *shop.home.vault.rglob("*"), shop.home.ledger_db]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_the_last_order_day_is_cut_in_the_shops_zone(shop):
    assert last_order_day(shop.home, "Europe/Berlin") is None
    shop.put_orders(
        order(1, at="2024-03-30T23:30:00Z"),
        order(2, at="2024-03-31 01:00:00+05:00"),
        order(3, at="no date"),
    )
    shop.take()
    assert str(last_order_day(shop.home, "UTC")) == "2024-03-30"
    assert str(last_order_day(shop.home, "Europe/Berlin")) == "2024-03-31"


def test_a_folder_with_glob_signs_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("STRATA_PSEUDONYM_KEY", "ab" * 16)
    folder = tmp_path / "a[1]"
    folder.mkdir()
    shop = LandingShop(folder)
    with pytest.raises(StrataError, match="rename it"):
        shop.take()


def test_a_missing_landing_folder_is_told(shop):
    shop.landing.rmdir()
    with pytest.raises(StrataError, match="no landing folder"):
        shop.take()


def test_register_raw_twice_gives_the_same_relations(shop):
    shop.put_orders(order(1))
    shop.take()
    with duckdb.connect() as connection:
        from orchestration.intake.raw_files.raw_views import register_raw

        for _ in range(2):
            register_raw(connection, shop.home, 1)
        assert connection.execute("select count(*) from raw.orders").fetchall() == [(1,)]
