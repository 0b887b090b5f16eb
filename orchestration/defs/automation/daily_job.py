"""The job and its schedule: every asset, one as-of day."""

import dagster as dg

from orchestration.defs.code_location import code_location

LOCATION = code_location()
_HOUR, _MINUTE = LOCATION.configuration.settings.schedule_time.split(":")

daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all(),
    description="Take files in, build one day, audit it, publish it.",
    config={"loggers": {"console": {}}},
)

# Takes the day that has just ended in the shop's zone.
daily_schedule = dg.build_schedule_from_partitioned_job(
    daily,
    name="daily_schedule",
    description="Builds yesterday, in the shop's zone, once a day.",
    hour_of_day=int(_HOUR),
    minute_of_hour=int(_MINUTE),
)
