"""The planted customer types: how often each buys, when it leaves, what it spends.

All known parameters of the demo shop stand here, so a test or an estimator that looks at the files
has one place to compare with. What people look like (places, names) belongs in `demo_people`.

Orders follow MBG/NBD: rate ~ Gamma(r, alpha) per day of average demand, and after each order, the
first one included, the customer leaves for good with probability ~ Beta(a, b) (Batislam, Denizel
and Filiztekin 2007). Two types are planted as misfits: one buys at regular intervals, one also buys
because of campaigns. Order values follow gamma-gamma: an order ~ Gamma(p, nu), nu ~ Gamma(q, gamma)
in US dollars, after discounts and without tax and shipping (Fader and Hardie 2013).
"""

from __future__ import annotations

from dataclasses import dataclass

YEAR_ROUND = "year_round"
YEAR_END = "year_end"


@dataclass(frozen=True, slots=True)
class RepeatBuying:
    """MBG/NBD parameters of one type; time in days of average demand."""

    r: float
    alpha: float
    a: float
    b: float

    @property
    def mean_orders_per_day(self) -> float:
        """Mean order rate while a customer is active."""
        return self.r / self.alpha

    @property
    def mean_dropout(self) -> float:
        """Mean probability of leaving after an order."""
        return self.a / (self.a + self.b)


@dataclass(frozen=True, slots=True)
class Spending:
    """Gamma-gamma parameters of one type, in US dollars."""

    p: float
    q: float
    gamma: float

    @property
    def mean_order_value(self) -> float:
        """Mean over customers of the mean order value."""
        return self.p * self.gamma / (self.q - 1)


@dataclass(frozen=True, slots=True)
class PlantedType:
    """One planted kind of customer."""

    code: str
    share: float
    """Share of the shop's people."""
    repeat: RepeatBuying | None
    """None: never a second order."""
    spending: Spending | None
    """None: never an order."""
    guest_share: float
    """Share of this type that orders as a guest with an e-mail address."""
    has_identity: bool = True
    """False: a guest without an e-mail address, whom no second order could be told to be."""
    discounted_share: float = 0.15
    """Share of orders with a coupon."""
    returned_share: float = 0.07
    """Share of orders with a refund, in full or in part."""
    season: str = YEAR_ROUND
    interval_shape: float = 1.0
    """Shape of the gamma that intervals follow; 1 is MBG/NBD's exponential, more is regular."""
    mean_days_to_convert: float = 0.0
    """Days of demand from the sign-up to the first order, on average; 0: it comes at once."""
    answers_campaigns: bool = False
    """Whether campaigns bring orders about, beside the planted process."""
    has_account: bool = True
    """False: only ever browses, and is nobody's account or guest."""

    @property
    def is_well_specified(self) -> bool:
        """Whether MBG/NBD describes all of its orders, year in, year out."""
        return (
            self.repeat is not None
            and self.season == YEAR_ROUND
            and self.interval_shape == 1
            and not self.answers_campaigns
            and not self.mean_days_to_convert
        )


TYPES: tuple[PlantedType, ...] = (
    PlantedType(
        code="one_and_done",
        share=0.20,
        repeat=RepeatBuying(r=0.6, alpha=400, a=3, b=1),
        spending=Spending(p=5, q=4, gamma=24),
        guest_share=0.30,
    ),
    PlantedType(
        code="occasional",
        share=0.22,
        repeat=RepeatBuying(r=1.2, alpha=150, a=1, b=4),
        spending=Spending(p=5, q=4, gamma=33),
        guest_share=0.15,
    ),
    PlantedType(
        code="regular",
        share=0.15,
        repeat=RepeatBuying(r=2.5, alpha=75, a=1, b=19),
        spending=Spending(p=6, q=5, gamma=40),
        guest_share=0.02,
    ),
    PlantedType(
        code="loyal",
        share=0.07,
        repeat=RepeatBuying(r=5, alpha=90, a=1, b=60),
        spending=Spending(p=6, q=5, gamma=50),
        guest_share=0.0,
        returned_share=0.04,
    ),
    PlantedType(
        code="big_spender",
        share=0.04,
        repeat=RepeatBuying(r=1.8, alpha=180, a=1, b=12),
        spending=Spending(p=4, q=5, gamma=260),
        guest_share=0.05,
        discounted_share=0.05,
    ),
    PlantedType(
        code="deal_seeker",
        share=0.07,
        repeat=RepeatBuying(r=1.5, alpha=80, a=1, b=6),
        spending=Spending(p=5, q=5, gamma=30),
        guest_share=0.10,
        discounted_share=0.85,
        returned_share=0.12,
    ),
    PlantedType(
        code="year_end_shopper",
        share=0.04,
        repeat=RepeatBuying(r=3, alpha=365, a=1, b=9),
        spending=Spending(p=6, q=5, gamma=57),
        guest_share=0.10,
        season=YEAR_END,
    ),
    PlantedType(
        code="clockwork",
        share=0.03,
        repeat=RepeatBuying(r=8, alpha=240, a=1, b=40),
        spending=Spending(p=8, q=6, gamma=25),
        guest_share=0.0,
        returned_share=0.03,
        interval_shape=25,
    ),
    PlantedType(
        code="campaign_responder",
        share=0.04,
        repeat=RepeatBuying(r=1.5, alpha=120, a=1, b=8),
        spending=Spending(p=5, q=4, gamma=30),
        guest_share=0.0,
        answers_campaigns=True,
    ),
    PlantedType(
        code="passer_by",
        share=0.03,
        repeat=None,
        spending=Spending(p=5, q=4, gamma=20),
        guest_share=0.0,
        has_identity=False,
    ),
    PlantedType(
        code="late_starter",
        share=0.04,
        repeat=RepeatBuying(r=1.5, alpha=110, a=1, b=6),
        spending=Spending(p=5, q=4, gamma=33),
        guest_share=0.0,
        mean_days_to_convert=90,
    ),
    PlantedType(
        code="prospect",
        share=0.04,
        repeat=None,
        spending=None,
        guest_share=0.0,
    ),
    PlantedType(
        code="visitor",
        share=0.03,
        repeat=None,
        spending=None,
        guest_share=0.0,
        has_account=False,
    ),
)
