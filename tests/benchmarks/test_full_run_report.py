"""The tables of the full-run benchmark: net of the fixed cost, ratios, aims and their verdicts."""

from __future__ import annotations

import argparse

import pytest

from benchmarks.full_run_benchmark import SIZES, Size, parse_size
from benchmarks.full_run_report import (
    Content,
    MeasuredShop,
    RunPair,
    aims_table,
    costs_table,
    median_cost,
    net_of,
    next_day_share,
    nodes_table,
    times_table,
)
from benchmarks.measured_process import Cost
from benchmarks.run_times import NodeTime, RunTimes

FIXED = RunPair(Cost(30.0, 20.0, 500.0, 700.0), Cost(25.0, 15.0, 500.0, 700.0))
TIMES = RunTimes(
    steps=(("intake", 100.0), ("first dbt call", 400.0)),
    nodes=(NodeTime("model.int_events", "foundation", 315.0),),
    tests_seconds=63.0,
    models_seconds=504.0,
)


def shop_of(events, *, full=630.0, next_day=115.0, peak=2500.0):
    return MeasuredShop(
        "some",
        Content(events=events, rows=events, later_events=1000, later_rows=1100),
        Cost(20.0, 40.0, 900.0),
        RunPair(Cost(full, 1220.0, peak, 2600.0), Cost(next_day, 100.0, 2000.0, 2100.0)),
        TIMES,
        TIMES,
    )


def row(table, *names):
    """The cells of the one row that begins with these."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    [found] = [line for line in cells if tuple(line[: len(names)]) == names]
    return found[len(names) :]


def test_the_median_round_counts_with_all_its_numbers():
    rounds = [Cost(9.0, 1.0, 1.0), Cost(2.0, 5.0, 7.0), Cost(1.0, 8.0, 9.0)]
    assert median_cost(rounds) == Cost(2.0, 5.0, 7.0)
    assert median_cost(rounds[1:]) == Cost(2.0, 5.0, 7.0)


def test_net_is_less_the_same_run_on_a_tiny_shop():
    net = net_of(shop_of(1000).runs, FIXED)
    assert (net.full.seconds, net.full.cpu_seconds) == (600.0, 1200.0)
    assert (net.next_day.seconds, net.next_day.cpu_seconds) == (90.0, 85.0)


def test_one_more_day_is_told_as_a_share_of_a_full_run_net_of_both_fixed_costs():
    assert next_day_share(shop_of(1000).runs, FIXED) == pytest.approx(0.15)
    assert next_day_share(shop_of(1000).runs, FIXED, "cpu_seconds") == pytest.approx(85 / 1200)
    table = aims_table([shop_of(1000)], FIXED)
    assert row(table, "one more day to full run, net, CPU", "some")[0] == "7.1%"


@pytest.mark.parametrize("full", [30.0, 29.0])
def test_there_is_no_share_of_a_run_that_costs_no_more_than_a_tiny_one(full):
    shop = shop_of(1000, full=full)
    assert next_day_share(shop.runs, FIXED) is None
    assert row(aims_table([shop], FIXED), "one more day to full run, net", "some")[0] == "–"


def test_a_full_run_is_told_in_bare_limits_as_measured():
    table = aims_table([shop_of(27_000_000)], FIXED)
    assert row(table, "full run to bare limit", "some") == ["31.5 ×", "30.0 ×", "**no**"]
    assert row(table, "full run to bare limit, CPU", "some")[0] == "30.5 ×"


def test_an_aim_is_met_at_its_edge():
    table = aims_table([shop_of(27_000_000, full=600.0, peak=8000.0)], FIXED)
    assert row(table, "full run to bare limit", "some") == ["30.0 ×", "30.0 ×", "yes"]
    assert row(table, "largest process", "some") == ["8.00 GB", "8.00 GB", "yes"]


def test_there_is_no_verdict_at_a_size_that_an_aim_is_not_set_for():
    small, large = (aims_table([shop_of(events)], FIXED) for events in (2_200_000, 101_000_000))
    for table in (small, large):
        assert row(table, "full run to bare limit", "some") == ["31.5 ×", "", ""]
    assert row(small, "one more day to full run, net", "some") == ["15.0%", "", ""]
    assert row(large, "one more day to full run, net", "some") == ["15.0%", "20.0%", "yes"]


def test_the_larger_of_the_fixed_costs_is_held_against_its_aim():
    assert row(aims_table([], FIXED), "fixed cost", "tiny") == ["30.0 s", "40.0 s", "yes"]
    slow_day = RunPair(FIXED.full, Cost(40.1, 1.0, 1.0))
    assert row(aims_table([], slow_day), "fixed cost", "tiny") == ["40.1 s", "40.0 s", "**no**"]


def test_the_larger_peak_of_both_runs_counts():
    shop = shop_of(1000, peak=1900.0)
    assert row(aims_table([shop], FIXED), "largest process", "some")[0] == "2.00 GB"


def test_every_measured_process_has_a_row():
    table = costs_table([shop_of(1000)], FIXED)
    assert row(table, "some: full run") == ["630.0", "1,220.0", "2,500", "2,600"]
    assert row(table, "some: one more day, net") == ["90.0", "85.0", "", ""]
    assert row(table, "some: bare limit, 1,000 events") == ["20.0", "40.0", "900", ""]


def test_what_is_in_no_step_is_told_too():
    table = times_table(shop_of(1000).runs.full, TIMES)
    assert row(table, "intake") == ["100.0", "15.9%"]
    assert row(table, "start, end and between steps") == ["130.0", "20.6%"]
    assert row(table, "**whole run**") == ["630.0", "100.0%"]


def test_nodes_are_told_as_shares_of_the_run():
    table = nodes_table(shop_of(1000).runs.full, TIMES)
    assert row(table, "model.int_events") == ["315.0", "50.0%"]
    assert row(table, "all data tests") == ["63.0", "10.0%"]


def test_a_size_is_named_or_told_in_people_and_events():
    assert parse_size("large") == ("large", SIZES["large"])
    assert parse_size("2000x60") == ("2000x60", Size(2000, 60.0))


@pytest.mark.parametrize("text", ["huge", "x60", "2000x", "2000"])
def test_any_other_size_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match=text):
        parse_size(text)
