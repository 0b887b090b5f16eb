"""CLV on a Spark cluster, between the two dbt calls: `python -m` this module.

It reads the same environment as the dbt target `spark`, and the day from `control.as_of`.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from orchestration.paths import Project
from orchestration.predictions.clv_in_warehouse import predict_in_warehouse
from orchestration.settings.settings_loader import load_configuration
from orchestration.warehouse.spark_warehouse import SparkWarehouse


def main(arguments: list[str] | None = None) -> None:
    """Fit, score and write the four tables of schema `predictions`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--exchange",
        type=Path,
        required=True,
        help="a folder under the same path here and on every worker",
    )
    told = parser.parse_args(arguments)
    warehouse = SparkWarehouse(
        host=os.environ.get("STRATA_SPARK_HOST", "127.0.0.1"),
        port=int(os.environ.get("STRATA_SPARK_PORT", "10000")),
        user=os.environ.get("STRATA_SPARK_USER", "strata"),
        exchange=told.exchange,
    )
    [fit_date] = (
        warehouse.read_arrow("select clv_fit_date from control.as_of").column(0).to_pylist()
    )
    settings = load_configuration(Project.here()).settings
    predicted = predict_in_warehouse(warehouse, settings, fit_date)
    for model in predicted.model_runs.to_pylist():
        print(f"CLV {model['purpose']}: {model['model_name']} {model['status']}")


if __name__ == "__main__":
    main()
