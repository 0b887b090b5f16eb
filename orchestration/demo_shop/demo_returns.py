"""What happens to the demo shop's orders afterwards: cancellations and refunds.

Refunds are full, of some lines, or of a part of the amount; some come late. What would happen after
the last day has not happened. Dirty refunds are planted in `dirt_kinds`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.demo_shop.demo_people import People
from orchestration.demo_shop.demo_purchases import PurchaseHistory
from orchestration.demo_shop.planted_types import TYPES
from orchestration.demo_shop.random_streams import Concern, stream
from orchestration.demo_shop.shop_calendar import HISTORY_SECONDS

CANCELLED_SHARE = 0.015
FULL_REFUND_SHARE = 0.45
"""Of the orders with a refund."""
LATE_REFUND_SHARE = 0.15
LATE_AFTER_DAYS = 31
_TWO_LINES_SHARE = 0.3
_SHIPPING_BACK_SHARE = 0.5
_DAY = 86_400
NO_LINE = -1


@dataclass(frozen=True, slots=True)
class OrderChanges:
    """One place per changed order: the state it ends in and since when."""

    order: np.ndarray
    seconds: np.ndarray
    status: np.ndarray


@dataclass(frozen=True, slots=True)
class Refunds:
    """One place per refunded line, or per refund of a whole order. Amounts in cents."""

    order: np.ndarray
    line: np.ndarray
    """Index into `Lines`; `NO_LINE` for a refund of the order."""
    seconds: np.ndarray
    amount: np.ndarray
    """Goods, without tax."""
    tax: np.ndarray
    shipping: np.ndarray
    quantity: np.ndarray
    """0 where only money went back."""


def draw_returns(
    seed: int, people: People, history: PurchaseHistory
) -> tuple[OrderChanges, Refunds]:
    """Draw which orders are cancelled or refunded, when, and by how much."""
    orders = history.orders
    count = len(orders.person)
    draw = _draws_by_person(seed, orders.person, columns=8)
    cancelled_at = orders.seconds + np.floor(-np.log1p(-draw[:, 1]) * 0.6 * _DAY).astype(np.int64)
    is_cancelled = (draw[:, 0] < CANCELLED_SHARE) & (cancelled_at < HISTORY_SECONDS)

    returned_share = np.array([planted.returned_share for planted in TYPES])
    is_late = draw[:, 3] < LATE_REFUND_SHARE
    delay_days = np.where(
        is_late,
        LATE_AFTER_DAYS - 30 * np.log1p(-draw[:, 4]),
        1 + draw[:, 4] * (LATE_AFTER_DAYS - 2),
    )
    refunded_at = orders.seconds + np.floor(delay_days * _DAY).astype(np.int64)
    is_refunded = draw[:, 2] < returned_share[people.type_index[orders.person]]
    is_refunded &= (draw[:, 0] >= CANCELLED_SHARE) & (refunded_at < HISTORY_SECONDS)
    is_full = is_refunded & (draw[:, 5] < FULL_REFUND_SHARE)
    is_part = is_refunded & ~is_full

    changed = np.flatnonzero(is_cancelled | is_refunded)
    status = np.select([is_cancelled, is_full], ["cancelled", "refunded"], "partially_refunded")
    changes = OrderChanges(
        order=changed,
        seconds=np.where(is_cancelled, cancelled_at, refunded_at)[changed],
        status=status[changed],
    )

    # Euro prices carry their tax inside; the goods' value is without it.
    tax_inside = people.pays_in_euro[orders.person]
    order_goods = orders.gross - orders.discount - np.where(tax_inside, orders.tax, 0)
    lines = history.lines
    line_goods = lines.gross - lines.discount - np.where(tax_inside[lines.order], lines.tax, 0)
    first_line = np.cumsum(orders.line_count) - orders.line_count
    full = np.flatnonzero(is_full)
    some_money = np.flatnonzero(is_part & (orders.line_count == 1))
    money_share = 0.3 + 0.3 * draw[some_money, 6]
    by_line = is_part & (orders.line_count > 1)
    two_lines = by_line & (orders.line_count > 2) & (draw[:, 6] < _TWO_LINES_SHARE)
    line = np.sort(np.concatenate([first_line[by_line], first_line[two_lines] + 1]))
    units = np.bincount(lines.order, lines.quantity, minlength=count).astype(np.int64)
    order = np.concatenate([full, some_money, lines.order[line]])
    no_money = np.zeros(len(some_money) + len(line), dtype=np.int64)
    shipping_back = np.where(draw[:, 7] < _SHIPPING_BACK_SHARE, orders.shipping, 0)
    return changes, Refunds(
        order=order,
        line=np.concatenate([np.full(len(full) + len(some_money), NO_LINE), line]),
        seconds=refunded_at[order],
        amount=np.concatenate(
            [
                order_goods[full],
                np.floor(order_goods[some_money] * money_share).astype(np.int64),
                line_goods[line],
            ]
        ),
        tax=np.concatenate(
            [
                orders.tax[full],
                np.floor(orders.tax[some_money] * money_share).astype(np.int64),
                lines.tax[line],
            ]
        ),
        shipping=np.concatenate([shipping_back[full], no_money]),
        quantity=np.concatenate(
            [units[full], np.zeros(len(some_money), dtype=np.int64), lines.quantity[line]]
        ),
    )


def _draws_by_person(seed: int, person_of_order: np.ndarray, columns: int) -> np.ndarray:
    """Uniform numbers, shape (orders, columns), each person's from a stream of its own."""
    people, counts = np.unique(person_of_order, return_counts=True)
    parts = [
        stream(seed, int(person) + 1, Concern.RETURNS).random((count, columns))
        for person, count in zip(people, counts, strict=True)
    ]
    return np.concatenate([np.empty((0, columns)), *parts])
