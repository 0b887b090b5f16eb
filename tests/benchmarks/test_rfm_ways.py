"""The RFM benchmark: fair orders, Strata's own models on them, and a comparison that can fail."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from benchmarks.compiled_models import CompiledModels, compile_models
from benchmarks.measured_process import Cost
from benchmarks.rfm_agreement import DisagreementError, check_agreement
from benchmarks.rfm_benchmark import medians, ratios_table, why_absent
from benchmarks.rfm_orders import AS_OF_DATE, write_orders
from benchmarks.rfm_peers import COMPARED, by_pandas
from benchmarks.rfm_strata import MODEL, build, leave_numbers


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    path = tmp_path_factory.mktemp("orders") / "orders.parquet"
    write_orders(path, 3000)
    return path


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return CompiledModels.read(compile_models(tmp_path_factory.mktemp("dbt"), MODEL))


def test_nobody_has_two_orders_on_a_day_and_all_lie_in_the_window(orders):
    [(count, days, ids, least, most)] = duckdb.execute(
        "select count(*), count(distinct (customer_id, ordered_at::date)),"
        f" count(distinct order_id), min(date '{AS_OF_DATE}' - ordered_at::date),"
        f" max(date '{AS_OF_DATE}' - ordered_at::date) from '{orders}'"
    ).fetchall()
    assert 2000 < count < 4500
    assert days == ids == count
    assert 0 <= least < most < 730


def test_orders_are_the_same_each_time(orders, tmp_path):
    write_orders(tmp_path / "again.parquet", 3000)
    assert pd.read_parquet(tmp_path / "again.parquet").equals(pd.read_parquet(orders))


@pytest.mark.parametrize("name", ["strata", pytest.param("strata_all", marks=pytest.mark.long)])
def test_strata_has_the_numbers_of_pandas(orders, models, tmp_path, name):
    with contextlib.closing(build(name, models, orders, AS_OF_DATE, tmp_path)) as connection:
        leave_numbers(connection, tmp_path / "strata.parquet")
        codes = connection.execute(
            "select count(distinct segment_code), count(reason) from marts.rfm_segments"
        ).fetchall()
    found = by_pandas(orders, AS_OF_DATE)
    found[[name for name in COMPARED if name in found]].to_parquet(tmp_path / "pandas.parquet")
    customers = check_agreement(
        *(tmp_path / "strata.parquet", tmp_path / "pandas.parquet", "pandas"),
        by_customer=name == "strata",
    )
    assert customers == len(found) == codes[0][1]
    assert codes[0][0] > 3


ROWS = {
    "customer_id": ["a", "b"],
    "recency_days": [3, 5],
    "order_count": [2, 1],
    "monetary_total": [20.5, 7.0],
    "age_days": [30, 5],
    "mean_repeat_order_value": [10.1234, None],
}


def held(tmp_path, by_customer=True, **changed):
    pd.DataFrame(ROWS).to_parquet(tmp_path / "ours.parquet")
    theirs = {name: values for name, values in (ROWS | changed).items() if values is not None}
    pd.DataFrame(theirs).to_parquet(tmp_path / "theirs.parquet")
    return check_agreement(
        tmp_path / "ours.parquet", tmp_path / "theirs.parquet", "theirs", by_customer=by_customer
    )


def test_the_same_numbers_agree(tmp_path):
    assert held(tmp_path) == 2


def test_what_a_library_does_not_tell_is_not_compared(tmp_path):
    assert held(tmp_path, age_days=None, monetary_total=None) == 2


def test_rounding_and_no_mean_agree(tmp_path):
    assert held(tmp_path, monetary_total=[20.501, 7.0], mean_repeat_order_value=[10.12342, 0]) == 2


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"recency_days": [3, 6]}, "recency_days: 1"),
        ({"order_count": [3, 1]}, "order_count: 1"),
        ({"monetary_total": [20.51, 7.0]}, "monetary_total: 1"),
        ({"monetary_total": [20.5, None]}, "monetary_total: 1"),
        ({"age_days": [31, 6]}, "age_days: 2"),
        ({"mean_repeat_order_value": [10.1234, 0.5]}, "mean_repeat_order_value: 1"),
        ({"customer_id": ["a", "c"]}, "customers of one side only: 2"),
    ],
)
def test_a_number_that_differs_stops_the_comparison(tmp_path, changed, told):
    with pytest.raises(DisagreementError, match=told):
        held(tmp_path, **changed)


def test_rows_are_compared_in_their_order_where_ids_are_a_ways_own(tmp_path):
    renamed = {"customer_id": ["y", "x"]}
    assert held(tmp_path, by_customer=False, **renamed) == 2
    with pytest.raises(DisagreementError, match="order_count: 1"):
        held(tmp_path, by_customer=False, **renamed, order_count=[2, 3])


def test_ratios_are_to_strata_and_medians_are_of_each_number():
    costs = [Cost(1.0, 5.0, 10.0), Cost(3.0, 1.0, 30.0), Cost(2.0, 3.0, 20.0)]
    assert medians(costs) == Cost(2.0, 3.0, 20.0)
    table = ratios_table({"strata": Cost(2.0, 4.0, 10.0), "pandas": Cost(5.0, 3.0, 10.0)})
    assert "| pandas | 5.00 | 3.00 | 10 | 2.50 | 0.75 |" in table


def test_a_peer_that_is_absent_is_told_with_its_reason(tmp_path):
    assert why_absent(Path(sys.executable), "json") is None
    assert "no_such_peer" in why_absent(Path(sys.executable), "no_such_peer")
    assert why_absent(tmp_path / "python", "json") == f"no {tmp_path / 'python'}"
