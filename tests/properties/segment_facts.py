"""What segments are made from, as plain Python values: facts, knobs and exact rounding.

The oracles start from what arrived and from who is who, which have properties of their own; every
count, window, cut and decision after that is theirs.
"""

from __future__ import annotations

import csv
import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property
from typing import Any

from orchestration.paths import Project
from orchestration.settings.settings_loader import load_configuration
from tests.properties.world_build import Built

Record = dict[str, Any]
AS_OF, CUT_POINTS = "as_of", "cut_points"


def rounded(value: Decimal, decimals: int) -> Decimal:
    """To some decimals, half away from zero."""
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def ratio(number: Decimal | int, total: Decimal | int, decimals: int = 6) -> Decimal | None:
    """A rounded quotient; None where there is nothing to divide by."""
    return rounded(Decimal(number) / Decimal(total), decimals) if total else None


def days(number: int) -> dt.timedelta:
    """So many days."""
    return dt.timedelta(days=number)


@dataclass(frozen=True)
class Facts:
    """The facts of one built world, read once each."""

    built: Built

    def records(self, table: str, where: str = "true") -> list[Record]:
        """A table's rows by column name."""
        found = self.built.connection.execute(f"select * from {table} where {where}")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    @cached_property
    def as_of_date(self) -> dt.date:
        """The day that is built."""
        return self.built.one("select as_of_date from control.as_of")

    @cached_property
    def anchors(self) -> dict[str, dt.date]:
        """The days that people are counted on, by role."""
        day = self.as_of_date
        anchors = {AS_OF: day}
        if self.settings["rfm_cut_points"] == "quarter_start":
            anchors[CUT_POINTS] = dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
        return anchors

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The single numbers that the world was built with."""
        shipped = load_configuration(Project.here()).settings.dbt_vars()
        return {**shipped, **self.built.compiled.dbt_vars}

    @cached_property
    def looked_at(self) -> dt.date:
        """Days up to this one are too long ago for any feature of behaviour."""
        names = ("engagement_window_days", "usage_window_days", "loyalty_window_days")
        windows = [self.settings[name] for name in names]
        grace = max(int(row["days_back"]) for row in self.rules("loyalty_grace_days"))
        longest = max(*windows, 2 * self.settings["trend_window_days"])
        return self.as_of_date - days(longest + grace)

    def shop_date(self, instant: dt.datetime | None) -> dt.date | None:
        """The day of the shop's calendar on which an instant falls."""
        if instant is None:
            return None
        zone = zoneinfo.ZoneInfo(self.settings["business_timezone"])
        return instant.replace(tzinfo=dt.UTC).astimezone(zone).date()

    def rules(self, name: str) -> list[dict[str, str]]:
        """The rows of a config table, as texts."""
        return _config_rows(name)

    def bounds(self, name: str, code: str) -> list[tuple[Decimal, str]]:
        """Lower bounds and codes of a config table, lowest first."""
        return sorted((Decimal(row["lower_bound"]), row[code]) for row in self.rules(name))

    @cached_property
    def profiles(self) -> list[str]:
        """Everybody on the as-of day."""
        return sorted(row["profile_id"] for row in self.records("intermediate.int_profiles"))

    @cached_property
    def owners(self) -> dict[tuple[str, str, str, str], str]:
        """Who an identifier belongs to, by role of the day and identifier."""
        return {
            (
                row["anchor_role"],
                row["identifier_kind"],
                row["identifier_source"],
                row["identifier_value"],
            ): row["profile_id"]
            for row in self.records("intermediate.int_identifier_profiles")
            if row["profile_id"] is not None
        }

    def owner(self, row: Record, role: str = AS_OF) -> str | None:
        """The person of a row with an identifier."""
        return self.owners.get(
            (role, row["identifier_kind"], row["identifier_source"], row["identifier_value"])
        )

    @cached_property
    def orders(self) -> list[Record]:
        """Orders that count, by role of the day."""
        return self.records("intermediate.int_orders_as_of", "order_outcome = 'valid'")

    @cached_property
    def events(self) -> list[Record]:
        """Events that no rule leaves out, up to the day."""
        return [
            row
            for row in self.records("intermediate.int_events", "exclusion_reason is null")
            if row["event_date"] <= self.as_of_date
        ]

    @cached_property
    def messages(self) -> list[Record]:
        """What happened to messages, up to the day."""
        return [
            row
            for row in self.records("intermediate.int_message_events")
            if row["event_date"] <= self.as_of_date
        ]

    @cached_property
    def feedback(self) -> list[Record]:
        """Feedback up to the day."""
        return [
            row
            for row in self.records("intermediate.int_feedback")
            if row["feedback_date"] <= self.as_of_date
        ]

    @cached_property
    def accounts(self) -> dict[str, list[Record]]:
        """Accounts as known on the day, the one that was changed last first, by person."""
        found = defaultdict(list)
        for row in self.records("intermediate.int_customer_states", "anchor_role = 'as_of'"):
            key = (AS_OF, "customer", row["source_system"], row["customer_id"])
            if key in self.owners:
                found[self.owners[key]].append(row)
        for rows in found.values():
            rows.sort(key=lambda row: (row["source_system"], row["customer_id"]))
            rows.sort(key=lambda row: row["version_at"] or dt.datetime.min, reverse=True)
        return found


@cache
def _config_rows(name: str) -> list[dict[str, str]]:
    path = Project.here().config_tables / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def grouped(
    rows: Iterable[Record], key: Callable[[Record], Any], value: Callable[[Record], Any]
) -> dict[Any, list[Any]]:
    """Values by key; rows whose key is None are left out."""
    found = defaultdict(list)
    for row in rows:
        if (name := key(row)) is not None:
            found[name].append(value(row))
    return found


def last_reached(bounds: list[tuple[Decimal, str]], value: Decimal) -> str:
    """The code of the last lower bound that a value reaches."""
    return [code for bound, code in bounds if value >= bound][-1]
