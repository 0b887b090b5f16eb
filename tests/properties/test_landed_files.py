"""Files through the real intake: order, cut and copies change nothing; who is erased never was."""

from __future__ import annotations

import datetime as dt
import random
import shutil

import pytest

from orchestration.paths import Home
from tests.properties.landed_world import (
    build_home,
    build_landed,
    take_files,
    write_files,
)
from tests.properties.random_shop import random_world
from tests.properties.test_order_and_repetition import (
    with_files_cut_anew,
    with_rows_again,
    with_rows_shuffled,
)
from tests.properties.world_checks import facts, see_it_fail, seeds

KEY = "0" * 63 + "1"


@pytest.fixture(autouse=True)
def fixed_key(monkeypatch):
    monkeypatch.setenv("STRATA_PSEUDONYM_KEY", KEY)


def as_delivered_anew(world, chance):
    """The same rows: in other files, in another order, some of them more than once."""
    return with_rows_again(with_rows_shuffled(with_files_cut_anew(world, chance), chance), chance)


def check_delivery(strata, tmp_path, seed):
    world = random_world(seed, by_arrival=False)
    with build_landed(strata, world, tmp_path / f"{seed}-first") as built:
        expected = facts(built)
    anew = as_delivered_anew(world, random.Random(seed))
    with build_landed(strata, anew, tmp_path / f"{seed}-second") as built:
        assert facts(built) == expected


@pytest.mark.parametrize("seed", seeds(1, 20))
def test_other_files_with_the_same_rows_make_the_same_tables(strata, tmp_path, seed):
    check_delivery(strata, tmp_path, seed)


def test_a_rule_that_goes_by_arrival_is_seen(strata, tmp_path):
    broken = strata.up_to("rfm_segments").with_bug(
        "int_order_states",
        "case when is_known then version_at end desc",
        "arrival_seq desc",
    )

    see_it_fail(lambda compiled, seed: check_delivery(compiled, tmp_path, seed), broken)


def test_the_same_files_under_other_names_are_a_no_op(strata, tmp_path):
    world = random_world(3)
    home, landing = Home(tmp_path / "home"), tmp_path / "landing"
    written = write_files(world, landing)
    take_files(home, landing)
    with build_home(strata, home, world) as built:
        expected = built.digest()
    for path in written:
        shutil.copy(path, path.with_name(f"again_{path.name}"))
    report = take_files(home, landing)
    assert (report.files_taken, report.rows_in) == (0, 0)
    with build_home(strata, home, world) as built:
        assert built.digest() == expected


@pytest.mark.parametrize("seed", seeds(2, 20))
def test_rows_of_every_file_are_accepted_repeated_rejected_or_erased(strata, tmp_path, seed):
    world = random_world(seed)
    with build_landed(strata, world, tmp_path) as built:
        deliveries = built.rows(
            "select file_name, row_count, accepted_row_count + duplicate_row_count"
            " + rejected_row_count + erased_row_count from control.deliveries"
        )
        in_raw = sum(
            built.one(f"select count(*) from raw.{name}")
            for name in {file.input_name for file in world.files}
        )
        accepted = built.one("select sum(accepted_row_count) from control.deliveries")
    counted = {name.rpartition("/")[2]: rows for name, *rows in deliveries}
    for place, file in enumerate(world.files):
        assert counted[f"{place:03}.csv"] == [len(file.rows)] * 2
    assert in_raw == accepted


def newcomer(world):
    """Rows of one more person, with an address and orders that are nobody else's."""
    ordered_at = dt.datetime.combine(world.as_of_date, dt.time(12), dt.UTC) - dt.timedelta(days=9)
    who = {"source_system": "shop", "customer_id": "gone", "email_hash": "mail-of-gone"}
    money = {"status": "paid", "currency": "USD", "total_amount": "20.00"}
    order = {"ordered_at": ordered_at} | money
    return {
        "customers": [who | {"created_at": ordered_at}],
        "orders": [
            who | order | {"order_id": "gone1"},
            # As a guest, with the address alone.
            order | {"order_id": "gone2", "email_hash": "mail-of-gone"},
        ],
        "order_items": [
            {
                "order_item_id": "gone1-l0",
                "order_id": "gone1",
                "product_id": "p1",
                "quantity": 1,
                "unit_price": "20.00",
            }
        ],
        "refunds": [
            {
                "refund_id": "gone1-r0",
                "order_id": "gone1",
                "customer_id": "gone",
                "refunded_at": ordered_at + dt.timedelta(days=2),
                "amount": "5.00",
            }
        ],
    }


@pytest.mark.parametrize("seed", seeds(1, 10))
@pytest.mark.parametrize("request_comes", ["first", "later"])
def test_an_erased_person_is_as_one_who_never_was(strata, tmp_path, seed, request_comes):
    world = random_world(seed, people=20)
    with build_landed(strata, world, tmp_path / "never") as built:
        expected = facts(built)
    known = world
    for input_name, rows in newcomer(world).items():
        known = known.with_file(input_name, rows)
    erasure = {"request_id": "e1", "customer_id": "gone", "requested_at": "2026-01-01T00:00:00Z"}
    home, landing = Home(tmp_path / "home"), tmp_path / "landing"
    if request_comes == "later":
        write_files(known, landing)
        take_files(home, landing)
        with build_home(strata, home, known) as built:
            assert facts(built) != expected
    write_files(known.with_file("erasure_requests", [erasure]), landing)
    take_files(home, landing)
    with build_home(strata, home, known) as built:
        assert facts(built) == expected
