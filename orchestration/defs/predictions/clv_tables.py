"""CLV between the two dbt calls: read what dbt counted, predict, write four tables."""

from collections.abc import Iterator

import dagster as dg

from orchestration.defs.code_location import ONE_DAY_A_RUN, code_location
from orchestration.defs.run_session import RunSession, told_in_one_line
from orchestration.predictions.clv_in_warehouse import COUNTED, predict_in_warehouse

LOCATION = code_location()
PREDICTED = ("clv_order_scores", "clv_spend_scores", "clv_model_runs", "clv_model_parameters")


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["predictions", table],
            deps=[dg.AssetKey(["intermediate", counted]) for counted, _ in COUNTED.values()],
            group_name="predictions",
            kinds={"python", "duckdb"},
            code_version="1",
            partitions_def=LOCATION.as_of_days,
        )
        for table in PREDICTED
    ],
    backfill_policy=ONE_DAY_A_RUN,
    pool="duckdb",
    can_subset=False,
    retry_policy=dg.RetryPolicy(max_retries=1, delay=5),
)
def clv_predictions(
    context: dg.AssetExecutionContext, run_session: RunSession
) -> Iterator[dg.MaterializeResult]:
    """One row per tuple of sufficient statistics; SQL joins the scores back to people."""
    run = run_session.run_of(context)
    with told_in_one_line():
        predicted = predict_in_warehouse(
            run.warehouse,
            run.configuration.settings,
            run.fit_date,
            intermediate=run.schema("intermediate"),
            predictions=run.schema("predictions"),
        )
    for model in predicted.model_runs.to_pylist():
        context.log.info(f"CLV {model['purpose']}: {model['model_name']} {model['status']}")
    parameters = {
        f"{row['model_name']}_{row['parameter']}": row["value"]
        for row in predicted.model_parameters.to_pylist()
    }
    for name, table in predicted.tables().items():
        metadata = {"dagster/row_count": table.num_rows}
        if name == "clv_model_parameters":
            metadata |= parameters
        yield dg.MaterializeResult(["predictions", name], metadata=metadata)
