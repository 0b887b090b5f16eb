"""The report of what readers get, written after each publication. It can harm no set."""

import dagster as dg

from orchestration.defs.code_location import ONE_DAY_A_RUN, code_location
from orchestration.defs.run_session import RunSession, told_in_one_line
from orchestration.reporting.write_report import write_report_and_docs

LOCATION = code_location()


@dg.asset(
    key=["published", "report"],
    deps=[dg.AssetKey(["published", "published_set"])],
    group_name="report",
    kinds={"python", "plotly"},
    partitions_def=LOCATION.as_of_days,
    backfill_policy=ONE_DAY_A_RUN,
    pool="duckdb",
)
def report(context: dg.AssetExecutionContext, run_session: RunSession) -> dg.MaterializeResult:
    """One page that opens from disk, in `report` of the home, and dbt's docs beside it."""
    run = run_session.run_of(context)
    if run.is_past_day or not run_session.publish:
        context.log.info("nothing new is published; the report stays")
        return dg.MaterializeResult(metadata={"is_written": False})
    with told_in_one_line():
        written = write_report_and_docs(run.home, run.project, run.configuration)
    context.log.info(f"report {written.page}")
    return dg.MaterializeResult(
        metadata={
            "is_written": True,
            "page": dg.MetadataValue.path(str(written.page)),
            "set_id": written.set_id,
            "charts": written.chart_count,
            "charts_without_data": written.empty_chart_count,
            "size_bytes": written.size_bytes,
        }
    )
