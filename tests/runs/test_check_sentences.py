"""What Dagster's pages say of a dbt test."""

import pytest

from orchestration.warehouse.dbt_check_texts import check_sentence

STOPS = " A violation stops the run before anything is published."


def generic(name, **arguments):
    return {"name": "x", "test_metadata": {"name": name, "kwargs": arguments}, "config": {}}


@pytest.mark.parametrize(
    ("test", "sentence"),
    [
        (generic("unique", column_name="profile_id"), "No two rows have the same `profile_id`."),
        (generic("not_null", column_name="tier"), "`tier` is filled in every row."),
        (
            generic("unique_combination", column_names=["a", "b", "c"]),
            "No two rows have the same `a`, `b` and `c` together.",
        ),
        (
            generic("accepted_values", column_name="basis", values=["own"]),
            "`basis` is nothing else than `own`.",
        ),
        (
            generic("accepted_range", column_name="share", minimum=0, maximum=1),
            "`share` is between 0 and 1.",
        ),
        (generic("accepted_range", column_name="n", minimum=1), "`n` is at least 1."),
        (
            generic("relationships", column_name="tier", to="ref('tiers')", field="tier_code"),
            "Every `tier` is a `tier_code` of `tiers`.",
        ),
        (generic("something_new", column_name="n"), "Something new."),
        (
            {"name": "assert_net_revenue_adds_up_to_the_orders", "config": {}},
            "Net revenue adds up to the orders.",
        ),
        ({"name": "assert_x", "description": "X is so.", "config": {}}, "X is so."),
    ],
)
def test_a_test_is_told_in_a_sentence(test, sentence):
    assert check_sentence(test) == sentence + STOPS


def test_a_test_of_some_rows_that_only_warns_says_so():
    test = generic("unique", column_name="id") | {"config": {"where": "is_on", "severity": "WARN"}}
    assert check_sentence(test) == (
        "No two rows have the same `id`. Looked at are rows where is_on."
        " A violation is told and stops nothing."
    )
