"""When the demo shop's people buy (MBG/NBD), how much (gamma-gamma), in which manner.

Draws are made person by person from streams of their own, up to the end of the hidden year.
`demo_pricing` makes orders and lines of them; refunds and cancellations belong in `demo_returns`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.demo_shop.behaviour_kinds import (
    BENEFIT_PULL,
    BENEFITS,
    OWN_PROCESS_SHARE,
    PROCESSES,
)
from orchestration.demo_shop.demo_behaviours import Behaviours
from orchestration.demo_shop.demo_campaigns import WINDOW_DAYS, Campaign, campaigns
from orchestration.demo_shop.demo_catalogue import CATEGORY_COUNT, Catalogue, category_benefits
from orchestration.demo_shop.demo_people import People
from orchestration.demo_shop.demo_pricing import (
    DrawnOrders,
    Lines,
    Orders,
    price,
    split_at_last_day,
)
from orchestration.demo_shop.planted_types import TYPES, PlantedType
from orchestration.demo_shop.random_streams import Concern, stream
from orchestration.demo_shop.shop_calendar import HISTORY_DAYS, season_clocks

_MORE_LINES_MEAN, _MOST_LINES = 0.9, 5
_NO_CAMPAIGN = -1
_ROUTINE = PROCESSES.index("routine")


@dataclass(frozen=True, slots=True)
class Buying:
    """When a person bought, in days of average demand."""

    demand_days: list[float]
    is_active: bool
    """Whether the person has not left by the horizon."""


@dataclass(frozen=True, slots=True)
class PurchaseHistory:
    """All that the shop's people bought, and what is known about when."""

    orders: Orders
    lines: Lines
    future: Orders
    """Those of the hidden year."""
    first_demand_day: np.ndarray
    """By person; NaN where there is no order in the history."""
    arrival_seconds: np.ndarray
    """By person: the sign-up, where it is well before the first order; else -1."""
    is_active: np.ndarray
    """By person: still a customer at the end of the history."""


def buy_until_gone(
    random: np.random.Generator,
    first_demand_day: float,
    rate: float,
    dropout: float,
    *,
    horizon: float = HISTORY_DAYS,
    interval_shape: float = 1.0,
) -> Buying:
    """Simulate MBG/NBD from a first order on.

    Args:
        random: the person's stream.
        first_demand_day: of the first order, before the horizon.
        rate: orders per day of average demand while active, > 0.
        dropout: probability of leaving after each order, the first one included.
        horizon: day of average demand to stop at.
        interval_shape: 1 for exponential intervals, more for regular ones of the same mean.
    """
    days = [first_demand_day]
    scale = 1 / (rate * interval_shape)
    while random.random() >= dropout:
        next_day = days[-1] + random.gamma(interval_shape, scale)
        if next_day >= horizon:
            return Buying(days, is_active=True)
        days.append(next_day)
    return Buying(days, is_active=False)


def draw_purchases(
    seed: int,
    people: People,
    behaviours: Behaviours,
    catalogue: Catalogue,
    usd_per_eur: np.ndarray,
) -> PurchaseHistory:
    """Draw every person's orders and lines, and price them.

    Args:
        seed: the shop's seed.
        people: the planted people.
        behaviours: theirs.
        catalogue: what can be bought.
        usd_per_eur: daily rates as `draw_exchange_rates` gives them.
    """
    clocks = season_clocks()
    benefit_pull = np.where(category_benefits(BENEFITS), BENEFIT_PULL, 1.0)
    parts: list[DrawnOrders] = []
    count = len(people.kind)
    first_demand_day, arrival = np.full(count, np.nan), np.full(count, -1, dtype=np.int64)
    is_active = np.zeros(count, dtype=bool)
    for person, type_index in enumerate(people.type_index):
        planted = TYPES[type_index]
        if planted.spending is None:
            continue
        clock = clocks[planted.season]
        random = stream(seed, person + 1, Concern.PURCHASES)
        buying, arrival_day = _buying(
            random,
            planted,
            people.orders_per_day[person],
            people.dropout_probability[person],
            clock.horizon,
        )
        days = np.array(buying.demand_days)
        if arrival_day is not None:
            arrival[person] = clock.seconds(np.array([arrival_day]))[0]
        if not len(days):
            continue
        if days[0] < HISTORY_DAYS:
            first_demand_day[person] = days[0]
            # Who buys in the hidden year had not left before it.
            is_active[person] = buying.is_active or days[-1] >= HISTORY_DAYS
        seconds = clock.seconds(days)
        campaign = np.full(len(days), _NO_CAMPAIGN)
        if planted.answers_campaigns and behaviours.has_consent[person, 0]:
            more = _campaign_orders(
                seed, person, float(behaviours.holdout_draw[person]), int(seconds[0])
            )
            seconds = np.concatenate([seconds, more[0]])
            order = np.argsort(seconds, kind="stable")
            seconds, campaign = seconds[order], np.concatenate([campaign, more[1]])[order]
        parts.append(
            _drawn_orders(
                seed,
                person,
                seconds,
                campaign,
                random.gamma(
                    planted.spending.p,
                    people.mean_spend[person] / planted.spending.p,
                    len(seconds),
                ),
                int(behaviours.process[person]),
                benefit_pull[behaviours.benefit[person]],
            )
        )
    orders, lines = price(people, catalogue, usd_per_eur, _joined(parts))
    return PurchaseHistory(
        *split_at_last_day(orders, lines),
        first_demand_day=first_demand_day,
        arrival_seconds=arrival,
        is_active=is_active,
    )


def _buying(
    random: np.random.Generator,
    planted: PlantedType,
    rate: float,
    dropout: float,
    horizon: float,
) -> tuple[Buying, float | None]:
    """When a person buys, and the sign-up's day of demand where it is well before that."""
    first = random.random() * HISTORY_DAYS
    arrival = None
    if planted.mean_days_to_convert:
        arrival = first
        first += random.exponential(planted.mean_days_to_convert)
        if first >= horizon:
            return Buying([], is_active=False), arrival
    if planted.repeat is None:
        return Buying([first], is_active=False), arrival
    buying = buy_until_gone(
        random,
        first,
        rate,
        dropout,
        horizon=horizon,
        interval_shape=planted.interval_shape,
    )
    return buying, arrival


def _campaign_orders(
    seed: int, person: int, holdout_draw: float, first_order: int
) -> tuple[np.ndarray, np.ndarray]:
    """Seconds and campaign numbers of the orders that campaigns brought about."""
    all_campaigns: tuple[Campaign, ...] = campaigns()
    draw = stream(seed, person + 1, Concern.CAMPAIGNS).random((len(all_campaigns), 2))
    answered = [
        (
            each.send_seconds + 86_400 + int(draw[each.number, 1] * (WINDOW_DAYS - 1) * 86_400),
            each.number,
        )
        for each in all_campaigns
        if each.send_seconds > first_order
        and draw[each.number, 0] < each.effect
        and not each.is_held_out(np.array(holdout_draw))
    ]
    seconds = np.array([own for own, _ in answered], dtype=np.int64)
    return seconds, np.array([number for _, number in answered], dtype=np.int64)


def _drawn_orders(
    seed: int,
    person: int,
    seconds: np.ndarray,
    campaign: np.ndarray,
    spend: np.ndarray,
    own_process: int,
    benefit_pull: np.ndarray,
) -> DrawnOrders:
    count = len(seconds)
    baskets = stream(seed, person + 1, Concern.BASKETS)
    taste = baskets.dirichlet(np.full(CATEGORY_COUNT, 0.5)) * benefit_pull
    draw = baskets.random((count, 5))
    lines = 1 + np.minimum(baskets.poisson(_MORE_LINES_MEAN, count), _MOST_LINES - 1)
    process = np.where(
        draw[:, 3] < OWN_PROCESS_SHARE, own_process, (draw[:, 4] * len(PROCESSES)).astype(np.int64)
    )
    # Nobody has a routine before the second order.
    process[0] = process[0] if process[0] != _ROUTINE else PROCESSES.index("impulse")
    return DrawnOrders(
        person=np.full(count, person),
        seconds=seconds,
        spend=spend,
        process=process,
        campaign=campaign,
        order_draw=draw[:, :3],
        line_count=lines,
        line_draw=baskets.random((lines.sum(), 4)),
        taste=np.tile(taste / taste.sum(), (count, 1)),
    )


def _joined(parts: list[DrawnOrders]) -> DrawnOrders:
    # The empty first part keeps shape and type where nobody buys.
    none = np.empty(0, np.int64)
    nothing = DrawnOrders(
        none, none, np.empty(0), none, none, np.empty((0, 3)), none, np.empty((0, 4)),
        np.empty((0, CATEGORY_COUNT)),
    )  # fmt: skip
    return DrawnOrders(
        *(
            np.concatenate([getattr(part, name) for part in (nothing, *parts)])
            for name in DrawnOrders.__slots__
        )
    )
