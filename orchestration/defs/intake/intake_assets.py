"""Delivered files become the relations of schemas `raw` and `control`."""

from collections.abc import Iterator

import dagster as dg

from orchestration.defs.code_location import ONE_DAY_A_RUN, code_location
from orchestration.defs.run_session import RunSession, told_in_one_line
from orchestration.intake.contract import contract_tables
from orchestration.publishing.run_ledger import newest_published_day
from orchestration.runs.as_of_day import refuse_day_without_rows
from orchestration.runs.as_of_run import begin_as_of_run
from orchestration.runs.input_source import refuse_first_day_without_orders, take_in_source

LOCATION = code_location()
# Intake commits file by file, so a retry after a passing fault repeats none.
RETRY = dg.RetryPolicy(max_retries=2, delay=5)


def _specs(schema: str, tables: list[str], deps: list[dg.AssetKey]) -> list[dg.AssetSpec]:
    return [
        dg.AssetSpec(
            [schema, table],
            deps=deps,
            group_name="intake",
            kinds={"python", "duckdb"},
            partitions_def=LOCATION.as_of_days,
        )
        for table in tables
    ]


@dg.asset(
    key=["control", "landing_files"],
    group_name="intake",
    kinds={"python", "file"},
    partitions_def=LOCATION.as_of_days,
    backfill_policy=ONE_DAY_A_RUN,
    pool="duckdb",
    retry_policy=RETRY,
)
def landing_files(
    context: dg.AssetExecutionContext, run_session: RunSession
) -> dg.MaterializeResult:
    """Files of the landing folder, taken in: as text, without personal data, each once."""
    location, source = run_session.location, run_session.source
    settings = location.configuration.settings
    with told_in_one_line():
        refuse_day_without_rows(run_session.day_of(context), settings)
        report = take_in_source(
            location.home,
            source,
            location.configuration,
            retake=run_session.retake,
            progress=context.log.info,
        )
        if not run_session.accept_no_orders:
            refuse_first_day_without_orders(location.home, source, settings.business_timezone)
    for warning in report.warnings:
        context.log.info(warning)
    return dg.MaterializeResult(
        metadata={
            "files_taken": report.files_taken,
            "files_known": report.files_known,
            "files_set_aside": len(report.files_set_aside),
            "rows_in": report.rows_in,
            "rows_accepted": report.rows_accepted,
            "rows_duplicate": report.rows_duplicate,
            "rows_rejected": report.rows_rejected,
            "rows_erased": report.rows_erased,
        }
    )


@dg.multi_asset(
    specs=[
        *_specs("raw", sorted(contract_tables(LOCATION.project.raw_sources)), [landing_files.key]),
        *_specs(
            "control",
            ["as_of", "deliveries", "intake_rejects", "observed_days"],
            [landing_files.key],
        ),
    ],
    backfill_policy=ONE_DAY_A_RUN,
    pool="duckdb",
    can_subset=False,
)
def raw_relations(
    context: dg.AssetExecutionContext, run_session: RunSession
) -> Iterator[dg.MaterializeResult]:
    """Every table of the input contract as one relation, and the day that this run makes."""
    run = run_session.run_of(context)
    with told_in_one_line():
        key = begin_as_of_run(run)
    newest = newest_published_day(run.home)
    context.log.info(
        f"building {run.as_of_date} from deliveries up to {key.intake_seq}"
        + (f" (a past day: built beside, not published; {newest} is)" if run.is_past_day else "")
    )
    for key in sorted(context.selected_asset_keys):
        yield dg.MaterializeResult(key)
