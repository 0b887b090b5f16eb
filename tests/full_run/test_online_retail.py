"""Online Retail through its map: every row accounted for, money to the cent."""

import shutil
from decimal import Decimal

import duckdb
import pytest

from orchestration.paths import Home, Project
from orchestration.publishing.content_digest import digest_of, set_digest
from tests.full_run.published_file import one, rows
from tests.full_run.strata_command import strata

MAP = Project.here().maps / "online_retail.yml"


def built(home, query):
    """The rows of a query on the build database, which no run has open."""
    with duckdb.connect(str(home.build_db), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_rows_in_are_accepted_duplicate_or_rejected_to_the_row(online_retail):
    [(delivered, accepted, duplicate, rejected, erased)] = built(
        online_retail,
        "select sum(row_count), sum(accepted_row_count), sum(duplicate_row_count),"
        " sum(rejected_row_count), sum(erased_row_count) from control.deliveries",
    )
    # 320,705 lines in 219 files; exact duplicates, entries of the bookkeeper, corrections of stock
    # and refunds to nobody counted by hand in the files.
    assert (delivered, accepted, duplicate, rejected, erased) == (320705, 317016, 2483, 1206, 0)
    assert delivered == accepted + duplicate + rejected + erased


def test_positive_lines_with_an_id_add_up(online_retail):
    [(total,)] = built(
        online_retail,
        "select sum(order_lines.quantity * order_lines.unit_price)"
        " from intermediate.int_order_lines as order_lines"
        " inner join staging.stg_orders as orders on order_lines.order_id = orders.order_id"
        " where orders.customer_id is not null"
        " and order_lines.quantity > 0 and order_lines.unit_price > 0",
    )
    assert total == Decimal("5227480.192")


def test_refunds_without_an_order_are_listed_and_count_against_their_customer(online_retail):
    # 2,427 cancellation invoices with a customer and no order.
    assert one(online_retail, "select count(*) from marts.refunds_without_order") == 2427
    refunded = one(online_retail, "select sum(refund_amount) from marts.refunds_without_order")
    [(bought,)] = built(
        online_retail,
        "select sum(line_amount) from intermediate.int_order_lines",
    )
    assert (
        one(online_retail, "select sum(net_revenue) from marts.customer_360") == bought - refunded
    )


def test_guests_are_people_of_their_own(online_retail):
    # Each guest invoice is one person.
    customers = one(
        online_retail,
        "select count(*) from marts.customer_360 where profile_kind = 'customer'",
    )
    people = one(online_retail, "select count(*) from marts.customer_360")
    [(guest_orders,)] = built(
        online_retail, "select count(*) from staging.stg_orders where customer_id is null"
    )
    assert people == customers + guest_orders


def test_no_clear_customer_id_is_published(online_retail):
    assert rows(
        online_retail,
        "select count(*) from marts.customer_360 where profile_id = '17850'"
        " or contains(profile_id, '17850.0')",
    ) == [(0,)]


@pytest.mark.long
def test_files_that_come_month_by_month_give_what_all_at_once_gives(
    online_retail, online_retail_files, tmp_path
):
    landing, home = tmp_path / "landing", Home(tmp_path / "home")
    landing.mkdir()
    for month_end in ("2010-12-31", "2011-04-30", "2011-08-30", "2011-08-31"):
        for path in sorted(online_retail_files.glob("*.csv")):
            if path.stem <= month_end and not (landing / path.name).exists():
                shutil.copy2(path, landing / path.name)
        strata("run", "--landing", landing, "--map", MAP, "--as-of", month_end, "--home", home.root)
    assert set_digest(digest_of(home.published_db.resolve())) == set_digest(
        digest_of(online_retail.published_db.resolve())
    )
