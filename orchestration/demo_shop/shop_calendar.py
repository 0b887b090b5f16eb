"""The demo shop's fixed history and its seasons.

A hidden year follows the history: what happens in it stands in the truth alone.
The last day is fixed and never read from a clock, so the demo is the same on every day it is made.
A season stretches time: orders come at a constant rate in *days of average demand*, and
`SeasonClock` turns those into seconds of the calendar. That keeps the planted process exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from orchestration.demo_shop.planted_types import YEAR_END, YEAR_ROUND

FIRST_DAY = date(2024, 7, 1)
LAST_DAY = date(2026, 6, 30)
HISTORY_DAYS = (LAST_DAY - FIRST_DAY).days + 1
HISTORY_SECONDS = HISTORY_DAYS * 86_400
HIDDEN_DAYS = 365
"""The year after the last day, of which only the truth knows."""
PAYMENT_SECONDS = 120
"""From the order to its payment."""
START = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC)

# January to December: a gift shop's year, with a quiet February and a strong year end.
_MONTH_WEIGHTS = (0.85, 0.75, 0.9, 0.95, 1.05, 0.95, 0.85, 0.9, 0.95, 1.0, 1.4, 1.6)
# Monday to Sunday.
_WEEKDAY_WEIGHTS = (1.0, 0.95, 0.95, 1.0, 1.05, 1.1, 1.2)
# Hours of UTC: most people of this shop live between New York and Los Angeles.
_HOUR_WEIGHTS = (
    1.5, 1.4, 1.2, 0.9, 0.6, 0.4, 0.3, 0.3, 0.4, 0.5, 0.6, 0.7,
    0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.3, 1.3, 1.3, 1.3, 1.4, 1.5,
)  # fmt: skip
# Year-end shoppers: demand from 15 November to 24 December, hardly any outside.
_YEAR_END_START = (11, 15)
_YEAR_END_STOP = (12, 24)
_DEMAND_OUTSIDE_YEAR_END = 0.02


@dataclass(frozen=True, slots=True)
class SeasonClock:
    """A one-to-one map between days of average demand and seconds since the first day's start."""

    demand_days: np.ndarray
    """Demand by the start of each hour, rising from 0 over `HISTORY_DAYS` at the history's end to
    that at the hidden year's end."""

    @property
    def horizon(self) -> float:
        """Days of average demand until the hidden year's end."""
        return float(self.demand_days[-1])

    def seconds(self, demand_days: np.ndarray) -> np.ndarray:
        """Whole seconds since `START`; the history's last minutes stay free for the payment."""
        hours = np.interp(demand_days, self.demand_days, np.arange(len(self.demand_days)))
        last = HISTORY_SECONDS - 2 * PAYMENT_SECONDS
        seconds = np.floor(hours * 3600)
        seconds = np.where(
            np.asarray(demand_days) <= HISTORY_DAYS, np.minimum(seconds, last), seconds
        )
        return seconds.astype(np.int64)

    def days_of_demand(self, seconds: np.ndarray) -> np.ndarray:
        """Days of average demand until each instant, given in seconds since `START`."""
        return np.interp(
            np.asarray(seconds) / 3600, np.arange(len(self.demand_days)), self.demand_days
        )


def season_clocks() -> dict[str, SeasonClock]:
    """The clock of each season that a planted type can have."""
    days = [FIRST_DAY + timedelta(days=number) for number in range(HISTORY_DAYS + HIDDEN_DAYS)]
    year_round = np.array(
        [_MONTH_WEIGHTS[day.month - 1] * _WEEKDAY_WEIGHTS[day.weekday()] for day in days]
    )
    in_year_end = np.array(
        [_YEAR_END_START <= (day.month, day.day) <= _YEAR_END_STOP for day in days]
    )
    year_end = np.where(in_year_end, year_round, _DEMAND_OUTSIDE_YEAR_END)
    return {YEAR_ROUND: _clock(year_round), YEAR_END: _clock(year_end)}


def _clock(daily_demand: np.ndarray) -> SeasonClock:
    hourly = np.outer(daily_demand, _HOUR_WEIGHTS).ravel()
    cumulative = np.concatenate([[0.0], np.cumsum(hourly)])
    in_history = cumulative[HISTORY_DAYS * 24]
    return SeasonClock(demand_days=cumulative * (HISTORY_DAYS / in_history))


def history_months() -> list[str]:
    """The months of the history as `YYYY-MM`, first to last."""
    first = FIRST_DAY.year * 12 + FIRST_DAY.month - 1
    last = LAST_DAY.year * 12 + LAST_DAY.month - 1
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(first, last + 1)]
