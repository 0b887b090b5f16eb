"""The demo shop's campaigns: when, through which channels, held back from whom, with what effect.

An effect is the planted probability that a campaign brings about one more order of a person whose
type answers campaigns and who was not held out. Some campaigns have none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.demo_shop.behaviour_kinds import BENEFITS, TOPICS
from orchestration.demo_shop.shop_calendar import HISTORY_DAYS

_DAY = 86_400
_EFFECTS = (0.30, 0.0, 0.15, 0.45, 0.0, 0.20)
# Every third campaign is an experiment: half of the people are held out of it.
_HOLDOUT_SHARES = (0.1, 0.1, 0.5)
TURN_OF_HOLDOUT = 0.6180339887498949
"""How far the people held out move on from campaign to campaign: the golden section."""
DAYS_BETWEEN = 27
"""No whole number of weeks, so that campaigns go out on every weekday."""
WINDOW_DAYS = 7
"""Within which a campaign's own orders come."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign."""

    number: int
    send_seconds: int
    """Midnight UTC of the day of sending, since the first day's start."""
    topic: str
    benefit_tag: str
    effect: float
    holdout_share: float

    @property
    def campaign_id(self) -> str:
        """As messages, orders and spend carry it."""
        return f"C{self.number + 1:03d}"

    @property
    def is_experiment(self) -> bool:
        """Whether its assignments are delivered."""
        return self.holdout_share == max(_HOLDOUT_SHARES)

    def is_held_out(self, holdout_draw: np.ndarray) -> np.ndarray:
        """Whether each person gets no message. People take turns, so each is in many campaigns.

        Args:
            holdout_draw: of each person, in [0, 1).
        """
        return (holdout_draw + self.number * TURN_OF_HOLDOUT) % 1.0 < self.holdout_share


def campaigns() -> tuple[Campaign, ...]:
    """A campaign every 27 days, from the 19th day on; the last ends before the history does."""
    return tuple(
        Campaign(
            number=number,
            send_seconds=day * _DAY,
            topic=TOPICS[number % len(TOPICS)],
            benefit_tag=BENEFITS[number % len(BENEFITS)],
            effect=_EFFECTS[number % len(_EFFECTS)],
            holdout_share=_HOLDOUT_SHARES[number % len(_HOLDOUT_SHARES)],
        )
        for number, day in enumerate(range(18, HISTORY_DAYS - WINDOW_DAYS - 2, DAYS_BETWEEN))
    )
