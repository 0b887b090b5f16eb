"""Rejected rows in a line: which input, how many, mostly for what."""

import duckdb
import pytest

from orchestration.paths import Home
from orchestration.runs.reject_counts import (
    is_stopped_by_rejects,
    published_rejects_told,
    too_many_rejects_told,
)
from orchestration.warehouse.duckdb_warehouse import Warehouse


@pytest.fixture
def warehouse(tmp_path):
    """A build with 20 orders of which one, and 1,000 lines of which 142, were rejected."""
    made = Warehouse(tmp_path / "build.duckdb", "1GB", 1, tmp_path / "scratch")
    made.execute(
        """
        create schema intermediate;
        create table intermediate.int_input_row_counts as
        from (values ('orders', 1, 20), ('order_items', 1420, 10000))
            as counts (input_name, rejected_row_count, delivered_row_count);
        create table intermediate.int_rejected_rows as
        select 'order_items' as input_name, 'too_many_decimals' as reject_reason,
            'unit_price' as reject_column
        from range(1400)
        union all
        select 'order_items', 'wrong_column_count', null from range(20)
        union all
        select 'orders', 'missing', 'ordered_at' from range(1);
        """
    )
    return made


def test_the_input_over_the_limit_is_told_with_its_most_frequent_reason(warehouse):
    assert too_many_rejects_told(warehouse, "intermediate", 0.05) == (
        "order_items: 1,420 of 10,000 rows (14.2%) rejected, most for too_many_decimals in"
        " unit_price; limit max_reject_share 5%; nothing was published"
    )


def test_a_reason_that_names_no_column_stands_alone(warehouse):
    warehouse.execute("delete from intermediate.int_rejected_rows where reject_column is not null")
    told = too_many_rejects_told(warehouse, "intermediate", 0.05)
    assert ", most for wrong_column_count; limit" in told


def test_a_share_at_the_limit_is_not_over_it(warehouse):
    assert too_many_rejects_told(warehouse, "intermediate", 0.142) is None


@pytest.mark.parametrize(
    ("failed", "is_stopped"),
    [
        (["unique_stg_orders_id", "reject_share_of_order_items_is_within_limit"], True),
        (["assert_reject_share_of_other_inputs_is_within_limit"], True),
        (["unique_stg_orders_id"], False),
        ([], False),
    ],
)
def test_only_the_tests_of_the_share_are_told_as_rejects(failed, is_stopped):
    assert is_stopped_by_rejects(failed) == is_stopped


def test_published_rejects_are_a_line_an_input(tmp_path):
    home = Home(tmp_path)
    with duckdb.connect(str(home.published_db)) as connection:
        connection.execute(
            """
            create schema marts;
            create table marts.data_quality_report as
            from (values
                ('refunds', 'delivered_rows', 7), ('refunds', 'rejected_rows', 0),
                ('orders', 'delivered_rows', 306), ('orders', 'rejected_rows', 5),
                ('events', 'rejected_rows', 1200), ('events', 'delivered_rows', 34000)
            ) as report (input_name, check_code, row_count);
            """
        )
    assert published_rejects_told(home) == [
        "events: 1,200 of 34,000 rows rejected; see marts.rejected_records",
        "orders: 5 of 306 rows rejected; see marts.rejected_records",
    ]
