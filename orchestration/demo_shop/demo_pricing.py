"""The demo shop's orders and their lines: products, prices, taxes, shipping, in whole cents.

When and how much people buy is drawn in `demo_purchases`; here it is worked out for all at once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from orchestration.demo_shop.demo_catalogue import Catalogue
from orchestration.demo_shop.demo_exchange_rates import usd_per_eur_at
from orchestration.demo_shop.demo_people import People
from orchestration.demo_shop.planted_types import TYPES
from orchestration.demo_shop.random_streams import pick
from orchestration.demo_shop.shop_calendar import HISTORY_SECONDS

EURO_TAX_RATE = 0.20
"""Included in euro prices."""
DOLLAR_TAX_RATE = 0.07
"""Added to dollar prices."""
_FREE_SHIPPING_FROM_CENTS = 5000
_SHIPPING_CENTS = 490
_MOST_UNITS = 6
_COUPON_DEPTHS = np.array([0.10, 0.15, 0.20, 0.30])
_STORE_SHARE, _APP_SHARE = 0.13, 0.25


@dataclass(frozen=True, slots=True)
class DrawnOrders:
    """What was drawn of each order, by person and then time."""

    person: np.ndarray
    """Index of the person, 0 for the first."""
    seconds: np.ndarray
    """Since the first day's start."""
    spend: np.ndarray
    """US dollars."""
    process: np.ndarray
    campaign: np.ndarray
    order_draw: np.ndarray
    """Uniform numbers, shape (orders, 3)."""
    line_count: np.ndarray
    line_draw: np.ndarray
    """Uniform numbers, shape (lines, 4), in the order of the orders."""
    taste: np.ndarray
    """Shares of the categories, shape (orders, categories)."""


@dataclass(frozen=True, slots=True)
class Orders:
    """One place per order, by person and then time. Amounts in cents of the order's currency."""

    person: np.ndarray
    """Index of the person, 0 for the first."""
    seconds: np.ndarray
    """Since the first day's start."""
    spend: np.ndarray
    """The planted value in US dollars: goods after discounts, without tax."""
    process: np.ndarray
    """Index into `PROCESSES`: what led to the order."""
    campaign: np.ndarray
    """The number of the campaign that brought it about; -1: none did."""
    line_count: np.ndarray
    coupon_percent: np.ndarray
    """0 without a coupon."""
    channel: np.ndarray
    gross: np.ndarray
    discount: np.ndarray
    tax: np.ndarray
    shipping: np.ndarray
    total: np.ndarray
    """What was charged."""


@dataclass(frozen=True, slots=True)
class Lines:
    """One place per order line, in the order of `Orders`. Amounts in cents."""

    order: np.ndarray
    """Index into `Orders`."""
    product: np.ndarray
    """Index into the catalogue."""
    quantity: np.ndarray
    unit_price: np.ndarray
    discount: np.ndarray
    tax: np.ndarray
    unit_cost: np.ndarray

    @property
    def gross(self) -> np.ndarray:
        """Units times price, before the discount."""
        return self.quantity * self.unit_price


def split_at_last_day(orders: Orders, lines: Lines) -> tuple[Orders, Lines, Orders]:
    """The history's orders with their lines, and the hidden year's orders."""
    in_history = orders.seconds < HISTORY_SECONDS
    place = np.cumsum(in_history) - 1
    kept = _chosen(lines, in_history[lines.order])
    kept["order"] = place[kept["order"]]
    return (
        Orders(**_chosen(orders, in_history)),
        Lines(**kept),
        Orders(**_chosen(orders, ~in_history)),
    )


def _chosen(drawn: Orders | Lines, is_chosen: np.ndarray) -> dict[str, np.ndarray]:
    return {field.name: getattr(drawn, field.name)[is_chosen] for field in fields(drawn)}


def price(
    people: People, catalogue: Catalogue, usd_per_eur: np.ndarray, drawn: DrawnOrders
) -> tuple[Orders, Lines]:
    """Work out lines, prices and totals in the order's currency.

    Args:
        people: the planted people.
        catalogue: what can be bought.
        usd_per_eur: daily rates as `draw_exchange_rates` gives them.
        drawn: the orders to price.
    """
    person, seconds, spend = drawn.person, drawn.seconds, drawn.spend
    order_draw, line_count, line_draw = drawn.order_draw, drawn.line_count, drawn.line_draw
    order = np.repeat(np.arange(len(person)), line_count)
    discounted_share = np.array([planted.discounted_share for planted in TYPES])
    has_coupon = order_draw[:, 0] < discounted_share[people.type_index[person]]
    depth = _COUPON_DEPTHS[pick(np.ones(len(_COUPON_DEPTHS)), order_draw[:, 1])]
    depth = np.where(has_coupon, depth, 0.0)
    in_euro = people.pays_in_euro[person]
    # The planted spend is dollars after discount and without tax; prices are neither.
    to_price = np.where(in_euro, (1 + EURO_TAX_RATE) / usd_per_eur_at(usd_per_eur, seconds), 1.0)

    weight = 0.2 + line_draw[:, 0]
    weight_sum = np.bincount(order, weight, minlength=len(person))
    line_value = (spend / (1 - depth))[order] * weight / weight_sum[order]
    category = _pick_rows(drawn.taste[order], line_draw[:, 1])
    # One unit of the dearest product that is not too dear, or several of a cheaper one.
    units_wanted = 1 + np.floor(line_draw[:, 2] ** 4 * _MOST_UNITS)
    offset = np.floor(line_draw[:, 3] * 3).astype(np.int64) - 1
    product = catalogue.nearest_product(category, line_value / units_wanted, offset)
    quantity = np.clip(np.round(line_value / catalogue.list_price[product]), 1, _MOST_UNITS)
    quantity = quantity.astype(np.int64)
    unit_price = np.maximum(_cents(line_value * to_price[order] / quantity), 1)
    gross = quantity * unit_price
    discount = _cents(gross / 100 * depth[order])
    net = gross - discount
    tax_share = np.where(in_euro, EURO_TAX_RATE / (1 + EURO_TAX_RATE), DOLLAR_TAX_RATE)
    tax = _cents(net / 100 * tax_share[order])
    lines = Lines(
        order=order,
        product=product,
        quantity=quantity,
        unit_price=unit_price,
        discount=discount,
        tax=tax,
        unit_cost=_cents(unit_price / 100 * catalogue.cost_share[product]),
    )

    order_gross, order_discount, order_tax = (
        np.bincount(order, amount, minlength=len(person)).astype(np.int64)
        for amount in (gross, discount, tax)
    )
    channel = np.select(
        [order_draw[:, 2] < _STORE_SHARE, order_draw[:, 2] < _STORE_SHARE + _APP_SHARE],
        ["pos", "app"],
        "web",
    )
    goods = order_gross - order_discount
    pays_shipping = (channel != "pos") & (goods < _FREE_SHIPPING_FROM_CENTS)
    shipping = np.where(pays_shipping, _SHIPPING_CENTS, 0)
    orders = Orders(
        person=person,
        seconds=seconds,
        spend=spend,
        process=drawn.process,
        campaign=drawn.campaign,
        line_count=line_count,
        coupon_percent=np.round(depth * 100).astype(np.int64),
        channel=channel,
        gross=order_gross,
        discount=order_discount,
        tax=order_tax,
        shipping=shipping,
        total=goods + shipping + np.where(in_euro, 0, order_tax),
    )
    return orders, lines


def _cents(amount: np.ndarray) -> np.ndarray:
    """Whole cents of an amount in the currency's main unit."""
    return np.round(amount * 100).astype(np.int64)


def _pick_rows(shares: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
    """For each row of shares, shape (n, k), the index that its uniform number falls into."""
    edges = np.cumsum(shares, axis=1)
    return np.minimum((edges <= uniforms[:, None] * edges[:, -1:]).sum(axis=1), shares.shape[1] - 1)
