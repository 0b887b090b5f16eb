"""Strata's part of the RFM benchmark: its compiled models on a file of orders, in a DuckDB file.

Two ways. `strata` begins where the peers begin, at orders that count and whose customer is known,
and builds what makes RFM of them, segments and reasons too. `strata_all` begins at rows as they
are delivered and builds everything below `rfm_segments`: parsing, checks, versions, currencies,
refunds, who is whose profile. What counts is building; dbt compiles before.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

from benchmarks.compiled_models import DATABASE_FILE, CompiledModels
from benchmarks.measured_process import tell_cost
from orchestration.intake.contract import contract_tables
from orchestration.paths import Project
from orchestration.settings.settings_loader import load_configuration
from orchestration.warehouse.duckdb_warehouse import literal, quoted

MODEL = "rfm_segments"
# What the orders of the file are, where RFM begins.
GIVEN = ("int_orders_as_of", "int_refunds_as_of", "int_profiles")
_NUMBERS = ("arrival_seq", "row_number")
_DELIVERED = {
    "source_system": "'shop'",
    "order_id": "order_id",
    "ordered_at": "cast(ordered_at as varchar)",
    "customer_id": "customer_id",
    "status": "'paid'",
    "currency": "'USD'",
    "total_amount": "cast(cast(amount as decimal(18, 2)) as varchar)",
    "loaded_at": "'2026-01-01T00:00:00Z'",
    "arrival_seq": "1",
    "file_name": "'orders.parquet'",
    "row_number": "file_row_number",
}


def build_from_clean_orders(
    connection: duckdb.DuckDBPyConnection, models: CompiledModels, file: Path
) -> None:
    """RFM alone: each order counts, and a customer id is a profile."""
    orders = f"read_parquet({literal(str(file))})"
    connection.execute("create schema intermediate")
    models.build(connection, "int_anchors")
    connection.execute(
        f"""
        create view intermediate.int_orders_as_of as
        select
            anchors.anchor_role,
            anchors.anchor_date,
            orders.customer_id as profile_id,
            cast(orders.ordered_at as date) as ordered_date,
            anchors.anchor_date - cast(orders.ordered_at as date) as days_before_anchor,
            'valid' as order_outcome,
            false as is_renewal,
            cast(orders.amount as decimal(18, 4)) as net_revenue
        from {orders} as orders
        inner join intermediate.int_anchors as anchors
            on orders.ordered_at < anchors.anchor_ends_at
        """
    )
    connection.execute(
        """
        create view intermediate.int_profiles as
        select distinct int_orders_as_of.profile_id, as_of.as_of_date
        from intermediate.int_orders_as_of
        cross join control.as_of
        """
    )
    connection.execute(
        """
        create table intermediate.int_refunds_as_of (
            anchor_role varchar, anchor_date date, refunded_date date, unlinked_profile_id varchar,
            shop_goods_amount decimal(18, 4), reject_reason varchar
        )
        """
    )
    models.build(connection, MODEL, {*GIVEN, "int_anchors"})


def build_from_delivered_rows(
    connection: duckdb.DuckDBPyConnection, models: CompiledModels, file: Path
) -> None:
    """Everything below the segments; only orders have been delivered."""
    connection.execute("create schema raw")
    for table in contract_tables(Project.here().raw_sources).values():
        is_orders = table.name == "orders"
        columns = ", ".join(
            f"cast({_DELIVERED.get(name, 'null') if is_orders else 'null'} as"
            f" {'bigint' if name in _NUMBERS else 'varchar'}) as {quoted(name)}"
            for name in table.raw_columns
        )
        rows = (
            f"from read_parquet({literal(str(file))}, file_row_number = true)"
            if is_orders
            else "where false"
        )
        connection.execute(f"create view raw.{quoted(table.name)} as select {columns} {rows}")
    models.build(connection, MODEL)


WAYS: dict[str, Callable[[duckdb.DuckDBPyConnection, CompiledModels, Path], None]] = {
    "strata": build_from_clean_orders,
    "strata_all": build_from_delivered_rows,
}


def build(
    way: str, models: CompiledModels, file: Path, as_of_date: dt.date, folder: Path
) -> duckdb.DuckDBPyConnection:
    """Build in a new DuckDB file of the folder, with the product's memory and threads."""
    settings = load_configuration(Project.here()).settings
    connection = duckdb.connect(
        folder / DATABASE_FILE,
        config={
            "memory_limit": settings.memory_limit,
            "threads": settings.threads,
            "temp_directory": str(folder / "spill"),
        },
    )
    connection.execute("set enable_progress_bar = false")
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("create schema control")
    connection.execute(
        "create table control.as_of (as_of_date date, intake_seq bigint, clv_fit_date date,"
        " config_hash varchar, code_version varchar, definition_hash varchar, history_hash varchar)"
    )
    connection.execute(
        "insert into control.as_of (as_of_date, intake_seq, clv_fit_date) values (?, 1, ?)",
        [as_of_date, settings.clv_fit_date(as_of_date)],
    )
    WAYS[way](connection, models, file)
    return connection


def leave_numbers(connection: duckdb.DuckDBPyConnection, result: Path) -> None:
    """Write what is compared with the peers."""
    connection.execute(
        f"""
        copy (
            select
                segments.profile_id as customer_id,
                segments.recency_days,
                segments.order_count,
                segments.monetary_total,
                summaries.age_days,
                summaries.mean_repeat_order_value
            from marts.rfm_segments as segments
            inner join intermediate.int_customer_purchase_summaries as summaries
                on segments.profile_id = summaries.profile_id
        ) to {literal(str(result))} (format parquet)
        """
    )


def main() -> None:
    """Build one way, print what it took, and leave the numbers for the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--way", choices=sorted(WAYS), required=True)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True)
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--result", type=Path, required=True)
    asked = parser.parse_args()
    models = CompiledModels.read(asked.manifest)
    with tempfile.TemporaryDirectory(dir=asked.result.parent) as folder:
        connection = tell_cost(
            lambda: build(asked.way, models, asked.file, asked.as_of, Path(folder))
        )
        leave_numbers(connection, asked.result)
        connection.close()


if __name__ == "__main__":
    main()
