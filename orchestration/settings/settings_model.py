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
    "session_timeout_minutes",
    "session_max_hours",
    "max_events_per_identifier_day",
    "clock_skew_tolerance_minutes",
    "max_event_delay_days",
    "rfm_window_days",
    "rfm_grid",
    "rfm_cut_points",
    "rfm_min_customers",
    "clv_value_basis",
    "churn_horizon_days",
    "max_devices_per_profile",
    "engagement_half_life_days",
    "engagement_window_days",
    "usage_window_days",
    "usage_units_window_days",
    "usage_min_profiles",
    "trend_window_days",
    "trend_min_active_days",
    "pattern_min_visits",
    "channel_min_messages",
    "channel_prior_messages",
    "content_min_signals",
    "content_min_lift",
    "content_prior_signals",
    "send_time_prior_reactions",
    "loyalty_window_days",
    "loyalty_window_months",
    "loyalty_lapse_factor",
    "interval_prior_count",
    "potential_loyalist_points",
    "min_dwell_days",
    "max_reject_share",
)

# What changes how a run goes but never what it publishes: left out of the configuration's hash.
OPERATIONAL = frozenset(
    {
        "keep_sets",
        "min_group_size",
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

    # The arrival tables read two days around a month: longer gaps or sessions need more.
    session_timeout_minutes: Annotated[int, Field(ge=1, le=12 * 60)]
    session_max_hours: Annotated[int, Field(ge=1, le=24)]
    max_events_per_identifier_day: Annotated[int, Field(ge=1)]
    clock_skew_tolerance_minutes: Annotated[int, Field(ge=0, le=24 * 60)]
    max_event_delay_days: Annotated[int, Field(ge=0, le=3660)]

    rfm_window_days: Annotated[int, Field(ge=1, le=36600)]
    rfm_grid: Literal["standard", "community"]
    rfm_cut_points: Literal["quarter_start", "as_of_date"]
    rfm_min_customers: Annotated[int, Field(ge=1)]

    max_devices_per_profile: Annotated[int, Field(ge=1)]

    engagement_half_life_days: Annotated[int, Field(ge=1, le=36600)]
    engagement_window_days: Annotated[int, Field(ge=1, le=36600)]
    usage_window_days: Annotated[int, Field(ge=1, le=36600)]
    usage_units_window_days: Annotated[int, Field(ge=1, le=36600)]
    usage_min_profiles: Annotated[int, Field(ge=1)]
    trend_window_days: Annotated[int, Field(ge=1, le=18300)]
    trend_min_active_days: Annotated[int, Field(ge=1)]
    pattern_min_visits: Annotated[int, Field(ge=1)]
    channel_min_messages: Annotated[int, Field(ge=1)]
    channel_prior_messages: Annotated[int, Field(ge=0, le=1_000_000)]
    content_min_signals: Annotated[int, Field(ge=1)]
    content_min_lift: Annotated[float, Field(ge=1, le=1000)]
    content_prior_signals: Annotated[int, Field(ge=0, le=1_000_000)]
    send_time_prior_reactions: Annotated[int, Field(ge=0, le=1_000_000)]

    loyalty_window_days: Annotated[int, Field(ge=1, le=36600)]
    loyalty_window_months: Annotated[int, Field(ge=1, le=1200)]
    loyalty_lapse_factor: Annotated[int, Field(ge=1, le=1000)]
    interval_prior_count: Annotated[int, Field(ge=0, le=1_000_000)]
    potential_loyalist_points: Annotated[int, Field(ge=0, le=100)]

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

    min_dwell_days: Annotated[int, Field(ge=0, le=3660)]

    max_reject_share: Annotated[float, Field(ge=0, le=1)]
    max_population_drop_share: Annotated[float, Field(ge=0, le=1)]
    max_file_bytes: Annotated[int, Field(ge=1)]
    keep_sets: Annotated[int, Field(ge=1, le=1000)]
    min_group_size: Annotated[int, Field(ge=1, le=1_000_000)]

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
