"""The planted kinds of behaviour: how often people visit, how they look, why they buy.

Every share and rate that visits, messages and feedback are drawn from stands here; what a planted
type buys stands in `planted_types`. Nothing here reads or draws anything.
"""

from __future__ import annotations

from dataclasses import dataclass

# fmt: off
ENGAGEMENT_LEVELS: dict[str, float] = {
    "silent": 0.0, "casual": 0.02, "steady": 0.10, "devoted": 0.40,
}
"""Expected visits a day while a person visits at all, before the shop's density."""
ENGAGEMENT_SHARES: dict[str, tuple[float, ...]] = {
    "one_and_done": (0.45, 0.40, 0.13, 0.02),
    "occasional": (0.25, 0.50, 0.22, 0.03),
    "regular": (0.10, 0.35, 0.40, 0.15),
    "loyal": (0.02, 0.18, 0.45, 0.35),
    "big_spender": (0.20, 0.45, 0.28, 0.07),
    "deal_seeker": (0.10, 0.40, 0.40, 0.10),
    "year_end_shopper": (0.40, 0.45, 0.13, 0.02),
    "clockwork": (0.20, 0.50, 0.25, 0.05),
    "campaign_responder": (0.10, 0.50, 0.33, 0.07),
    "passer_by": (0.50, 0.50, 0.00, 0.00),
    "late_starter": (0.00, 0.30, 0.50, 0.20),
    "prospect": (0.20, 0.50, 0.25, 0.05),
    "visitor": (0.00, 0.70, 0.25, 0.05),
}

PROCESSES = ("routine", "impulse", "researcher", "hesitant")
PROCESS_SHARES: dict[str, tuple[float, ...]] = {
    "loyal": (0.60, 0.15, 0.15, 0.10),
    "clockwork": (0.90, 0.04, 0.03, 0.03),
    "deal_seeker": (0.10, 0.25, 0.35, 0.30),
    "big_spender": (0.15, 0.10, 0.60, 0.15),
}
"""Of one person; types that are not named have `USUAL_PROCESS_SHARES`."""
USUAL_PROCESS_SHARES = (0.25, 0.30, 0.25, 0.20)
OWN_PROCESS_SHARE = 0.8
"""Of a person's orders. The others follow a process drawn anew."""

SESSION_STYLES = ("reader", "browser", "searcher", "deal_hunter", "shopper")
STYLE_SHARES: dict[str, tuple[float, ...]] = {
    # Who buys on impulse has seen no product for a month, so looks at pages only.
    "impulse": (1.0, 0.0, 0.0, 0.0, 0.0),
    "routine": (0.6, 0.4, 0.0, 0.0, 0.0),
    "researcher": (0.1, 0.3, 0.6, 0.0, 0.0),
    "hesitant": (0.3, 0.4, 0.1, 0.2, 0.0),
}
PROSPECT_STYLE_SHARES: dict[str, tuple[float, ...]] = {
    "late_starter": (0.1, 0.2, 0.3, 0.0, 0.4),
    "prospect": (0.5, 0.3, 0.1, 0.1, 0.0),
    "visitor": (0.4, 0.4, 0.1, 0.1, 0.0),
}
OWN_STYLE_SHARE = 0.9
"""Of a person's visits. The others are those of a reader."""
STYLE_EVENTS: dict[str, tuple[tuple[str, float], ...]] = {
    "reader": (
        ("page_view", 0.40), ("content_view", 0.42), ("video_view", 0.10), ("download", 0.05),
        ("social_comment", 0.03),
    ),
    "browser": (
        ("page_view", 0.25), ("list_view", 0.25), ("product_view", 0.42), ("content_view", 0.08),
    ),
    "searcher": (
        ("search", 0.25), ("list_view", 0.10), ("product_view", 0.40), ("compare", 0.13),
        ("review_view", 0.12),
    ),
    "deal_hunter": (
        ("page_view", 0.30), ("list_view", 0.35), ("product_view", 0.30), ("search", 0.05),
    ),
    "shopper": (
        ("product_view", 0.45), ("list_view", 0.15), ("cart_add", 0.20), ("cart_remove", 0.08),
        ("checkout_start", 0.04), ("search", 0.08),
    ),
}
MEAN_MORE_EVENTS: dict[str, float] = {
    "reader": 4.0, "browser": 6.0, "searcher": 8.0, "deal_hunter": 7.0, "shopper": 6.0,
}
"""Beyond the first two of a visit, which nobody goes without."""

# First hours of the local day between which visits begin, and how much more often on weekend days.
VISIT_PATTERNS: dict[str, tuple[tuple[tuple[int, int], ...], float]] = {
    "any_time": (((7, 23),), 1.0),
    "commuter": (((6, 9), (16, 19)), 0.15),
    "office_hours": (((9, 16),), 0.10),
    "weekend": (((9, 22),), 6.0),
    "evening": (((19, 23),), 1.0),
    "night": (((0, 5),), 1.0),
}
PATTERN_SHARES = (0.50, 0.12, 0.12, 0.10, 0.12, 0.04)

TOPICS = ("recipes", "wellness", "trails", "playtime", "gardens", "desk_life")
FORMATS = ("article", "video", "guide")
OWN_TOPIC_SHARE = 0.75
MOTIVES = (
    "value_for_money", "low_price", "word_of_mouth", "influencer", "exclusivity", "scarcity",
    "convenience", "urgency", "brand_seeking",
)
BENEFITS = (
    "quality", "convenience", "health", "self_care", "adventure", "durability", "fun", "learning",
    "sustainability",
)
BENEFIT_PULL = 6.0
"""How many times likelier a category with the sought benefit is bought from."""
OWN_BENEFIT_SHARE = 0.6
"""Of the products that a person looks at."""

ATTITUDES = ("promoter", "passive", "detractor")
ATTITUDE_SHARES: dict[str, tuple[float, ...]] = {
    "loyal": (0.65, 0.30, 0.05),
    "clockwork": (0.15, 0.70, 0.15),
    "one_and_done": (0.08, 0.52, 0.40),
}
"""Types that are not named have `USUAL_ATTITUDE_SHARES`."""
USUAL_ATTITUDE_SHARES = (0.20, 0.60, 0.20)

MESSAGE_CHANNELS = ("email", "push", "sms")
CONSENT_SHARES = (0.78, 0.45, 0.40)
PREFERRED_CHANNEL_SHARES = (0.5, 0.3, 0.2)
OPEN_SHARE_PREFERRED, OPEN_SHARE_OTHER = 0.60, 0.12
CLICK_SHARE_OF_OPENS = 0.35
PRIVACY_PROXY_SHARE = 0.35
WITHDRAWN_SHARE = 0.12
SEND_HOURS = (7, 9, 12, 15, 18, 20, 22)
OWN_HOUR_SHARE = 0.8
# fmt: on

MOST_DEVICES = 4
DEVICE_SHARES = (0.45, 0.33, 0.16, 0.06)
SHARED_DEVICE_SHARE = 0.006
"""Of people with an account: their first device is the one of the person before them."""
SECOND_SHOP_SHARE = 0.02
"""Of people with an account: they have one in the outlet too, with the same address."""


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step on the way to an order."""

    process: str
    visit: int
    """0: the visit of the order; n: the nth one before it."""
    days_before: tuple[float, float]
    """Between which the visit begins before the order's; (0, 0) for the order's own."""
    step: int
    event_name: str
    seconds: int
    """From the order back to the step, or from the visit's begin on."""


def path_steps() -> tuple[PathStep, ...]:
    """What people do on the way to an order, by process."""
    order_visits = {
        "routine": ("page_view", "cart_add", "checkout_start", "checkout_step"),
        "impulse": ("page_view", "list_view", "product_view", "cart_add", "checkout_start"),
        "researcher": ("page_view", "product_view", "review_view", "cart_add", "checkout_start"),
        "hesitant": (
            *("product_view", "cart_add", "cart_remove", "product_view"),
            *("cart_add", "cart_remove", "cart_add", "checkout_start"),
        ),
    }
    earlier_visits = {
        "researcher": (
            (1, (1.0, 2.5), ("page_view", "search", "product_view", "compare", "review_view")),
            (2, (3.0, 9.0), ("search", "list_view", "product_view", "product_view")),
            (3, (9.5, 14.0), ("page_view", "search", "product_view", "review_view")),
        ),
        "hesitant": ((1, (1.0, 4.0), ("product_view", "cart_add", "checkout_start")),),
    }
    steps = []
    for process, names in order_visits.items():
        for place, name in enumerate((*names, "purchase")):
            seconds = (len(names) - place) * 75
            steps.append(PathStep(process, 0, (0.0, 0.0), place, name, seconds))
    for process, visits in earlier_visits.items():
        for visit, days_before, names in visits:
            steps += [
                PathStep(process, visit, days_before, place, name, place * 80)
                for place, name in enumerate(names)
            ]
    return tuple(steps)
