"""The last step: the volume check, then the audited marts become the set that readers get."""

import dagster as dg

from orchestration.defs.code_location import ONE_DAY_A_RUN, code_location
from orchestration.defs.dbt.dbt_calls import MARTS_FRESHNESS, segments
from orchestration.defs.run_session import RunSession, told_in_one_line
from orchestration.runs.as_of_run import publish_as_of_run
from orchestration.runs.segment_summary import segment_summary
from orchestration.runs.volume_gate import compare_volume

LOCATION = code_location()
CUSTOMER_360 = dg.AssetKey(["marts", "customer_360"])


@dg.asset_check(asset=CUSTOMER_360, blocking=True, pool="duckdb")
def population_has_not_collapsed(
    context: dg.AssetCheckExecutionContext, run_session: RunSession
) -> dg.AssetCheckResult:
    """Far fewer people than are published mean a missing delivery: nothing is published."""
    volume = compare_volume(run_session.run_of(context))
    return dg.AssetCheckResult(
        passed=volume.is_plausible or run_session.accept_volume_change,
        description=volume.told,
        metadata={"people": volume.people, "published_people": volume.published_people},
    )


@dg.asset(
    key=["published", "published_set"],
    deps=[key for key in segments.keys if key.path[0] == "marts"],
    group_name="publish",
    kinds={"python", "duckdb"},
    partitions_def=LOCATION.as_of_days,
    backfill_policy=ONE_DAY_A_RUN,
    pool="duckdb",
    retry_policy=dg.RetryPolicy(max_retries=2, delay=10),
    freshness_policy=MARTS_FRESHNESS,
)
def published_set(
    context: dg.AssetExecutionContext, run_session: RunSession
) -> dg.MaterializeResult:
    """All marts in one file that readers open, moved into place by one rename."""
    run = run_session.run_of(context)
    with told_in_one_line():
        published = publish_as_of_run(run, LOCATION.manifest, show=run_session.publish)
    if published is None:
        context.log.info(f"{run.as_of_date} is built; the newer published set stays")
        return dg.MaterializeResult(metadata={"is_published": False})
    context.log.info(
        f"published set {published.set_id} of {published.as_of_date}"
        if published.is_shown
        else f"kept set {published.set_id}; readers stay where `strata rollback` put them"
    )
    metadata: dict[str, object] = {"is_published": published.is_shown}
    summary = segment_summary(run.home, run.configuration.settings.shop_currency)
    if summary is not None and published.is_shown:
        # First the table, for who looks; then the numbers, each of which becomes a trend line.
        metadata |= {"segments": dg.MetadataValue.md(summary.markdown())} | summary.plottable()
    return dg.MaterializeResult(
        metadata=metadata | {"set_id": published.set_id, "digest": published.digest}
    )
