"""The settings: their names, types and limits. Where they are read from is in `settings_loader`.

Grids, weights, cutoffs, tiers, rules and actions are not here: they are CSVs in `seeds/config`.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from orchestration.settings.suggestions import did_you_mean

# What dbt gets as vars: the settings that a model reads. The rest is for Python alone.
DBT_VARS = (
    "business_timezone",
    "shop_currency",
    "earliest_valid_date",
    "future_tolerance_hours",
    "shipping_in_revenue",
    "count_zero_value_orders",
    "fx_max_age_days",
    "rfm_window_days",
    "rfm_grid",
    "rfm_cut_points",
    "rfm_min_customers",
    "clv_value_basis",
    "churn_horizon_days",
    "max_reject_share",
)

# What changes how a run goes but never what it publishes: left out of the configuration's hash.
OPERATIONAL = frozenset(
    {
        "keep_sets",
        "max_population_drop_share",
        "schedule_time",
        "lock_timeout_seconds",
        "memory_limit",
        "threads",
        "alert_webhook_url_env",
        "first_as_of_date",
        "max_file_bytes",
    }
)


def _known_timezone(name: str) -> str:
    known = zoneinfo.available_timezones()
    if name not in known:
        raise ValueError(f"no such time zone '{name}'{did_you_mean(name, known)}")
    return name


TimeZone = Annotated[str, AfterValidator(_known_timezone)]


def _of_form(pattern: str, form: str) -> BeforeValidator:
    """Text of a pattern; else the fault names the form, not the pattern."""

    def check(value: object) -> str:
        if not isinstance(value, str) or re.fullmatch(pattern, value) is None:
            raise ValueError(f"expected {form}")
        return value

    return BeforeValidator(check)


class Settings(BaseModel):
    """All settings of one configuration, checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    business_timezone: TimeZone
    shop_currency: Annotated[str, _of_form(r"[A-Z]{3}", "three capital letters, as in EUR")]
    first_as_of_date: dt.date
    earliest_valid_date: dt.date
    future_tolerance_hours: Annotated[int, Field(ge=0, le=24 * 366)]

    shipping_in_revenue: bool
    count_zero_value_orders: bool
    fx_max_age_days: Annotated[int, Field(ge=0, le=3660)]

    rfm_window_days: Annotated[int, Field(ge=1, le=36600)]
    rfm_grid: Literal["standard", "community"]
    rfm_cut_points: Literal["quarter_start", "as_of_date"]
    rfm_min_customers: Annotated[int, Field(ge=1)]

    clv_model: Literal["mbg_nbd", "bg_nbd"]
    clv_prior: Literal["weak", "none"]
    clv_fit_weekday: Literal[
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "every_day",
    ]
    clv_value_basis: Literal["revenue"]
    annual_discount_rate: Annotated[float, Field(ge=0, le=1)]
    churn_horizon_days: Literal[30, 90, 365]

    max_reject_share: Annotated[float, Field(ge=0, le=1)]
    max_population_drop_share: Annotated[float, Field(ge=0, le=1)]
    max_file_bytes: Annotated[int, Field(ge=1)]
    keep_sets: Annotated[int, Field(ge=1, le=1000)]

    schedule_time: Annotated[
        str, _of_form(r"([01]\d|2[0-3]):[0-5]\d", "HH:MM in quotes, as in '05:00'")
    ]
    lock_timeout_seconds: Annotated[int, Field(ge=0)]
    memory_limit: Annotated[
        str, _of_form(r"\d+(\.\d+)?(MB|GB|MiB|GiB)", "a number with MB, GB, MiB or GiB, as in 4GB")
    ]
    threads: Annotated[int, Field(ge=1, le=1024)]
    alert_webhook_url_env: Annotated[
        str, _of_form(r"[A-Z][A-Z0-9_]*", "capital letters, digits and _, as in ALERT_URL")
    ]

    def dbt_vars(self) -> dict[str, str | int | float | bool]:
        """What the models read, as dbt's `--vars` takes it."""
        dumped = self.model_dump(mode="json")
        return {name: dumped[name] for name in DBT_VARS}

    def clv_fit_date(self, as_of_date: dt.date) -> dt.date:
        """The latest fit weekday that is not after `as_of_date`."""
        weekdays = (
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        )
        if self.clv_fit_weekday == "every_day":
            return as_of_date
        days_back = (as_of_date.weekday() - weekdays.index(self.clv_fit_weekday)) % 7
        return as_of_date - dt.timedelta(days=days_back)
