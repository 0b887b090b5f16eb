"""Erased people leave raw and the vault, and do not come back."""

import pyarrow.parquet as pq
import pytest

import orchestration.intake.take_in as take_in_module
from tests.intake.landing_shop import customer_pseudonym, email_pseudonym, order

REQUESTS = "source_system,request_id,customer_id,email_hash,requested_at\n"
CUSTOMERS = "source_system,customer_id,email,referrer_customer_id\n"
ITEMS = "source_system,order_item_id,order_id,product_id,quantity,unit_price\n"
EVENTS = "source_system,occurred_at,event_name,customer_id,anonymous_id\n"


def put_people(shop):
    """Customer 1 (one@x.org, device c1), and customer 2, referred by 1, who shares device c9."""
    shop.put("customers/a.csv", CUSTOMERS + "web,1,one@x.org,\nweb,2,two@x.org,1\n")
    shop.put_orders(
        order(11, 1, "one@x.org"),
        order(12, 2, "two@x.org"),
        order(13, "", "one@x.org"),
        order(14, "", "three@x.org"),
    )
    shop.put(
        "order_items/a.csv", ITEMS + "".join(f"web,{n}-1,{n},P,1,5\n" for n in (11, 12, 13, 14))
    )
    shop.put(
        "events/a.csv",
        EVENTS
        + "web,2024-03-01,search,1,c1\nweb,2024-03-02,search,,c1\n"
        + "web,2024-03-01,search,1,c9\nweb,2024-03-01,search,2,c9\nweb,2024-03-03,search,,c9\n",
    )


def request(shop, line, name="erasure_requests/r.csv"):
    shop.put(name, REQUESTS + line)


def left(shop):
    return {
        "customers": shop.query("select customer_id from raw.customers order by row_number"),
        "orders": shop.orders(),
        "items": [row[0] for row in shop.query("select order_id from raw.order_items order by 1")],
        "events": [row[0] for row in shop.query("select row_number from raw.events order by 1")],
    }


WITHOUT_ONE = {
    "customers": [(customer_pseudonym("2"),)],
    "orders": ["12", "14"],
    "items": ["12", "14"],
    "events": [4, 5],
}


@pytest.mark.parametrize(
    "line", ["web,r1,1,,2024-04-01\n", "web,r1,,one@x.org,2024-04-01\n"], ids=["by id", "by e-mail"]
)
def test_a_request_takes_the_persons_rows_out_of_raw(shop, line):
    put_people(shop)
    shop.take()
    request(shop, line)
    shop.take()
    assert left(shop) == WITHOUT_ONE


def test_a_request_that_comes_with_or_before_the_rows_leaves_the_same(shop, tmp_path):
    put_people(shop)
    request(shop, "web,r1,1,,2024-04-01\n")
    shop.take()
    assert left(shop) == WITHOUT_ONE


def test_the_erased_do_not_come_back_with_an_old_file(shop):
    put_people(shop)
    shop.take()
    request(shop, "web,r1,1,,2024-04-01\n")
    shop.take()
    shop.put_orders(order(11, 1, "one@x.org"), order(15, 2), name="orders/again.csv")
    shop.put("order_items/again.csv", ITEMS + "web,11-1,11,P,1,5\nweb,15-1,15,P,1,5\n")
    report = shop.take()
    assert left(shop)["orders"] == ["12", "14", "15"]
    assert left(shop)["items"] == ["12", "14", "15"]
    assert (report.rows_in, report.rows_accepted, report.rows_erased) == (4, 2, 2)


def test_new_orders_of_the_erased_are_left_out_with_their_lines(shop):
    request(shop, "web,r1,1,,2024-04-01\n")
    shop.take()
    # Lines are taken before orders, by name; they go when the order is known to be erased.
    shop.put("order_items/b.csv", ITEMS + "web,21-1,21,P,1,5\nweb,22-1,22,P,1,5\n")
    shop.put_orders(order(21, 1), order(22, 2), name="orders/b.csv")
    shop.take()
    assert (left(shop)["orders"], left(shop)["items"]) == (["22"], ["22"])


def test_the_accounts_still_add_up(shop):
    put_people(shop)
    shop.take()
    request(shop, "web,r1,1,,2024-04-01\n")
    shop.take()
    assert shop.counts() == [
        ("customers/a.csv", 2, 1, 0, 0, 1),
        ("events/a.csv", 5, 2, 0, 0, 3),
        ("order_items/a.csv", 4, 2, 0, 0, 2),
        ("orders/a.csv", 4, 2, 0, 0, 2),
        ("erasure_requests/r.csv", 1, 1, 0, 0, 0),
    ]


def test_the_vault_forgets_the_erased_and_keeps_the_others(shop):
    put_people(shop)
    shop.take()
    request(shop, "web,r1,1,,2024-04-01\n")
    shop.take()
    assert {clear for *_, clear in shop.vault()} == {"2", "two@x.org", "three@x.org", "c9"}
    kept = "".join(path.read_bytes().decode("latin-1") for path in shop.home.vault.rglob("*.p*"))
    assert "one@x.org" not in kept


def test_pseudonyms_of_the_erased_are_in_no_raw_file(shop):
    put_people(shop)
    shop.take()
    request(shop, "web,r1,1,,2024-04-01\n")
    shop.take()
    for path in shop.home.raw.glob("erasure_requests/*"):
        path.unlink()
    # The ledger keeps them as tombstones; raw and rejects may not have them.
    (shop.home.ledger_db).unlink()
    kept = shop.everything_kept()
    assert customer_pseudonym("1") not in kept
    assert email_pseudonym("one@x.org") not in kept


def test_an_erased_referrer_is_no_longer_named(shop):
    put_people(shop)
    shop.take()
    assert shop.query("select referrer_customer_id from raw.customers where row_number = 2") == [
        (customer_pseudonym("1"),)
    ]
    request(shop, "web,r1,1,,2024-04-01\n")
    shop.take()
    assert shop.query("select referrer_customer_id from raw.customers") == [(None,)]
    shop.put("customers/b.csv", CUSTOMERS + "web,3,,1\nweb,4,,2\n")
    shop.take()
    rows = shop.query(
        "select referrer_customer_id from raw.customers where file_name = 'customers/b.csv'"
        " order by row_number"
    )
    assert rows == [(None,), (customer_pseudonym("2"),)]


def test_what_a_household_shares_stays(shop):
    shop.put("customers/a.csv", CUSTOMERS + "web,1,home@x.org,\nweb,2,home@x.org,\n")
    shop.put_orders(order(11, 1), order(12, 2), order(13, "", "home@x.org"))
    shop.take()
    request(shop, "web,r1,1,,2024-04-01\n")
    shop.take()
    assert shop.orders() == ["12", "13"]
    assert [clear for *_, clear in shop.vault()] == ["2", "home@x.org"]


def test_an_erasure_that_was_killed_goes_on_at_the_next_intake(shop, monkeypatch):
    put_people(shop)
    shop.take()
    request(shop, "web,r1,1,,2024-04-01\n")

    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    monkeypatch.setattr(take_in_module, "apply_erasures", die)
    with pytest.raises(Killed):
        shop.take()
    assert left(shop)["orders"] == ["11", "12", "13", "14"]
    monkeypatch.undo()
    monkeypatch.setenv("STRATA_PSEUDONYM_KEY", "0" * 63 + "1")
    shop.take()
    assert left(shop) == WITHOUT_ONE


MAP = """
files: ["*.csv"]
format: csv
timezone: UTC
columns: {invoice: text, line: text, person: text, price: decimal, day: {type: timestamp}}
tables:
  - table: orders
    group_by: [invoice]
    columns:
      source_system: "'web'"
      order_id: invoice
      customer_id: min(person)
      ordered_at: min(day)
      status: "'paid'"
      currency: "'EUR'"
      total_amount: sum(price)
  - table: order_items
    columns:
      source_system: "'web'"
      order_item_id: row_key
      order_id: invoice
      product_id: line
      quantity: "1"
      unit_price: price
"""
LINES = "invoice,line,person,price,day\n" + "".join(
    f"{invoice},{line},{person},5,2024-03-01\n"
    for invoice, person in (("A", "1"), ("B", "2"), ("C", "1"))
    for line in "xyz"
)


def test_rows_that_come_through_a_map_are_erased_by_their_source_rows(shop):
    request(shop, "web,r1,1,,2024-04-01\n")
    shop.take()
    shop.put("lines.csv", LINES)
    report = shop.take(shop.put_map(MAP))
    assert (report.rows_in, report.rows_accepted, report.rows_erased) == (9, 3, 6)
    assert (left(shop)["orders"], left(shop)["items"]) == (["B"], ["B"] * 3)


def test_an_erasure_after_a_map_takes_out_the_same_rows(shop):
    shop.put("lines.csv", LINES)
    map_path = shop.put_map(MAP)
    shop.take(map_path)
    request(shop, "web,r1,1,,2024-04-01\n")
    shop.take()
    assert (left(shop)["orders"], left(shop)["items"]) == (["B"], ["B"] * 3)
    assert shop.counts()[0] == ("lines.csv", 9, 3, 0, 0, 6)


def test_a_file_from_before_a_column_was_added_is_rewritten_too(shop):
    put_people(shop)
    shop.take()
    for path in (shop.home.raw / "orders").glob("[!_]*.parquet"):
        before = pq.read_table(path)
        assert "store_id" not in before.column_names
        pq.write_table(before.drop_columns(["email_hash"]), path)
    request(shop, "web,r1,1,,2024-04-01\n")
    shop.take()
    assert shop.orders("order_id, store_id") == [("12", None), ("13", None), ("14", None)]
