"""The two dbt calls: `foundation` before the CLV models, `segments` after them."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from orchestration.defs.code_location import ONE_DAY_A_RUN, code_location
from orchestration.defs.run_session import RunSession, told_in_one_line
from orchestration.runs.arrival_build import begin_arrival_build, finish_arrival_build
from orchestration.runs.as_of_run import AsOfRun
from orchestration.runs.progress import DbtTally
from orchestration.runs.reject_counts import is_stopped_by_rejects, too_many_rejects_told
from orchestration.warehouse.dbt_check_texts import check_sentence
from orchestration.warehouse.dbt_failures import dbt_failure_message, failed_names
from orchestration.warehouse.dbt_invocation import past_day_parse

LOCATION = code_location()


class StrataDbtTranslator(DagsterDbtTranslator):
    """Keys and groups come from dbt itself; what is added is how old a mart may get, and words."""

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """The default spec, with a freshness policy on marts."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        if spec.key.path[0] != "marts":
            return spec
        return spec.replace_attributes(freshness_policy=MARTS_FRESHNESS)

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """The default spec, described by a sentence."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        if spec is None:
            return None
        return spec._replace(description=check_sentence(manifest["nodes"][unique_id]))


# A day is built in the night after it: after two days without a build something is wrong.
MARTS_FRESHNESS = dg.FreshnessPolicy.time_window(
    fail_window=dt.timedelta(hours=48), warn_window=dt.timedelta(hours=30)
)
TRANSLATOR = StrataDbtTranslator()


def _stream(
    context: dg.AssetExecutionContext,
    dbt: DbtCliResource,
    run_session: RunSession,
    call: str,
    *options: str,
) -> Iterator[Any]:
    run = run_session.run_of(context)
    target_path = run_session.dbt_target_path(context.run_id, call)
    lent = past_day_parse(LOCATION.home, target_path) if run.is_past_day else nullcontext()
    with lent:
        invocation = dbt.cli(
            [*run_session.dbt_arguments(run), *options],
            context=context,
            raise_on_error=False,
            target_path=target_path,
        )
        tally = DbtTally(call, context.log.info)
        for event in invocation.stream():
            tally.count(is_test=isinstance(event, dg.AssetCheckResult))
            yield event
        tally.tell()
    if not invocation.is_successful():
        with told_in_one_line():
            told = _failure_told(run, invocation.target_path)
        raise dg.Failure(told, allow_retries=False)


def _failure_told(run: AsOfRun, target_path: Path) -> str:
    told = None
    if is_stopped_by_rejects(failed_names(target_path)):
        told = too_many_rejects_told(
            run.warehouse,
            run.schema("intermediate"),
            run.configuration.settings.max_reject_share,
        )
    return told or dbt_failure_message(target_path)


@dbt_assets(
    manifest=LOCATION.manifest,
    selector="foundation",
    dagster_dbt_translator=TRANSLATOR,
    partitions_def=LOCATION.as_of_days,
    backfill_policy=ONE_DAY_A_RUN,
    pool="duckdb",
)
def foundation(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, run_session: RunSession
) -> Iterator[Any]:
    """Config tables, staging and the facts that slices share."""
    run = run_session.run_of(context)
    with told_in_one_line():
        reason = begin_arrival_build(run)
    if reason:
        context.log.info(f"arrival tables are made anew: {reason}")
    options = ["--full-refresh"] if reason else []
    yield from _stream(context, dbt, run_session, "foundation", *options)
    # Of a part of the models, as Dagster's pages let one choose, the rest is as it was.
    if context.selected_asset_keys == set(foundation.keys):
        finish_arrival_build(run)


@dbt_assets(
    manifest=LOCATION.manifest,
    selector="segments",
    dagster_dbt_translator=TRANSLATOR,
    partitions_def=LOCATION.as_of_days,
    backfill_policy=ONE_DAY_A_RUN,
    pool="duckdb",
)
def segments(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, run_session: RunSession
) -> Iterator[Any]:
    """Slices and what stands on them."""
    yield from _stream(context, dbt, run_session, "segments")
