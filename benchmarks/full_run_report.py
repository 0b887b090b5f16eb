"""What the numbers of the full-run benchmark say: ratios, net of the fixed cost, aims, as Markdown.

Measuring stands elsewhere; here is arithmetic, and tables of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.measured_process import Cost
from benchmarks.run_times import RunTimes

# Aims, each at the size for which it is set.
MOST_TIMES_BARE = 30.0
LARGEST_NEXT_DAY_SHARE = 0.20
LONGEST_FIXED_SECONDS = 40.0
MOST_GIGABYTES = 8.0
# From so many events on, a shop counts as of the middle size and as a large one.
MIDDLE_EVENTS, LARGE_EVENTS = 15_000_000, 60_000_000


@dataclass(frozen=True, slots=True)
class RunPair:
    """A full run and one more day on top of it."""

    full: Cost
    next_day: Cost


@dataclass(frozen=True, slots=True)
class Content:
    """What a shop's files hold: up to the day of the full run, and what the next day brought."""

    events: int
    rows: int
    later_events: int
    later_rows: int


@dataclass(frozen=True, slots=True)
class MeasuredShop:
    """What was measured of one shop.

    Attributes:
        name: as it was asked for.
        content: what its files hold.
        bare: the bare limit, on the files of the full run.
        runs: the two runs.
        full_times, next_day_times: where their time went.
    """

    name: str
    content: Content
    bare: Cost
    runs: RunPair
    full_times: RunTimes
    next_day_times: RunTimes

    @property
    def size(self) -> str:
        """Which of the sizes that aims are set for it belongs to."""
        if self.content.events >= LARGE_EVENTS:
            return "large"
        return "middle" if self.content.events >= MIDDLE_EVENTS else "small"

    @property
    def times_bare(self) -> float:
        """Seconds of the full run, as measured, to those of the bare limit."""
        return self.runs.full.seconds / self.bare.seconds

    @property
    def cpu_times_bare(self) -> float:
        """The same in CPU seconds."""
        return self.runs.full.cpu_seconds / self.bare.cpu_seconds

    @property
    def peak_gigabytes(self) -> float:
        """Of the largest process of both runs."""
        return max(self.runs.full.peak_megabytes, self.runs.next_day.peak_megabytes) / 1000


def median_cost(costs: Sequence[Cost]) -> Cost:
    """The one with the median seconds; of an even number the slower of the two in the middle."""
    return sorted(costs, key=lambda cost: cost.seconds)[len(costs) // 2]


def net_of(measured: RunPair, fixed: RunPair) -> RunPair:
    """What the data cost: seconds and CPU seconds less those of the same run on a tiny shop."""

    def less(cost: Cost, fixed_cost: Cost) -> Cost:
        return Cost(
            seconds=cost.seconds - fixed_cost.seconds,
            cpu_seconds=cost.cpu_seconds - fixed_cost.cpu_seconds,
            peak_megabytes=cost.peak_megabytes,
        )

    return RunPair(less(measured.full, fixed.full), less(measured.next_day, fixed.next_day))


def next_day_share(
    measured: RunPair,
    fixed: RunPair,
    what: Literal["seconds", "cpu_seconds"] = "seconds",
) -> float | None:
    """Seconds of one more day to those of the full run, both net of the fixed cost.

    None where the full run takes no longer than one on a tiny shop: there is nothing to compare.
    """
    net = net_of(measured, fixed)
    whole, day = getattr(net.full, what), getattr(net.next_day, what)
    return day / whole if whole > 0 else None


def costs_table(shops: Sequence[MeasuredShop], fixed: RunPair) -> str:
    """Every measured process in a row."""
    rows = [
        _cost_row("fixed: full run of 100 people", fixed.full),
        _cost_row("fixed: one more day", fixed.next_day),
    ]
    for shop in shops:
        net = net_of(shop.runs, fixed)
        rows += [
            _cost_row(f"{shop.name}: bare limit, {shop.content.events:,} events", shop.bare),
            _cost_row(f"{shop.name}: full run", shop.runs.full),
            _cost_row(f"{shop.name}: full run, net", net.full, has_peak=False),
            _cost_row(
                f"{shop.name}: one more day, {shop.content.later_events:,} events",
                shop.runs.next_day,
            ),
            _cost_row(f"{shop.name}: one more day, net", net.next_day, has_peak=False),
        ]
    return _table(("", "seconds", "CPU seconds", "largest process MB", "all processes MB"), rows)


def aims_table(shops: Sequence[MeasuredShop], fixed: RunPair) -> str:
    """Each aim, what came out, and whether it is met; no verdict at sizes that it isn't set for."""
    fixed_seconds = max(fixed.full.seconds, fixed.next_day.seconds)
    rows = [
        _aim_row("fixed cost", "tiny", fixed_seconds, LONGEST_FIXED_SECONDS, "{:.1f} s", True),
    ]
    for shop in shops:
        share = next_day_share(shop.runs, fixed)
        cpu_share = next_day_share(shop.runs, fixed, "cpu_seconds")
        rows += [
            _aim_row(
                *("full run to bare limit", shop.name, shop.times_bare, MOST_TIMES_BARE),
                *("{:.1f} ×", shop.size == "middle"),
            ),
            ("full run to bare limit, CPU", shop.name, f"{shop.cpu_times_bare:.1f} ×", "", ""),
            _aim_row(
                *("one more day to full run, net", shop.name, share, LARGEST_NEXT_DAY_SHARE),
                *("{:.1%}", shop.size == "large"),
            ),
            (
                *("one more day to full run, net, CPU", shop.name),
                *("–" if cpu_share is None else f"{cpu_share:.1%}", "", ""),
            ),
            _aim_row(
                *("largest process", shop.name, shop.peak_gigabytes, MOST_GIGABYTES),
                *("{:.2f} GB", True),
            ),
        ]
    return _table(("", "shop", "measured", "aim: at most", "met"), rows)


def times_table(cost: Cost, times: RunTimes) -> str:
    """Where a run's wall time went, step by step; dbt's nodes run two at a time."""
    in_steps = sum(seconds for _, seconds in times.steps)
    steps = [*times.steps, ("start, end and between steps", cost.seconds - in_steps)]
    rows = [_share_row(name, seconds, cost.seconds) for name, seconds in steps]
    rows.append(_share_row("**whole run**", cost.seconds, cost.seconds))
    return _table(("step", "seconds", "share"), rows)


def nodes_table(cost: Cost, times: RunTimes) -> str:
    """The slowest dbt nodes; two run at a time, so shares of the run may add up to two."""
    rows = [_share_row(node.name, node.seconds, cost.seconds) for node in times.nodes]
    rows += [
        _share_row("all models and seeds", times.models_seconds, cost.seconds),
        _share_row("all data tests", times.tests_seconds, cost.seconds),
    ]
    return _table(("dbt node", "seconds", "of the run's seconds"), rows)


def _cost_row(name: str, cost: Cost, *, has_peak: bool = True) -> tuple[str, ...]:
    tree = cost.tree_peak_megabytes
    return (
        name,
        f"{cost.seconds:,.1f}",
        f"{cost.cpu_seconds:,.1f}",
        f"{cost.peak_megabytes:,.0f}" if has_peak else "",
        "" if tree is None else f"{tree:,.0f}",
    )


def _aim_row(
    name: str, shop: str, measured: float | None, aim: float, how: str, is_set_for_it: bool
) -> tuple[str, ...]:
    told = "–" if measured is None else how.format(measured)
    if not is_set_for_it or measured is None:
        return (name, shop, told, "", "")
    return (name, shop, told, how.format(aim), "yes" if measured <= aim else "**no**")


def _share_row(name: str, seconds: float, whole: float) -> tuple[str, ...]:
    return (name, f"{seconds:,.1f}", f"{seconds / whole:.1%}")


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
