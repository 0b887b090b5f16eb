"""What a published set is (tables, order, comments, modes, version) and what publishing keeps."""

import os
import struct
from contextlib import closing

import duckdb
import pytest

from orchestration.errors import StrataError
from orchestration.publishing import publish_set
from orchestration.publishing.content_digest import digest_of
from orchestration.publishing.publish_set import prune_sets, publish
from orchestration.publishing.publish_status import status
from orchestration.publishing.set_file import PublishedTable
from orchestration.publishing.set_ledger import list_sets
from tests.publishing.sample_marts import (
    TABLES,
    build_marts,
    key,
    names_in,
    publish_day,
    shown,
    start_driver,
    warehouse_of,
)


def rows_of(home, sql):
    with closing(duckdb.connect(home.published_db.resolve(), read_only=True)) as reader:
        return reader.execute(sql).fetchall()


def test_a_reader_finds_the_tables_under_their_names_with_the_set_id_last(home):
    published = publish_day(home)

    columns = rows_of(
        home,
        "select table_name, string_agg(column_name, ' ' order by column_index)"
        " from duckdb_columns() where schema_name = 'marts' group by all order by all",
    )
    assert columns == [
        ("customers", "profile_id revenue segment_code set_id"),
        ("orders", "order_number order_date set_id"),
        ("published_set", "as_of_date set_id"),
    ]
    for table in ("customers", "orders", "published_set"):
        assert rows_of(home, f"select distinct set_id from marts.{table}") == [(published.set_id,)]
    assert str(shown(home)[1]) == "2026-01-01"


def test_rows_are_stored_in_the_order_of_the_key(home):
    publish_day(home)

    stored = rows_of(home, "select order_number from marts.orders order by rowid")
    assert [number for (number,) in stored] == list(range(100))


def test_descriptions_become_comments(home):
    publish_day(home)

    assert rows_of(home, "select comment from duckdb_tables() where table_name = 'customers'") == [
        ("One row per customer's own row.",)
    ]
    assert rows_of(
        home,
        "select comment from duckdb_columns() where schema_name = 'marts'"
        " and table_name = 'customers' order by column_index",
    ) == [("The customer. Primary key.",), (None,), (None,), ("The set this row belongs to.",)]


def test_the_file_is_in_the_storage_version_that_old_clients_open(home):
    path = publish_day(home).path

    header = path.read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    assert struct.unpack("<Q", header[12:20]) == (64,)


def test_a_view_of_the_warehouse_is_published_as_a_table(home):
    warehouse_of(home).execute(
        "create view marts.recent as select order_number from build.marts.orders where"
        " order_number < 3"
    )
    publish(home, home.build_db, key(), [PublishedTable("recent", ("order_number",))], 3)

    assert rows_of(home, "select order_number from marts.recent") == [(0,), (1,), (2,)]


def test_bi_may_read_the_set_and_nobody_may_read_the_rest(home):
    old_umask = os.umask(0o077)
    try:
        path = publish_day(home).path
    finally:
        os.umask(old_umask)

    modes = {
        each.name: each.stat().st_mode & 0o777
        for each in [path, home.sets, home.build_db, home.ledger_db, home.locks]
    }
    assert modes == {
        path.name: 0o640,
        "sets": 0o750,
        "build.duckdb": 0o600,
        "ledger.sqlite": 0o600,
        "locks": 0o700,
    }


def test_the_pointer_is_a_relative_link_so_that_a_home_can_be_moved(home):
    set_id = publish_day(home).set_id

    assert str(home.published_db.readlink()) == f"sets/{set_id}.duckdb"
    moved = type(home)(home.root.rename(home.root.with_name("elsewhere")))
    assert shown(moved)[0] == set_id


def test_nothing_is_left_beside_the_sets(home):
    set_id = publish_day(home).set_id

    assert names_in(home.sets) == [f"{set_id}.duckdb"]
    assert not [name for name in names_in(home.root) if name.startswith(".")]


def test_the_same_key_again_changes_nothing(home):
    first = publish_day(home)
    before = first.path.stat()
    build_marts(home, rows=50)

    again = publish_day(home)

    assert (again.set_id, again.digest, again.is_new) == (first.set_id, first.digest, False)
    after = first.path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [each.set_id for each in list_sets(home)] == [first.set_id]


def test_the_same_key_is_made_again_when_its_file_is_damaged(home):
    first = publish_day(home)
    damaged = bytearray(first.path.read_bytes())
    for position in range(12288, len(damaged), 4096):
        damaged[position : position + 64] = b"\xff" * 64
    first.path.write_bytes(damaged)

    again = publish_day(home)

    assert (again.is_new, again.digest) == (True, first.digest)
    assert shown(home)[0] == first.set_id


def test_the_same_key_is_made_again_when_its_file_was_changed(home):
    first = publish_day(home)
    with closing(duckdb.connect(first.path)) as connection:
        connection.execute("update marts.customers set revenue = revenue + 1 where revenue = 3")

    again = publish_day(home)

    assert (again.is_new, again.digest) == (True, first.digest)
    assert rows_of(home, "select count(*) from marts.customers where revenue = 3") == [(14,)]


def test_equal_content_under_two_keys_has_one_digest_but_for_the_day(home):
    first = publish_day(home, day=1, intake_seq=1)
    second = publish_day(home, day=1, intake_seq=2)

    assert first.set_id != second.set_id
    assert first.digest == second.digest


def test_an_open_reader_keeps_its_snapshot_even_when_its_set_is_pruned(home):
    first = publish_day(home, day=1, keep_sets=1)
    with closing(duckdb.connect(home.published_db.resolve(), read_only=True)) as old_reader:
        build_marts(home, rows=7)
        publish_day(home, day=2, keep_sets=1)

        assert not first.path.exists()
        assert old_reader.execute(
            "select count(*), min(set_id), max(set_id) from marts.customers"
        ).fetchall() == [(100, first.set_id, first.set_id)]
    assert rows_of(home, "select count(*) from marts.customers") == [(7,)]


def test_only_the_newest_sets_are_kept(home):
    published = [publish_day(home, day=day, keep_sets=2).set_id for day in (1, 2, 3, 4)]

    assert {path.stem for path in home.sets.iterdir()} == set(published[2:])
    assert [each.set_id for each in list_sets(home)] == [published[3], published[2]]


def test_erasure_can_leave_the_shown_set_alone(home):
    published = [publish_day(home, day=day).set_id for day in (1, 2, 3)]

    assert prune_sets(home, 1) == sorted(published[:2])
    assert [path.stem for path in home.sets.iterdir()] == [published[2]]


def test_a_past_day_does_not_replace_a_later_one(home):
    publish_day(home, day=5)

    with pytest.raises(StrataError, match="2026-01-04 is older than the published day 2026-01-05"):
        publish_day(home, day=4)
    assert str(shown(home)[1]) == "2026-01-05"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (PublishedTable("missing", ("a",)), "marts.missing: the warehouse has no such table"),
        (PublishedTable("orders", ("nope",)), "marts.orders: key or described.* missing: nope"),
        (PublishedTable("orders", ()), "marts.orders: .* it has no key"),
        (
            PublishedTable("orders", ("order_number",), "", {"typo": "A column."}),
            "marts.orders: .*missing: typo",
        ),
        (PublishedTable("owned", ("set_id",)), "marts.owned: the column set_id"),
    ],
)
def test_a_table_that_can_not_be_published_is_named_and_readers_keep_the_last_set(
    home, table, message
):
    warehouse_of(home).execute("create table marts.owned as select 'x' as set_id")
    before = publish_day(home, day=1).set_id

    with pytest.raises(StrataError, match=message) as told:
        publish(home, home.build_db, key(day=2), [*TABLES, table], 3)

    assert "\n" not in str(told.value)
    assert shown(home)[0] == before
    assert names_in(home.sets) == [f"{before}.duckdb"]


def test_publishing_without_a_warehouse_says_what_to_do(home):
    home.build_db.unlink()

    with pytest.raises(StrataError, match=r"build\.duckdb is missing; run `strata run`"):
        publish_day(home)


def test_publishing_while_another_process_writes_names_that_process(home):
    with warehouse_of(home).connect():
        publisher = start_driver(home, 1, 1)
        _, told = publisher.communicate(timeout=60)

    assert publisher.returncode == 1
    assert f"process {os.getpid()} has" in told
    assert len(told.splitlines()) == 1


def test_two_publishers_of_one_key_at_once_make_one_set(home):
    publishers = [start_driver(home, 1, 1) for _ in range(2)]
    outcomes = [publisher.communicate(timeout=60)[0].split() for publisher in publishers]

    assert [publisher.returncode for publisher in publishers] == [0, 0]
    assert {set_id for set_id, _, _ in outcomes} == {key().set_id}
    assert sorted(is_new for _, is_new, _ in outcomes) == ["False", "True"]
    assert names_in(home.sets) == [f"{key().set_id}.duckdb"]


def test_a_file_in_the_pointers_place_is_not_overwritten(home):
    home.published_db.write_text("mine")

    with pytest.raises(StrataError, match="a file of its own, not a link"):
        publish_day(home)
    assert home.published_db.read_text() == "mine"


def test_a_failing_rename_leaves_the_last_set_and_no_leftovers(home, monkeypatch):
    before = publish_day(home, day=1).set_id

    def refuse(made, final):
        raise OSError(28, "No space left on device", str(final))

    monkeypatch.setattr(publish_set, "put_in_place", refuse)
    with pytest.raises(StrataError, match="disk or quota is full"):
        publish_day(home, day=2)
    assert shown(home)[0] == before
    assert names_in(home.sets) == [f"{before}.duckdb"]

    monkeypatch.undo()
    assert publish_day(home, day=2).is_shown


def test_status_tells_what_is_shown_and_kept(home):
    first, second = publish_day(home, day=1), publish_day(home, day=2)

    told = status(home)

    assert (told.set_id, str(told.as_of_date)) == (second.set_id, "2026-01-02")
    assert told.row_counts == {"customers": 100, "orders": 100, "published_set": 1}
    assert told.hold is None
    assert [each.set_id for each in told.kept_sets] == [second.set_id, first.set_id]
    assert told.kept_sets[1].intake_seq == 1


def test_status_before_the_first_set_is_empty(home):
    assert status(home).set_id is None


def test_the_digest_of_the_file_is_that_of_the_warehouse(home):
    published = publish_day(home)

    in_file = digest_of(published.path)
    assert {name: in_file[name] for name in ("customers", "orders")} == digest_of(home.build_db)
