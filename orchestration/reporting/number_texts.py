"""How numbers and days are written in the report: one way each, in tables, labels and sentences."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

Number = int | float | Decimal

NONE = "–"
_ABBREVIATIONS = frozenset({"clv", "rfm", "sms"})


def whole(number: Number | None) -> str:
    """A count: "1,065"."""
    return NONE if number is None else f"{number:,.0f}"


def people(number: int) -> str:
    """A count of people in words: "1 person", "1,065 people"."""
    return "1 person" if number == 1 else f"{number:,} people"


def money(amount: Number | None, currency: str) -> str:
    """An amount: "USD 328,214"; with cents below a hundred, where they matter."""
    if amount is None:
        return NONE
    digits = 2 if abs(amount) < 100 and amount != int(amount) else 0
    return f"{currency} {amount:,.{digits}f}"


def short(amount: Number) -> str:
    """An amount where room is short: "380k", "1.2M", "52"."""
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if abs(amount) >= unit:
            number = float(amount) / unit
            return f"{number:,.1f}{name}" if abs(number) < 100 else f"{number:,.0f}{name}"
    return f"{amount:,.0f}"


def share(part: Number | None, total: Number | None) -> str:
    """A share: "10.9%"; a dash where there is nothing to take it of."""
    if part is None or not total:
        return NONE
    return f"{float(part) / float(total):.1%}"


def day(date: dt.date) -> str:
    """A day: "30 June 2026"."""
    return f"{date.day} {date:%B %Y}"


def short_day(date: dt.date) -> str:
    """A day in a table's header: "30 Jun 2026"."""
    return f"{date.day} {date:%b %Y}"


def in_words(code: str) -> str:
    """A code as a label: "cant_lose_them" as "Cant lose them", "sms" as "SMS"."""
    return code.upper() if code in _ABBREVIATIONS else code.replace("_", " ").capitalize()


def listed(names: list[str]) -> str:
    """Names in a sentence: "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
