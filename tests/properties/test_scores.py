"""Scores and segments: equal data, equal score; more is never less; one segment of each type."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from decimal import Decimal

import pytest

from orchestration.paths import Project
from tests.properties.random_shop import random_world
from tests.properties.world_build import build, world_of
from tests.properties.world_checks import by_profile, see_it_fail, seeds

SCORES = "recency_score, frequency_score, monetary_score"
FIFTHS = [Decimal(share) / 10 for share in (2, 4, 6, 8)]


@pytest.fixture(scope="module")
def strata(whole):
    """RFM alone, where a test does not ask for the whole."""
    return whole.up_to("rfm_segments")


def scored_rows(strata, seed):
    """(recency, orders, money, R, F, M) of each buyer with scores."""
    with build(strata, random_world(seed)) as built:
        return built.rows(
            f"select recency_days, order_count, monetary_total, {SCORES} from marts.rfm_segments"
            " where recency_score is not null"
        )


def check_equal_scores(strata, seed):
    rows = scored_rows(strata, seed)
    for measure in range(3):
        seen = defaultdict(set)
        for row in rows:
            seen[row[measure]].add(row[3 + measure])
        assert all(len(scores) == 1 for scores in seen.values()), dict(seen)


@pytest.mark.parametrize("seed", seeds(4))
def test_equal_data_has_an_equal_score(strata, seed):
    check_equal_scores(strata, seed)


def test_ntile_is_seen(strata):
    broken = strata.with_bug(
        "int_rfm_scores",
        "measure_scores.recency_score end as",
        "ntile(5) over (order by measure_scores.recency_score) end as",
    )
    see_it_fail(check_equal_scores, broken)


def check_monotone(strata, seed):
    rows = scored_rows(strata, seed)
    for measure, direction in ((0, -1), (1, 1), (2, 1)):
        scores = [row[3 + measure] * direction for row in sorted(rows, key=lambda r: r[measure])]
        assert scores == sorted(scores)
        assert set(map(abs, scores)) <= {1, 2, 3, 4, 5}


@pytest.mark.parametrize("seed", seeds(4))
def test_more_recent_more_orders_and_more_money_never_score_lower(strata, seed):
    check_monotone(strata, seed)


@pytest.mark.parametrize(
    ("model", "old", "new"),
    [
        ("int_rfm_scores", "bands.score end) as freq", "6 - bands.score end) as freq"),
        ("int_rfm_measures", "cast(recency_days as", "cast(-recency_days as"),
        (
            "int_rfm_bands",
            "partition by measure order by cutoff) as upper",
            "order by cutoff) as upper",
        ),
    ],
)
def test_a_score_that_runs_the_wrong_way_is_seen(strata, model, old, new):
    see_it_fail(check_monotone, strata.with_bug(model, old, new))


def check_fifths(strata, seed):
    """A score says how many fifths of the buyers at the cut points' day lie wholly below."""
    with build(strata, random_world(seed)) as built:
        population = built.rows(
            "select recency_days, monetary_total from intermediate.int_purchase_windows"
            " where is_in_window and anchor_role = ("
            "   select any_value(case when cut_points_as_of = 'as_of_date' then 'as_of'"
            "   else 'cut_points' end) from intermediate.int_rfm_cut_points)"
        )
        rows = built.rows(
            "select recency_days, monetary_total, recency_score, monetary_score"
            " from marts.rfm_segments where recency_score is not null"
        )
    for measure, first, step in ((0, 5, -1), (1, 1, 1)):
        values = [person[measure] for person in population]
        if len(set(values)) == 1:
            assert {row[2 + measure] for row in rows} <= {3}
            continue
        for row in rows:
            below = sum(value < row[measure] for value in values)
            passed = sum(below >= fifth * len(values) for fifth in FIFTHS)
            assert row[2 + measure] == first + step * passed


@pytest.mark.parametrize("seed", seeds(4))
def test_a_quantile_score_counts_the_fifths_that_lie_below(strata, seed):
    check_fifths(strata, seed)


def test_cut_points_of_everybody_instead_of_the_windows_buyers_are_seen(strata):
    broken = strata.with_bug("int_rfm_cut_points", "where is_in_window", "where true")
    see_it_fail(check_fifths, broken, range(40))


def check_increasing_map(strata, seed):
    """Money through a strictly increasing map, from where cut points are taken on."""
    mapped = strata.with_bug(
        "int_rfm_measures",
        "monetary_total as measure_value",
        "cast(monetary_total * abs(monetary_total) + monetary_total as decimal(38, 8))",
    )
    world = random_world(seed)
    with build(strata, world) as built:
        expected = by_profile(built, f"segment_code, {SCORES}", "rfm_segments")
    with build(mapped, world) as built:
        assert by_profile(built, f"segment_code, {SCORES}", "rfm_segments") == expected


@pytest.mark.parametrize("seed", seeds(3))
def test_a_strictly_increasing_map_of_money_keeps_all_scores(strata, seed):
    check_increasing_map(strata, seed)


def test_a_cut_point_between_two_values_is_seen(strata):
    broken = strata.with_bug(
        "int_rfm_cut_points",
        "min(cumulated.measure_value)",
        "avg(cumulated.measure_value)::decimal(18, 4)",
    )
    see_it_fail(check_increasing_map, broken)


def alike_but_for(recency, money):
    """Ten buyers; days and money differ only where a step is given."""
    day = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
    orders = [
        {
            "order_id": f"o{n}",
            "customer_id": f"c{n}",
            "ordered_at": day - n * recency * dt.timedelta(days=1),
            "status": "paid",
            "currency": "USD",
            "total_amount": 10 + n * money,
        }
        for n in range(10)
    ]
    return world_of(dt.date(2024, 6, 30), orders=orders)


def check_alike(strata, steps):
    with build(strata, alike_but_for(*steps)) as built:
        rows = built.rows(f"select {SCORES} from marts.rfm_segments")
    recency, money = steps
    expected = (None, None) if steps == (0, 0) else ({3}, {3})
    assert recency or {row[0] for row in rows} == (expected[0] or {None})
    assert money or {row[2] for row in rows} == (expected[1] or {None})
    assert {row[1] for row in rows} == ({None} if steps == (0, 0) else {1})


ALIKE = [(0, 0), (0, 1), (1, 0)]


@pytest.mark.parametrize("steps", ALIKE)
def test_where_all_are_alike_all_score_the_middle_or_nothing(strata, steps):
    check_alike(strata, steps)


def test_a_best_score_for_everybody_is_seen(strata):
    broken = strata.with_bug("int_rfm_bands", "is_alike then score = 3", "is_alike then score = 5")
    see_it_fail(check_alike, broken, ALIKE)


def config_rows(name):
    with (Project.here().config_tables / f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def check_one_segment(strata, seed):
    labels = {
        "rfm": {row["segment_code"] for row in config_rows("rfm_segment_definitions")},
        "clv_tier": {row["tier_code"] for row in config_rows("clv_tiers")} | {"insufficient_data"},
        "churn_risk": {row["band_code"] for row in config_rows("churn_bands")}
        | {"insufficient_data"},
    }
    for row in config_rows("segment_definitions"):
        labels.setdefault(row["segment_type"], set()).add(row["segment_code"])
    exclusive = {
        row["segment_type"] for row in config_rows("segment_types") if row["is_exclusive"] == "true"
    }
    with build(strata, random_world(seed)) as built:
        people = built.rows("select profile_id from marts.customer_360")
        members = built.rows(
            "select segment_type, segment_code, profile_id from marts.segment_memberships"
        )
    in_type = defaultdict(list)
    for segment_type, segment_code, profile_id in members:
        in_type[segment_type].append((profile_id,))
        assert segment_code in labels[segment_type]
    for segment_type in exclusive:
        assert sorted(in_type[segment_type]) == sorted(people), segment_type


@pytest.mark.parametrize("seed", seeds(2))
def test_everybody_has_one_segment_of_each_exclusive_type_and_sizes_add_up(whole, seed):
    check_one_segment(whole, seed)


@pytest.mark.parametrize(
    ("model", "old", "new"),
    [
        (
            "segment_memberships",
            "from rfm_segments union",
            "from rfm_segments where segment_code <> 'prospect' union",
        ),
        ("probabilistic_segments", "'insufficient_data') as churn_risk,", "'?') as churn_risk,"),
        ("int_profiles", "group by profile_id", "group by profile_id, created_at"),
    ],
)
def test_a_person_without_a_segment_or_with_two_is_seen(whole, model, old, new):
    see_it_fail(check_one_segment, whole.with_bug(model, old, new))


def check_data_tests(strata, seed):
    with build(strata, random_world(seed)) as built:
        assert built.failing_data_tests() == []


@pytest.fixture(scope="module")
def tested(compiler, whole):
    return compiler.compile_with_tests(**whole.dbt_vars)


@pytest.mark.parametrize("seed", seeds(2))
def test_every_data_test_passes_in_every_world(tested, seed):
    check_data_tests(tested, seed)


def test_a_data_test_that_fails_is_seen(tested):
    broken = tested.with_bug("int_order_line_totals", "sum(line_amount)", "max(line_amount)")
    see_it_fail(check_data_tests, broken)
