"""The CDNOW sample as tuples, counted from its raw log with the standard library alone."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from orchestration.estimators.purchase_tuples import PurchaseTuples, SpendTuples

CHECKOUT = Path(__file__).resolve().parents[2]
CALIBRATION_END = date(1997, 9, 30)


@pytest.fixture(scope="session")
def cdnow_all_order_days() -> dict[str, dict[date, float]]:
    """Spend by order day of each customer in 78 weeks, days without a charge included."""
    log = CHECKOUT.parent / "shared" / "data" / "cdnow_sample" / "CDNOW_sample.txt"
    if not log.exists():
        pytest.skip("the CDNOW sample is not beside the checkout (shared/data/cdnow_sample)")
    spend: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for line in log.read_text().splitlines():
        customer, _, day, _, dollars = line.split()
        order_day = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        spend[customer][order_day] += float(dollars)
    return spend


@pytest.fixture(scope="session")
def cdnow_order_days(cdnow_all_order_days) -> dict[str, dict[date, float]]:
    """The same within the first 39 weeks."""
    return {
        customer: {day: spend for day, spend in days.items() if day <= CALIBRATION_END}
        for customer, days in cdnow_all_order_days.items()
    }


def _purchases(order_days: dict[str, dict[date, float]], days_per_unit: float) -> PurchaseTuples:
    def units(span: timedelta) -> float:
        return span.days / days_per_unit

    rows = [
        (len(days) - 1, units(max(days) - min(days)), units(CALIBRATION_END - min(days)))
        for days in order_days.values()
    ]
    repeat, last, age = zip(*rows, strict=True)
    return PurchaseTuples(repeat, last, age, np.ones(len(rows)))


@pytest.fixture(scope="session")
def cdnow_in_weeks(cdnow_order_days) -> PurchaseTuples:
    """One tuple per customer, times in weeks as in the literature."""
    return _purchases(cdnow_order_days, 7)


@pytest.fixture(scope="session")
def cdnow_in_days(cdnow_order_days) -> PurchaseTuples:
    """One tuple per customer, times in days."""
    return _purchases(cdnow_order_days, 1)


@pytest.fixture(scope="session")
def cdnow_repeat_spend(cdnow_order_days) -> SpendTuples:
    """Mean value of repeat orders, of those who have any of some value, as in the literature."""
    rows = []
    for days in cdnow_order_days.values():
        repeats = [spend for day, spend in days.items() if day > min(days)]
        if sum(repeats) > 0:
            rows.append((len(repeats), sum(repeats) / len(repeats)))
    count, mean = zip(*rows, strict=True)
    return SpendTuples(count, mean, np.ones(len(rows)))
