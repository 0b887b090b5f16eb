"""Sensors: new files, missing days, failed runs."""

import datetime as dt

import dagster as dg

from orchestration.defs.automation.daily_job import daily
from orchestration.defs.code_location import code_location
from orchestration.launch import RunRequest
from orchestration.run_failures import first_cause
from orchestration.runs.alerts import post_alert
from orchestration.runs.input_source import remembered_input
from orchestration.runs.landing_fingerprint import landing_fingerprint
from orchestration.runs.missing_days import day_of_new_files, has_just_failed, next_owed_day

_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def _is_busy(context: dg.SensorEvaluationContext) -> bool:
    return bool(
        context.instance.get_run_records(
            dg.RunsFilter(job_name=daily.name, statuses=_UNFINISHED), limit=1
        )
    )


@dg.sensor(
    job=daily,
    minimum_interval_seconds=60,
    description="Runs yesterday again when files have come into the landing folder.",
)
def landing_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Runs yesterday again when files have come into the landing folder."""
    location = code_location()
    found = landing_fingerprint(remembered_input(location.home).landing)
    if found is None or found == context.cursor:
        return dg.SkipReason("no new file in the landing folder")
    if _is_busy(context):
        return dg.SkipReason("a run is going on; new files are looked for after it")
    day = day_of_new_files(location.home, location.configuration.settings).isoformat()
    return dg.SensorResult(
        run_requests=[dg.RunRequest(partition_key=day, run_key=f"{day}-{found}")], cursor=found
    )


@dg.sensor(
    job=daily,
    minimum_interval_seconds=60,
    description="Builds days between the first published one and yesterday that are missing.",
)
def reconcile_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Builds days that the ledger does not have, oldest first; the last of them is published."""
    location = code_location()
    owed = next_owed_day(location.home, location.configuration.settings)
    if owed is None:
        return dg.SkipReason("no day is missing")
    if _is_busy(context):
        return dg.SkipReason("a run is going on; missing days are looked for after it")
    day = owed.as_of_date
    if has_just_failed(location.home, day):
        return dg.SkipReason(f"{day} has just failed; it is tried again an hour later")
    request = RunRequest(as_of_date=day, publish=owed.is_last)
    return dg.SensorResult(
        run_requests=[dg.RunRequest(partition_key=day.isoformat(), run_config=request.run_config())]
    )


@dg.run_failure_sensor(
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Posts one line about a failed run to the webhook, where one is set.",
)
def failure_alert(context: dg.RunFailureSensorContext) -> None:
    """Posts one line about a failed run to the webhook, where one is set."""
    location = code_location()
    settings = location.configuration.settings
    post_alert(
        settings.alert_webhook_url_env,
        run_id=context.dagster_run.run_id,
        day=context.dagster_run.tags.get("dagster/partition", ""),
        cause=first_cause(
            [*context.get_step_failure_events(), context.failure_event], location.home
        ),
        failed_at=dt.datetime.now(dt.UTC),
    )
