"""Identifiers never enter raw in clear, and what belongs together still joins."""

import hashlib
import stat

import pytest

from orchestration.errors import StrataError
from orchestration.intake.identifiers.identifier_vault import vault_relation
from tests.intake.landing_shop import (
    KEY,
    ORDER_HEADER,
    customer_pseudonym,
    email_pseudonym,
    hmac_text,
    order,
)

CUSTOMER_HEADER = "source_system,customer_id,email,email_hash,phone,phone_hash\n"


def test_a_pseudonym_is_the_keyed_hash_of_the_normalised_value(shop):
    shop.put_orders(order(1, customer=" 00042 ", email=" Ada@X.org "))
    shop.take()
    # Worked out with another tool: HMAC-SHA256 under the key 00..01 of "customer␟web␟00042", and
    # of the hexadecimal SHA-256 of "ada@x.org"; the first 32 digits of each.
    assert shop.orders("customer_id, email_hash") == [
        (customer_pseudonym("00042"), email_pseudonym("ada@x.org"))
    ]


def test_a_clear_address_and_its_delivered_hash_join(shop):
    delivered = hashlib.sha256(b"ada@x.org").hexdigest()
    shop.put(
        "customers/a.csv",
        CUSTOMER_HEADER
        + f"web,1, ADA@x.org ,,,\nweb,2,,{delivered},,\nweb,3,,{delivered.upper()},,\n",
    )
    shop.take()
    rows = shop.query("select customer_id, email_hash from raw.customers order by row_number")
    assert {email for _, email in rows} == {email_pseudonym("ada@x.org")}


def test_phones_join_by_digits_and_a_leading_plus(shop):
    delivered = hashlib.sha256(b"+49171123").hexdigest()
    shop.put(
        "customers/a.csv",
        CUSTOMER_HEADER
        + f"web,1,,,+49 (171) 12-3,\nweb,2,,,0049171123,\nweb,3,,,,{delivered}\nweb,4,,,-,\n",
    )
    shop.take()
    expected = hmac_text(delivered)
    rows = shop.query("select phone_hash from raw.customers order by row_number")
    assert rows == [(expected,), (expected,), (expected,), (None,)]


@pytest.mark.parametrize(
    "guest", ["", "0", "-1", "null", "NULL", " Null ", "none", "Guest", "anonymous", "   "]
)
def test_a_guest_id_becomes_null(shop, guest):
    shop.put_orders(order(1, customer=guest, email=guest), order(2, customer="10"))
    shop.take()
    assert shop.orders("order_id, customer_id, email_hash") == [
        ("1", None, None),
        ("2", customer_pseudonym("10"), None),
    ]


def test_the_same_id_in_two_shops_is_two_customers_and_no_address(shop):
    shop.put(
        "orders/a.csv",
        ORDER_HEADER + order(1, "7", "7") + order(2, "7").replace("web,", "pos,") + order(3, "0"),
    )
    shop.take()
    rows = shop.orders("customer_id, email_hash")
    assert [row[0] for row in rows] == [
        customer_pseudonym("7", "web"),
        customer_pseudonym("7", "pos"),
        None,
    ]
    assert len({rows[0][0], rows[1][0], rows[0][1]}) == 3


def test_a_file_with_one_source_and_one_with_several_give_the_same_pseudonyms(shop):
    shop.put_orders(order(1, "7"), order(2, "8"), name="orders/a.csv")
    shop.put_orders(order(3, "7"), order(4, "8").replace("web,", "pos,"), name="orders/b.csv")
    shop.take()
    found = dict(shop.orders("order_id, customer_id"))
    assert found["1"] == found["3"] == customer_pseudonym("7")
    assert found["4"] == customer_pseudonym("8", "pos")


def test_addresses_join_by_lower_and_trim_alone(shop):
    addresses = ["é@x.org", "e\u0301@x.org", "É@X.org", "a\u200b@x.org", "a@x.org", "İ@x.org"]
    shop.put_orders(*(order(n, n, email) for n, email in enumerate(addresses, start=1)))
    shop.take()
    made = shop.orders("order_id, email_hash")
    assert made[0][1] == made[2][1]
    assert len({email for _, email in made}) == 5


def test_anonymous_ids_join_across_tables(shop):
    shop.put("events/a.csv", "source_system,occurred_at,event_name,anonymous_id\nga,x,search,c1\n")
    shop.put("orders/a.csv", "anonymous_id," + ORDER_HEADER + "c1," + order(1))
    shop.take()
    assert shop.query(
        "select count(*) from raw.events inner join raw.orders using (anonymous_id)"
    ) == [(1,)]


def test_identifiers_stand_in_the_vault_and_nowhere_else(shop):
    shop.put_orders(
        order(1, "canary7741", "Canary.Person@example.com"), order(2, "canary7741"), "canary,bad\n"
    )
    shop.put(
        "customers/a.csv",
        CUSTOMER_HEADER.strip()
        + ",referrer_customer_id,loyalty_member_id\n"
        + "web,canary7741,canary.person@example.com,,+49 171 5550001,,canary7742,canary7743\n",
    )
    shop.take()
    kept = shop.everything_kept().lower()
    for canary in ("canary", "5550001", KEY):
        assert canary not in kept, canary
    assert [(kind, clear) for kind, _, _, clear in shop.vault()] == [
        ("customer", "canary7741"),
        ("customer", "canary7742"),
        ("email", "canary.person@example.com"),
        ("member", "canary7743"),
        ("phone", "+491715550001"),
    ]


def test_the_vault_leads_back_from_each_pseudonym(shop):
    shop.put_orders(*(order(n, n % 50, f"p{n % 50}@x.org") for n in range(200)))
    shop.take()
    shop.put_orders(*(order(n, n % 80) for n in range(200, 300)), name="orders/b.csv")
    shop.take()
    rows = shop.query(
        "select count(*), count(vault.clear_value) from raw.orders"
        f" left join {vault_relation(shop.home)} as vault"
        " on vault.kind = 'customer' and vault.pseudonym = orders.customer_id"
        " where orders.customer_id is not null"
    )
    nobody = sum(n % 50 == 0 for n in range(200)) + sum(n % 80 == 0 for n in range(200, 300))
    assert rows == [(300 - nobody, 300 - nobody)]


def test_pairs_that_the_vault_has_are_not_written_again(shop):
    shop.put_orders(order(1, "7"))
    shop.take()
    shop.put_orders(order(2, "7"), name="orders/b.csv")
    shop.take()
    assert len(list(shop.home.vault.rglob("*.parquet"))) == 1


def test_a_key_is_made_once_and_kept(shop, monkeypatch):
    monkeypatch.delenv("STRATA_PSEUDONYM_KEY")
    shop.put_orders(order(1, "7"))
    shop.take()
    made = shop.home.pseudonym_key.read_text()
    assert len(made.strip()) == 64
    assert stat.S_IMODE(shop.home.pseudonym_key.stat().st_mode) == 0o600
    shop.put_orders(order(2, "7"), name="orders/b.csv")
    shop.take()
    assert shop.home.pseudonym_key.read_text() == made
    assert len(set(shop.orders("customer_id"))) == 1


def test_another_key_than_before_is_refused(shop, monkeypatch):
    shop.put_orders(order(1))
    shop.take()
    monkeypatch.setenv("STRATA_PSEUDONYM_KEY", "f" * 64)
    with pytest.raises(StrataError, match="not the key that this home's pseudonyms were made with"):
        shop.take()


def test_a_key_file_that_is_gone_is_told_and_not_made_anew(shop, monkeypatch):
    monkeypatch.delenv("STRATA_PSEUDONYM_KEY")
    shop.put_orders(order(1))
    shop.take()
    shop.home.pseudonym_key.unlink()
    with pytest.raises(StrataError, match="can't read the pseudonym key"):
        shop.take()
    assert not shop.home.pseudonym_key.exists()


def test_the_key_may_lie_in_a_file_that_is_named(shop, monkeypatch, tmp_path):
    file = tmp_path / "key.txt"
    file.write_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=\n")
    monkeypatch.delenv("STRATA_PSEUDONYM_KEY")
    monkeypatch.setenv("STRATA_PSEUDONYM_KEY_FILE", str(file))
    shop.put_orders(order(1, "7"))
    shop.take()
    # The same 32 bytes as the tests' key, in base64.
    assert shop.orders("customer_id") == [customer_pseudonym("7")]
    assert not shop.home.pseudonym_key.exists()


@pytest.mark.parametrize("key", ["secret", "00ff", "é" * 40, "?" * 40])
def test_a_key_that_is_too_short_or_no_text_is_refused_without_showing_it(shop, monkeypatch, key):
    monkeypatch.setenv("STRATA_PSEUDONYM_KEY", key)
    with pytest.raises(StrataError, match="at least 16 bytes") as told:
        shop.take()
    assert key not in str(told.value)
