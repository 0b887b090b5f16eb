"""Online Retail and CDNOW through their shipped maps, accounted for to the row and the penny."""

import datetime as dt
from decimal import Decimal

import duckdb
import pytest

from orchestration.intake.raw_files.raw_views import register_raw
from orchestration.intake.take_in import last_order_day, take_in
from orchestration.paths import Home, Project
from tests.intake.landing_shop import DATA, KEY


def take(folder, landing, map_name):
    project = Project.here()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRATA_PSEUDONYM_KEY", KEY)
        home = Home(folder / "home")
        report = take_in(
            home,
            landing,
            map_path=project.maps / f"{map_name}.yml",
            guest_ids=project.config_tables / "guest_ids.csv",
            blocked_identifiers=project.config_tables / "blocked_identifiers.csv",
            max_file_bytes=100_000_000,
            memory_limit="1GB",
        )
    return home, report


@pytest.fixture(scope="module")
def online_retail(tmp_path_factory):
    landing = DATA / "online_retail_by_day_to_2011-08"
    if not landing.is_dir():
        pytest.skip("the Online Retail files are not on this machine")
    return take(tmp_path_factory.mktemp("online_retail"), landing, "online_retail")


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory):
    landing = DATA / "cdnow_sample"
    if not landing.is_dir():
        pytest.skip("the CDNOW sample is not on this machine")
    return take(tmp_path_factory.mktemp("cdnow"), landing, "cdnow")


def query(home, sql):
    with duckdb.connect() as connection:
        register_raw(connection, home, 2**60)
        return connection.execute(sql).fetchall()


def test_every_line_of_online_retail_has_one_fate(online_retail):
    home, report = online_retail
    assert (report.files_taken, report.files_set_aside) == (219, [])
    # Counted with a plain script over the files: 320,705 lines, of which 2,483 are the same as an
    # earlier one of their file, 925 are stock corrections, 278 cancellations of nobody and 3 the
    # bookkeeper's.
    assert report.rows_in == 320_705
    assert report.rows_duplicate == 2_483
    assert report.rows_rejected == 925 + 278 + 3
    assert report.rows_accepted == 320_705 - 2_483 - 1_206
    assert query(
        home,
        "select reason_code, count(*) from control.intake_rejects group by all order by all",
    ) == [("accounting_entry", 3), ("refund_without_customer", 278), ("stock_correction", 925)]


def test_online_retails_sales_to_known_customers_sum_to_the_penny(online_retail):
    home, _ = online_retail
    found = query(
        home,
        "select sum(cast(quantity as decimal(18, 4)) * cast(unit_price as decimal(18, 4)))"
        " from raw.order_items inner join raw.orders using (source_system, order_id)"
        " where customer_id is not null and cast(unit_price as decimal(18, 4)) > 0"
        " and cast(quantity as decimal(18, 4)) > 0",
    )
    headers = query(
        home,
        "select sum(cast(total_amount as decimal(18, 4))) from raw.orders"
        " where customer_id is not null",
    )
    assert found[0][0] == headers[0][0] == Decimal("5227480.1920")


def test_online_retails_cancellations_are_positive_refunds_of_customers(online_retail):
    home, _ = online_retail
    rows = query(
        home,
        "select count(*), count(customer_id), count(order_id),"
        " min(cast(amount as decimal(18, 4))) > 0 from raw.refunds",
    )
    assert rows == [(2_427, 2_427, 0, True)]


def test_online_retails_ids_lose_their_decimal_and_hours_are_london_time(online_retail):
    home, _ = online_retail
    # 536365 was written at 08:26 in winter, 560282 at 08:21 in summer, an hour ahead of UTC.
    rows = query(
        home,
        "select order_id, ordered_at from raw.orders where order_id in ('536365', '560282')"
        " order by order_id",
    )
    assert rows == [("536365", "2010-12-01 08:26:00"), ("560282", "2011-07-18 07:21:00")]
    clear = {row[3] for row in _vault(home)}
    assert "17850" in clear
    assert not any(value.endswith(".0") for value in clear)
    assert last_order_day(home, "Europe/London") == dt.date(2011, 8, 31)


def test_the_same_line_of_online_retail_has_one_key(online_retail):
    home, _ = online_retail
    rows = query(home, "select count(*), count(distinct order_item_id) from raw.order_items")
    assert rows[0][0] == rows[0][1]


def test_every_purchase_of_cdnow_is_a_paid_order(cdnow):
    home, report = cdnow
    # Eight purchases are of 0.00 dollars, counted with grep.
    assert (report.rows_in, report.rows_accepted) == (6_919, 6_919)
    rows = query(
        home,
        "select count(distinct order_id), count(distinct customer_id), min(ordered_at),"
        " max(ordered_at), any_value(currency), bool_and(status = 'paid'),"
        " count(*) filter (where cast(total_amount as decimal(18, 4)) = 0) from raw.orders",
    )
    assert rows == [(6_919, 2_357, "1997-01-01 00:00:00", "1998-06-30 00:00:00", "USD", True, 8)]
    first = query(home, "select total_amount, ordered_at from raw.orders where row_number = 1")
    assert first == [("29.33", "1997-01-01 00:00:00")]


def _vault(home):
    paths = [str(path) for path in home.vault.rglob("*.parquet")]
    return duckdb.execute("from read_parquet(?)", [paths]).fetchall()
