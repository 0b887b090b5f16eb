"""What may and what may not be handed to the estimators."""

import numpy as np
import pytest

from orchestration.estimators.purchase_tuples import PurchaseTuples, SpendTuples

GOOD_PURCHASES = {
    "repeat_count": [0, 2],
    "first_to_last_days": [0, 30],
    "age_days": [10, 30],
    "customer_count": [5, 1],
}
GOOD_SPEND = {"order_count": [1, 3], "mean_order_value": [0.0, 9.5], "customer_count": [5, 1]}


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("repeat_count", [0, -1], "repeat_count is negative in 1 of 2 tuples"),
        ("repeat_count", [0, 1.5], "repeat_count is not whole in 1 of 2 tuples"),
        ("repeat_count", [0, 0], "disagree on whether there was a repeat order in 1 of 2"),
        ("first_to_last_days", [0, 0], "disagree on whether there was a repeat order in 1 of 2"),
        ("first_to_last_days", [0, 31], "first_to_last_days is above age_days in 1 of 2"),
        ("age_days", [np.nan, 30], "age_days is missing or infinite in 1 of 2"),
        ("age_days", [10, np.inf], "age_days is missing or infinite in 1 of 2"),
        ("age_days", [10, 30, 30], "differ in length (repeat_count 2, first_to_last_days 2,"),
        ("customer_count", [0, 1], "customer_count is zero in 1 of 2"),
        ("customer_count", [[5, 1]], "customer_count must have one dimension, it has 2"),
        ("customer_count", ["many", "few"], "customer_count has values that are no numbers"),
    ],
)
def test_purchases_that_cannot_be_a_history_are_refused_by_column(column, values, told):
    with pytest.raises(ValueError, match="PurchaseTuples: ") as fault:
        PurchaseTuples(**(GOOD_PURCHASES | {column: values}))
    assert told in str(fault.value)


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("order_count", [0, 3], "order_count is zero in 1 of 2"),
        ("order_count", [1.5, 3], "order_count is not whole in 1 of 2"),
        ("mean_order_value", [-1, 3], "mean_order_value is negative in 1 of 2"),
        ("mean_order_value", [np.nan, 3], "mean_order_value is missing or infinite in 1 of 2"),
    ],
)
def test_spend_that_cannot_be_is_refused_by_column(column, values, told):
    with pytest.raises(ValueError, match="SpendTuples: ") as fault:
        SpendTuples(**(GOOD_SPEND | {column: values}))
    assert told in str(fault.value)


def test_columns_become_floats_that_nobody_can_change_afterwards():
    given = np.array([0, 2])
    tuples = PurchaseTuples(**(GOOD_PURCHASES | {"repeat_count": given}))
    given[:] = 9
    assert tuples.repeat_count.tolist() == [0.0, 2.0]
    assert tuples.repeat_count.dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        tuples.repeat_count[0] = 1


def test_a_customer_of_today_and_no_customers_at_all_are_histories():
    assert len(PurchaseTuples([0], [0], [0], [1])) == 1
    assert len(PurchaseTuples([], [], [], [])) == 0
    assert len(SpendTuples([], [], [])) == 0
    assert len(SpendTuples(**GOOD_SPEND)) == 2
