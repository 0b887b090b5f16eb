"""The demo shop's orders and their lines: when (MBG/NBD), how much (gamma-gamma), what.

Draws are made person by person from streams of their own; prices are then worked out for all lines
at once, in whole cents. Refunds and cancellations belong in `demo_returns`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.demo_shop.demo_catalogue import CATEGORY_COUNT, Catalogue
from orchestration.demo_shop.demo_exchange_rates import usd_per_eur_at
from orchestration.demo_shop.demo_people import People
from orchestration.demo_shop.planted_types import TYPES
from orchestration.demo_shop.random_streams import Concern, pick, stream
from orchestration.demo_shop.shop_calendar import HISTORY_DAYS, season_clocks

EURO_TAX_RATE = 0.20
"""Included in euro prices."""
DOLLAR_TAX_RATE = 0.07
"""Added to dollar prices."""
_FREE_SHIPPING_FROM_CENTS = 5000
_SHIPPING_CENTS = 490
_MORE_LINES_MEAN, _MOST_LINES = 0.9, 5
_MOST_UNITS = 6
_COUPON_DEPTHS = np.array([0.10, 0.15, 0.20, 0.30])
_STORE_SHARE, _APP_SHARE = 0.13, 0.25


@dataclass(frozen=True, slots=True)
class Buying:
    """When a person bought, in days of average demand."""

    demand_days: list[float]
    is_active: bool
    """Whether the person has not left by the end of the history."""


@dataclass(frozen=True, slots=True)
class Orders:
    """One place per order, by person and then time. Amounts in cents of the order's currency."""

    person: np.ndarray
    """Index of the person, 0 for the first."""
    seconds: np.ndarray
    """Since the first day's start."""
    spend: np.ndarray
    """The planted value in US dollars: goods after discounts, without tax."""
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


@dataclass(frozen=True, slots=True)
class PurchaseHistory:
    """All that the shop's people bought, and what is known about when."""

    orders: Orders
    lines: Lines
    first_demand_day: np.ndarray
    """By person; NaN where there is no order."""
    is_active: np.ndarray
    """By person: still a customer at the end of the history."""


def buy_until_gone(
    random: np.random.Generator, first_demand_day: float, rate: float, dropout: float
) -> Buying:
    """Simulate MBG/NBD from a first order on.

    Args:
        random: the person's stream.
        first_demand_day: of the first order, in [0, `HISTORY_DAYS`).
        rate: orders per day of average demand while active, > 0.
        dropout: probability of leaving after each order, the first one included.
    """
    days = [first_demand_day]
    while random.random() >= dropout:
        next_day = days[-1] + random.exponential(1 / rate)
        if next_day >= HISTORY_DAYS:
            return Buying(days, is_active=True)
        days.append(next_day)
    return Buying(days, is_active=False)


def draw_purchases(
    seed: int, people: People, catalogue: Catalogue, usd_per_eur: np.ndarray
) -> PurchaseHistory:
    """Draw every person's orders and lines, and price them.

    Args:
        seed: the shop's seed.
        people: the planted people.
        catalogue: what can be bought.
        usd_per_eur: daily rates as `draw_exchange_rates` gives them.
    """
    clocks = season_clocks()
    buyers, seconds, spends, order_draws, line_counts, line_draws, tastes = ([] for _ in range(7))
    first_demand_day = np.full(len(people.kind), np.nan)
    is_active = np.zeros(len(people.kind), dtype=bool)
    for person, type_index in enumerate(people.type_index):
        planted = TYPES[type_index]
        if planted.spending is None:
            continue
        random = stream(seed, person + 1, Concern.PURCHASES)
        first_demand_day[person] = random.random() * HISTORY_DAYS
        buying = Buying([first_demand_day[person]], is_active=False)
        if planted.repeat is not None:
            buying = buy_until_gone(
                random,
                first_demand_day[person],
                people.orders_per_day[person],
                people.dropout_probability[person],
            )
        is_active[person] = buying.is_active
        count = len(buying.demand_days)
        spend_scale = people.mean_spend[person] / planted.spending.p
        buyers.append(np.full(count, person))
        seconds.append(clocks[planted.season].seconds(np.array(buying.demand_days)))
        spends.append(random.gamma(planted.spending.p, spend_scale, count))
        baskets = stream(seed, person + 1, Concern.BASKETS)
        tastes.append(baskets.dirichlet(np.full(CATEGORY_COUNT, 0.5)))
        order_draws.append(baskets.random((count, 3)))
        lines = 1 + np.minimum(baskets.poisson(_MORE_LINES_MEAN, count), _MOST_LINES - 1)
        line_counts.append(lines)
        line_draws.append(baskets.random((lines.sum(), 4)))
    orders_each = [len(own) for own in buyers]
    orders, lines = _price(
        people,
        catalogue,
        usd_per_eur,
        # The empty first part keeps shape and type where nobody buys.
        person=np.concatenate([np.empty(0, np.int64), *buyers]),
        seconds=np.concatenate([np.empty(0, np.int64), *seconds]),
        spend=np.concatenate([np.empty(0), *spends]),
        order_draw=np.concatenate([np.empty((0, 3)), *order_draws]),
        line_count=np.concatenate([np.empty(0, np.int64), *line_counts]),
        line_draw=np.concatenate([np.empty((0, 4)), *line_draws]),
        taste=np.repeat(np.reshape(tastes, (-1, CATEGORY_COUNT)), orders_each, axis=0),
    )
    return PurchaseHistory(orders, lines, first_demand_day, is_active)


def _price(
    people: People,
    catalogue: Catalogue,
    usd_per_eur: np.ndarray,
    *,
    person: np.ndarray,
    seconds: np.ndarray,
    spend: np.ndarray,
    order_draw: np.ndarray,
    line_count: np.ndarray,
    line_draw: np.ndarray,
    taste: np.ndarray,
) -> tuple[Orders, Lines]:
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
    category = _pick_rows(taste[order], line_draw[:, 1])
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
