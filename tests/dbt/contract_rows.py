"""Rows shaped like the input contract, in a DuckDB file: what intake and the run leave for dbt.

Writing raw, control and prediction tables belongs here; what a test expects does not.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from orchestration.intake.contract import contract_tables
from orchestration.paths import Project

# What the run writes before dbt starts.
CONTROL_TABLES = {
    "as_of": (
        "as_of_date date, intake_seq bigint, clv_fit_date date, config_hash varchar,"
        " code_version varchar, definition_hash varchar, history_hash varchar"
    ),
    "observed_days": (
        "as_of_date date, intake_seq bigint, definition_hash varchar, cut_points_date date,"
        " profile_count bigint"
    ),
    "deliveries": (
        "arrival_seq bigint, file_name varchar, input_name varchar, status varchar,"
        " row_count bigint, accepted_row_count bigint, duplicate_row_count bigint,"
        " rejected_row_count bigint, erased_row_count bigint"
    ),
    "intake_rejects": (
        "arrival_seq bigint, file_name varchar, table_name varchar, row_number bigint,"
        " key_pseudonym varchar, column_name varchar, reason_code varchar"
    ),
}

# What Python writes between the two calls.
PREDICTION_TABLES = {
    "clv_order_scores": (
        "repeat_count bigint, first_to_last_days bigint, age_days bigint, p_alive double,"
        " p_active_30_days double, p_active_90_days double, p_active_365_days double,"
        " expected_orders_30_days double, expected_orders_90_days double,"
        " expected_orders_365_days double, discounted_expected_orders_365_days double,"
        " model_name varchar"
    ),
    "clv_spend_scores": (
        "order_count bigint, mean_order_value decimal(18,4), expected_order_value double,"
        " model_name varchar"
    ),
    "clv_model_runs": (
        "model_name varchar, purpose varchar, is_champion boolean, status varchar,"
        " reason varchar, fit_date date, customer_count bigint, tuple_count bigint,"
        " log_likelihood double, is_converged boolean, data_first_date date, data_last_date date"
    ),
    "clv_model_parameters": (
        "model_name varchar, purpose varchar, parameter varchar, value double,"
        " standard_error double"
    ),
}


def profile_id(kind: str, *key: str) -> str:
    """The id of a `customer` (source, id), an `email` (hash) or an `anonymous` (source, order)."""
    text = "".join(f"{len(part)}:{part}" for part in key)
    return hashlib.sha256(f"{kind}:{text}".encode()).hexdigest()


def contract_columns() -> dict[str, list[str]]:
    """Columns of each raw table: the contract's without those that are never stored."""
    tables = contract_tables(Project.here().raw_sources)
    return {name: list(table.stored_columns) for name, table in tables.items()}


def write_empty_world(
    connection: duckdb.DuckDBPyConnection, as_of_date: dt.date, clv_fit_date: dt.date
) -> None:
    """All raw, control and prediction tables, empty but for the day."""
    for schema in ("raw", "control", "predictions", "asof_predictions"):
        connection.execute(f"create schema if not exists {schema}")
    for table, columns in contract_columns().items():
        texts = ", ".join(f"{column} varchar" for column in columns)
        connection.execute(
            f"create or replace table raw.{table}"
            f" ({texts}, arrival_seq bigint, file_name varchar, row_number bigint)"
        )
    for table, columns in CONTROL_TABLES.items():
        connection.execute(f"create or replace table control.{table} ({columns})")
    for schema in ("predictions", "asof_predictions"):
        for table, columns in PREDICTION_TABLES.items():
            connection.execute(f"create or replace table {schema}.{table} ({columns})")
    write_as_of(connection, as_of_date, clv_fit_date)


def write_as_of(
    connection: duckdb.DuckDBPyConnection, as_of_date: dt.date, clv_fit_date: dt.date
) -> None:
    """The one row that says which day is built."""
    connection.execute("delete from control.as_of")
    connection.execute(
        "insert into control.as_of (as_of_date, intake_seq, clv_fit_date, definition_hash)"
        " values (?, 9223372036854775807, ?, 'definition')",
        [as_of_date, clv_fit_date],
    )


def deliver(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: Iterable[Mapping[str, object]],
    arrival_seq: int = 1,
) -> None:
    """Append rows to a raw table, as one file; values become text, None stays null.

    `source_system` is `shop` and `loaded_at` the end of 2024 unless a row says otherwise.
    """
    delivered = [
        {
            "source_system": "shop",
            "loaded_at": "2024-12-31T00:00:00Z",
            **{name: None if value is None else str(value) for name, value in row.items()},
        }
        for row in rows
    ]
    names = {name: None for row in delivered for name in row}
    texts = {name: pa.array([row.get(name) for row in delivered], pa.string()) for name in names}
    connection.register("delivered_rows", pa.table(texts))
    if delivered:
        connection.execute(
            f"insert into raw.{table} by name select *, {arrival_seq} as arrival_seq,"
            f" '{table}-{arrival_seq}.csv' as file_name, row_number() over () as row_number"
            " from delivered_rows"
        )
    connection.unregister("delivered_rows")
    connection.execute(
        "insert into control.deliveries values (?, ?, ?, 'accepted', ?, ?, 0, 0, 0)",
        [
            arrival_seq,
            f"{table}-{arrival_seq}.csv",
            table,
            len(delivered),
            len(delivered),
        ],
    )


def write_predictions(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: Iterable[Mapping[str, object]],
    schema: str = "predictions",
) -> None:
    """Append rows to a prediction table; columns that a row does not name are null."""
    for row in rows:
        marks = ", ".join("?" for _ in row)
        connection.execute(
            f"insert into {schema}.{table} ({', '.join(row)}) values ({marks})",
            list(row.values()),
        )
