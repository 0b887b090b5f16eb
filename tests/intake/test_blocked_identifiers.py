"""An identifier that many people leave is nobody's: it becomes null before it is hashed."""

import hashlib

import pyarrow as pa
import pytest

from orchestration.intake.identifiers.nobodies import read_nobodies
from orchestration.intake.identifiers.pseudonyms import Pseudonymiser
from orchestration.paths import Project
from tests.intake.landing_shop import (
    KEY_BYTES,
    ORDER_HEADER,
    customer_pseudonym,
    email_pseudonym,
    order,
)

ZERO_DEVICE = "00000000-0000-0000-0000-000000000000"
CUSTOMER_HEADER = "source_system,customer_id,email_hash\n"
EVENT_HEADER = "source_system,occurred_at,event_name,customer_id,anonymous_id\n"


@pytest.mark.parametrize(
    "address",
    ["noreply@shop.example", " No-Reply@shop.example ", "Test@Test.com"],
)
def test_a_blocked_address_becomes_null_and_the_row_stays(shop, address):
    shop.put_orders(order(1, email=address))
    shop.take()
    assert shop.orders("order_id, customer_id, email_hash") == [
        ("1", customer_pseudonym("1"), None)
    ]


@pytest.mark.parametrize(
    "address", ["noreply.ann@shop.example", "ann+noreply@shop.example", "test@test.com.example"]
)
def test_an_address_that_only_looks_like_a_blocked_one_stays(shop, address):
    shop.put_orders(order(1, email=address))
    shop.take()
    assert shop.orders("email_hash") == [email_pseudonym(address)]


def test_a_delivered_hash_of_a_blocked_address_becomes_null(shop):
    blocked = hashlib.sha256(b"none@none.com").hexdigest()
    other = hashlib.sha256(b"some@none.com").hexdigest()
    shop.put(
        "customers/a.csv",
        CUSTOMER_HEADER + f"web,1,{blocked.upper()}\nweb,2,{other}\n",
    )
    shop.take()
    rows = shop.query("select email_hash from raw.customers order by row_number")
    assert rows == [(None,), (email_pseudonym("some@none.com"),)]


def test_a_blocked_device_becomes_null_and_is_no_blocked_customer(shop):
    shop.put(
        "events/a.csv",
        EVENT_HEADER
        + f"web,2024-03-01,search,optout,{ZERO_DEVICE.replace('0', 'F')}\n"
        + "web,2024-03-01,search,7,OptOut\nweb,2024-03-01,search,7,opt-out\n",
    )
    shop.take()
    rows = shop.query(
        "select customer_id, anonymous_id is null from raw.events order by row_number"
    )
    assert rows == [
        (customer_pseudonym("optout"), True),
        (customer_pseudonym("7"), True),
        (customer_pseudonym("7"), False),
    ]


def test_a_blocked_identifier_is_not_in_the_vault_nor_anywhere_else(shop):
    shop.put(
        "orders/a.csv", "anonymous_id," + ORDER_HEADER + "optout," + order(1, 7, "noreply@x.org")
    )
    shop.take()
    assert [(kind, clear) for kind, _, _, clear in shop.vault()] == [("customer", "7")]
    assert "noreply" not in shop.everything_kept().lower()


def test_blocked_values_of_each_kind_are_compared_as_that_kind_is_written(tmp_path):
    blocked = tmp_path / "blocked_identifiers.csv"
    blocked.write_text(
        "kind,value\ncustomer, C7 \nphone,0049 (171) 0\nemail,Info@\n", encoding="utf-8"
    )
    nobodies = read_nobodies(Project.here().config_tables / "guest_ids.csv", blocked)
    pseudonymiser = Pseudonymiser(KEY_BYTES, nobodies)

    def is_null(kind, *values, sources=("web", "web", "pos")):
        texts = pseudonymiser.replace(
            kind, pa.array(values, pa.string()), pa.array(sources[-len(values) :], pa.string())
        )
        return [text is None for text in texts.to_pylist()]

    assert is_null("customer", "c7", " C7", "c70") == [True, True, False]
    assert is_null("customer", "c7", sources=("web",)) == [True]
    assert is_null("phone", "+49171-0", "+49171-01") == [True, False]
    assert is_null("email", "info@x.org", "c7") == [True, False]
    assert is_null("member", "c7", "guest") == [False, True]
