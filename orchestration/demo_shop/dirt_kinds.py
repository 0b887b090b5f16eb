"""The kinds of dirt that are planted, each with the input contract's case and its share of rows.

Most dirt is an *added* row with an id of its own, so what is left once the rejected rows are out is
the clean shop again. `dirt_planter` does the planting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# The planter writes the row's place in here; the rows of a table never share one.
_NEW_NUMBER = "lpad(dirt_rank::varchar, 7, '0')"
_NEW_ORDER = {"order_id": f"'9' || {_NEW_NUMBER}"}
_NEW_ITEM = {"order_item_id": f"order_id || '-9' || {_NEW_NUMBER}"}
_NEW_REFUND = {
    "refund_id": f"'R9' || {_NEW_NUMBER}",
    "refund_line_id": "null",
    "order_item_id": "null",
}
_NEW_FEEDBACK = {"feedback_id": f"'f9' || {_NEW_NUMBER}"}
# A cent, so that what is given back without an order moves nobody to another segment.
_CENT_BACK = {
    "customer_id": (
        "(select customer_id(min(person_number)) from drawn_people"
        " where planted_type = 'regular' and person_kind = 'account')"
    ),
    "amount": "'0.01'",
    "tax_amount": "'0.00'",
    "shipping_amount": "'0.00'",
}
_NOTHING_PAID = dict.fromkeys(
    ("gross_amount", "discount_amount", "shipping_amount", "tax_amount", "total_amount"), "'0.00'"
)
_GIFT_CARD = _NOTHING_PAID | {"gross_amount": "'50.00'", "total_amount": "'50.00'"}
_PAID = {"status": "'paid'", "cancelled_at": "null", "updated_at": "ordered_at"}


@dataclass(frozen=True, slots=True)
class DirtKind:
    """One kind of dirt in one table."""

    table: str
    code: str
    contract_case: str
    share: float
    """Share of the table's clean rows."""
    changes: Mapping[str, str] = field(default_factory=dict)
    """Column to SQL expression over the chosen row. Empty: an exact copy."""
    is_rejected: bool = False
    """Whether the contract has the row rejected."""
    is_added: bool = True
    """False: the chosen row itself is changed."""
    eligible: str = "true"
    """SQL condition on the rows that can be chosen."""


def _rejected(table: str, code: str, case: str, share: float, changes: dict[str, str]) -> DirtKind:
    return DirtKind(table, code, case, share, changes, is_rejected=True)


DIRT_KINDS: tuple[DirtKind, ...] = (
    DirtKind("orders", "exact_duplicate", "1", 0.010),
    DirtKind(
        "orders",
        "older_version",
        "1",
        0.010,
        {"status": "'pending'", "updated_at": "ordered_at", "total_amount": "gross_amount"},
        eligible="status = 'paid'",
    ),
    DirtKind("orders", "zero_value", "5", 0.006, _NEW_ORDER | _PAID | _NOTHING_PAID),
    DirtKind("orders", "payment_failed", "3", 0.008, _NEW_ORDER | _PAID | {"status": "'failed'"}),
    DirtKind("orders", "voided", "3", 0.003, _NEW_ORDER | _PAID | {"status": "'voided'"}),
    DirtKind("orders", "test_order", "7", 0.003, _NEW_ORDER | _PAID | {"is_test": "'true'"}),
    DirtKind("orders", "gift_card", "8", 0.005, _NEW_ORDER | _PAID | _GIFT_CARD),
    DirtKind(
        "orders",
        "same_id_in_other_shop",
        "18",
        0.004,
        _PAID | {"source_system": "'outlet'", "status": "'failed'", "customer_id": "null"},
        # Of guests: their address is known whatever account has which.
        eligible="email is not null and coalesce(customer_id, '') in ('', '0', '-1')",
    ),
    DirtKind(
        "orders",
        "email_with_case_and_spaces",
        "17",
        0.010,
        {"email": "'  ' || upper(email) || ' '"},
        is_added=False,
        eligible="email is not null",
    ),
    DirtKind(
        "orders",
        "hostile_text",
        "24",
        0.003,
        {"coupon_codes": "'O''Brien \"20 %\"; drop table orders;-- 🎁'"},
        is_added=False,
        eligible="coupon_codes is not null",
    ),
    _rejected(
        "orders",
        "negative_total",
        "5",
        0.001,
        _NEW_ORDER | _PAID | {"total_amount": "'-' || total_amount"},
    ),
    _rejected("orders", "missing_order_id", "-", 0.001, {"order_id": "null"}),
    _rejected("orders", "missing_total", "-", 0.001, _NEW_ORDER | _PAID | {"total_amount": "null"}),
    _rejected(
        "orders",
        "unreadable_money",
        "-",
        0.001,
        _NEW_ORDER | _PAID | {"total_amount": "'1,' || total_amount"},
    ),
    _rejected(
        "orders",
        "broken_date",
        "-",
        0.001,
        _NEW_ORDER | {"ordered_at": "'2025-02-30 10:00:00'"},
    ),
    _rejected(
        "orders",
        "future_stamp",
        "13",
        0.001,
        _NEW_ORDER | {"ordered_at": "'2099-12-31 23:00:00'"},
    ),
    _rejected(
        "orders",
        "ancient_stamp",
        "13",
        0.001,
        _NEW_ORDER | {"ordered_at": "'1970-01-01 00:00:00'"},
    ),
    _rejected(
        "orders", "unknown_status", "-", 0.001, _NEW_ORDER | _PAID | {"status": "'teleported'"}
    ),
    _rejected(
        "orders", "currency_without_rate", "10", 0.001, _NEW_ORDER | _PAID | {"currency": "'XTS'"}
    ),
    DirtKind("order_items", "exact_duplicate", "1", 0.010),
    DirtKind("order_items", "negative_quantity", "19", 0.002, _NEW_ITEM | {"quantity": "'-1'"}),
    DirtKind(
        "order_items",
        "discount_above_price",
        "19",
        0.002,
        _NEW_ITEM | {"quantity": "'1'", "unit_price": "'5.00'", "discount_amount": "'8.00'"},
    ),
    _rejected("order_items", "missing_order_id", "-", 0.002, _NEW_ITEM | {"order_id": "null"}),
    _rejected("order_items", "missing_product_id", "-", 0.002, _NEW_ITEM | {"product_id": "null"}),
    _rejected("order_items", "unreadable_quantity", "-", 0.001, _NEW_ITEM | {"quantity": "'two'"}),
    DirtKind("refunds", "exact_duplicate", "1", 0.010),
    DirtKind(
        "refunds",
        "above_order_amount",
        "2",
        0.005,
        _NEW_REFUND | {"amount": "'9' || lpad(amount, 7, '0')", "reason": "'mistyped'"},
        eligible="reason = 'order returned'",
    ),
    DirtKind(
        "refunds",
        "order_unknown",
        "2",
        0.005,
        _NEW_REFUND | _CENT_BACK | {"order_id": f"'8' || {_NEW_NUMBER}"},
    ),
    _rejected(
        "refunds",
        "neither_order_nor_customer",
        "-",
        0.004,
        _NEW_REFUND | {"order_id": "null", "customer_id": "null"},
    ),
    _rejected("refunds", "missing_refund_id", "-", 0.004, {"refund_id": "null"}),
    _rejected(
        "refunds",
        "broken_date",
        "-",
        0.004,
        _NEW_REFUND | {"refunded_at": "'31.12.2025 25:61'"},
    ),
    _rejected(
        "refunds",
        "future_stamp",
        "13",
        0.004,
        _NEW_REFUND | {"refunded_at": "'2099-12-31 23:00:00'"},
    ),
    DirtKind("customers", "exact_duplicate", "1", 0.010),
    DirtKind(
        "customers",
        "email_with_case_and_spaces",
        "17",
        0.010,
        {"email": "' ' || upper(email) || '  '"},
        is_added=False,
    ),
    DirtKind(
        "customers",
        "hostile_text",
        "24",
        0.005,
        {"city": "'Sankt \"Gallen\"; x'') ; drop table customers;-- 🐈'"},
        is_added=False,
    ),
    DirtKind(
        "customers",
        "shared_mailbox",
        "15",
        0.008,
        # Neighbours in the order of choice share one.
        {"email": "'family.home' || lpad((dirt_rank // 2)::varchar, 7, '0') || '@example.com'"},
        is_added=False,
        eligible="source_system = 'webshop' and 'X' || customer_id not in"
        " (select customer_id from second_accounts)",
    ),
    _rejected("customers", "missing_customer_id", "-", 0.004, {"customer_id": "null"}),
    DirtKind("products", "exact_duplicate", "1", 0.010),
    _rejected("products", "missing_product_id", "-", 0.008, {"product_id": "null"}),
    DirtKind("fx_rates", "exact_duplicate", "1", 0.002),
    DirtKind("feedback", "exact_duplicate", "1", 0.010),
    DirtKind(
        "feedback",
        "hostile_text",
        "24",
        0.008,
        {"answer_text": "'\"; drop table feedback;-- =HYPERLINK(1) 🐈'"},
        is_added=False,
        eligible="answer_text is not null",
    ),
    _rejected("feedback", "unknown_kind", "-", 0.006, _NEW_FEEDBACK | {"kind": "'rumour'"}),
    _rejected("feedback", "unreadable_score", "-", 0.006, _NEW_FEEDBACK | {"score": "'ten'"}),
    _rejected(
        "feedback",
        "future_stamp",
        "13",
        0.006,
        _NEW_FEEDBACK | {"submitted_at": "'2099-12-31 23:00:00'"},
    ),
    DirtKind("consents", "exact_duplicate", "1", 0.010),
    DirtKind("customer_traits", "exact_duplicate", "1", 0.010),
    DirtKind(
        "customer_traits",
        "hostile_text",
        "24",
        0.005,
        {"value": "'x''); drop table customer_traits;-- 🐈'"},
        is_added=False,
    ),
    DirtKind("subscriptions", "exact_duplicate", "1", 0.010),
    DirtKind("experiment_assignments", "exact_duplicate", "1", 0.010),
    DirtKind("marketing_spend", "exact_duplicate", "1", 0.002),
)
