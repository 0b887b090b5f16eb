"""Daily exchange rates: US dollars for a euro, from a month before the first day on."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa

from orchestration.demo_shop.random_streams import SHOP, Concern, stream
from orchestration.demo_shop.shop_calendar import FIRST_DAY, HISTORY_DAYS

MAIN_CURRENCY = "USD"
SECOND_CURRENCY = "EUR"
_DAYS_BEFORE = 31
_LONG_RUN_RATE = 1.09
_DAILY_PULL = 0.01
_DAILY_NOISE = 0.004


def draw_exchange_rates(seed: int) -> np.ndarray:
    """US dollars for a euro, shape (31 + HISTORY_DAYS,), to six decimals, oldest first."""
    noise = stream(seed, SHOP, Concern.EXCHANGE_RATES).normal(
        0.0, _DAILY_NOISE, _DAYS_BEFORE + HISTORY_DAYS
    )
    rates = np.empty(len(noise))
    rate = _LONG_RUN_RATE
    for day, shock in enumerate(noise):
        rate += _DAILY_PULL * (_LONG_RUN_RATE - rate) + shock
        rates[day] = rate
    return np.round(rates, 6)


def usd_per_eur_at(rates: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """The rate of the day of each instant, given in seconds since the first day's start.

    Of days after the history, the last rate.
    """
    return rates[np.minimum(_DAYS_BEFORE + seconds // 86_400, len(rates) - 1)]


def exchange_rate_table(rates: np.ndarray) -> pa.Table:
    """The contract's `fx_rates`, one row per day."""
    first = FIRST_DAY - timedelta(days=_DAYS_BEFORE)
    return pa.table(
        {
            "source_system": ["central_bank"] * len(rates),
            "rate_date": [str(first + timedelta(days=day)) for day in range(len(rates))],
            "from_currency": [SECOND_CURRENCY] * len(rates),
            "to_currency": [MAIN_CURRENCY] * len(rates),
            "rate": [f"{rate:.6f}" for rate in rates],
        }
    )
