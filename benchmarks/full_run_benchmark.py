"""How long a full run takes, and one more day on top, beside the least that reading takes.

    python -m benchmarks.full_run_benchmark
    python -m benchmarks.full_run_benchmark --sizes large
    python -m benchmarks.full_run_benchmark --sizes 2000x60
    python -m benchmarks.full_run_benchmark --shop made_before

Of each shop: its files are cut at a day. The bare limit reads the first part (`bare_limit`);
`strata run` builds the day from it in an empty home; then the second part is laid beside the
first, and `strata run` builds the next day in the same home. The same two runs on a shop of 100
people tell what a run costs before there are data; what is left is net. Tables go to standard
output, progress to standard error.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from benchmarks.full_run_report import (
    Content,
    MeasuredShop,
    RunPair,
    aims_table,
    costs_table,
    median_cost,
    nodes_table,
    times_table,
)
from benchmarks.measured_process import Cost, measure_way, run_measured
from benchmarks.run_times import RunTimes, newest_run_times
from benchmarks.split_landing import DAY_AFTER, UNTIL_DAY, split_landing
from orchestration.demo_shop.demo_maker import make_demo_shop
from orchestration.demo_shop.shop_calendar import LAST_DAY
from orchestration.paths import Home, Project
from orchestration.settings.settings_loader import load_configuration

SEED = 7


@dataclass(frozen=True, slots=True)
class Size:
    """People of a demo shop, and events a person."""

    people: int
    events_per_person: float


TINY = Size(100, 60)
# 2, 27 and 101 million events.
SIZES = {
    "small": Size(20_000, 110),
    "middle": Size(120_000, 225),
    "large": Size(450_000, 225),
}
DEFAULT_SIZES = ("small", "middle")


def parse_size(text: str) -> tuple[str, Size]:
    """A size by its name, or as people × events a person: "2000x60"."""
    if text in SIZES:
        return text, SIZES[text]
    people, _, events = text.partition("x")
    try:
        return text, Size(int(people), float(events))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"'{text}' is none of {', '.join(SIZES)}, nor people and events like 2000x60"
        ) from error


def say(line: str) -> None:
    """Progress, which is not part of what comes out."""
    print(line, file=sys.stderr, flush=True)


def lay_out(folder: Path, day: dt.date, size: Size | None, shop: Path | None) -> Content:
    """Make the shop where none is given, and cut its files into `landing` of the folder."""
    made = folder / "shop"
    if size is not None:
        make_demo_shop(
            made,
            customer_count=size.people,
            seed=SEED,
            events_per_person=size.events_per_person,
            progress=say,
        )
    say(f"cutting the files at the end of {day}")
    split = split_landing((shop or made) / "landing", folder / "landing", day)
    shutil.rmtree(made, ignore_errors=True)
    return Content(
        events=split.first_rows["events"],
        rows=split.first_rows.total(),
        later_events=split.later_rows["events"],
        later_rows=split.later_rows.total(),
    )


def lay_out_apart(folder: Path, day: dt.date, size: Size | None, shop: Path | None) -> Content:
    """The same in a process of its own, so that this one stays small."""
    told = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.full_run_benchmark"),
            *("--lay-out", str(folder), "--day", day.isoformat()),
            *(("--sizes", f"{size.people}x{size.events_per_person:g}") if size else ()),
            *(("--shop", str(shop)) if shop else ()),
        ],
        cwd=Project.here().root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Content(**json.loads(told.stdout))


def run_day(home: Home, landing: Path, day: dt.date) -> Cost:
    """`strata run` as its user calls it."""
    say(f"strata run --as-of {day}")
    cost = run_measured(
        [
            str(Path(sys.executable).with_name("strata")),
            *("run", "--landing", str(landing), "--as-of", day.isoformat()),
            *("--home", str(home.root)),
        ],
        Project.here().root,
    )
    # What comes after may fail, and this may have taken an hour.
    say(f"took {cost.seconds:.1f} s, CPU {cost.cpu_seconds:.1f} s")
    return cost


def run_both_days(folder: Path, day: dt.date) -> tuple[RunPair, RunTimes, RunTimes]:
    """A full run in a new home, and one more day on top, with where their time went."""
    home, landing = Home(folder / "home"), folder / "landing" / UNTIL_DAY
    full = run_day(home, landing, day)
    full_times = newest_run_times(home)
    # The second part arrives where the first did.
    for file in sorted((folder / "landing" / DAY_AFTER).glob("*/*")):
        file.rename(landing / file.parent.name / file.name)
    next_day = run_day(home, landing, day + dt.timedelta(days=1))
    return RunPair(full, next_day), full_times, newest_run_times(home)


def measure_bare(landing: Path, rounds: int) -> Cost:
    """The bare limit, some times over."""
    costs = []
    for number in range(1, rounds + 1):
        costs.append(
            measure_way("benchmarks.bare_limit", ["--landing", str(landing)], Project.here().root)
        )
        say(f"bare limit, round {number}: {costs[-1].seconds:.1f} s")
    return median_cost(costs)


def measure_fixed(folder: Path, day: dt.date, rounds: int) -> RunPair:
    """Both runs on a tiny shop. The first of all runs fills caches and does not count."""
    say(f"fixed cost, on {TINY.people} people")
    lay_out_apart(folder / "files", day, TINY, None)
    pairs = []
    for number in range(rounds + 1):
        place = folder / f"round_{number}"
        shutil.copytree(folder / "files", place)
        if number == 0:
            run_day(Home(place / "home"), place / "landing" / UNTIL_DAY, day)
        else:
            pairs.append(run_both_days(place, day)[0])
    return RunPair(
        median_cost([pair.full for pair in pairs]), median_cost([pair.next_day for pair in pairs])
    )


def measure_shop(
    name: str, folder: Path, day: dt.date, size: Size | None, shop: Path | None, rounds: int
) -> MeasuredShop:
    """All that is measured of one shop."""
    say(f"shop {name}")
    content = lay_out_apart(folder, day, size, shop)
    bare = measure_bare(folder / "landing" / UNTIL_DAY, rounds)
    runs, full_times, next_day_times = run_both_days(folder, day)
    return MeasuredShop(name, content, bare, runs, full_times, next_day_times)


def print_report(shops: Sequence[MeasuredShop], fixed: RunPair) -> None:
    """All tables, with the command and the machine."""
    settings = load_configuration(Project.here()).settings
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    print(f"`{shlex.join(['python', '-m', 'benchmarks.full_run_benchmark', *sys.argv[1:]])}`\n")
    print(
        f"{os.cpu_count()} cores, {memory:.0f} GB of memory, {platform.system()},"
        f" Python {platform.python_version()}, DuckDB {duckdb.__version__} with"
        f" {settings.threads} threads and {settings.memory_limit}\n"
    )
    print(costs_table(shops, fixed))
    print(f"\n{aims_table(shops, fixed)}")
    for shop in shops:
        told = shop.content
        print(
            f"\nShop {shop.name}: {told.rows:,} rows of all tables, {told.events:,} of them events;"
            f" the next day {told.later_rows:,} rows, {told.later_events:,} of them events."
        )
        for run, cost, times in (
            ("full run", shop.runs.full, shop.full_times),
            ("one more day", shop.runs.next_day, shop.next_day_times),
        ):
            print(f"\nShop {shop.name}, {run}:\n\n{times_table(cost, times)}")
            print(f"\n{nodes_table(cost, times)}")


def main() -> None:
    """Measure every shop asked for, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--sizes",
        nargs="+",
        type=parse_size,
        help=f"of {', '.join(SIZES)}, or PEOPLExEVENTS; default: {' '.join(DEFAULT_SIZES)}",
    )
    parser.add_argument("--shop", type=Path, help="a demo shop made before, instead; only read")
    parser.add_argument(
        "--day",
        type=dt.date.fromisoformat,
        default=LAST_DAY - dt.timedelta(days=1),
        help="of the full run; default: the last but one of the demo shop",
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="of the bare limit and the fixed cost; medians count"
    )
    parser.add_argument("--keep", type=Path, help="an empty folder, where files and homes stay")
    parser.add_argument("--lay-out", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.lay_out:
        [size] = [size for _, size in asked.sizes or ()] or [None]
        print(json.dumps(asdict(lay_out(asked.lay_out, asked.day, size, asked.shop))))
        return
    if asked.shop and asked.sizes:
        parser.error("--shop: a shop made before has its size")
    shop = asked.shop.resolve() if asked.shop else None
    if shop and not (shop / "landing").is_dir():
        parser.error(f"--shop: no folder {shop / 'landing'}")
    if asked.keep and asked.keep.exists() and any(asked.keep.iterdir()):
        parser.error(f"--keep: {asked.keep} is not empty")
    sizes = asked.sizes or [parse_size(name) for name in DEFAULT_SIZES]
    wanted = [(shop.name, None)] if shop else sizes
    with nullcontext(asked.keep) if asked.keep else tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve()
        rounds = max(1, asked.rounds)
        fixed = measure_fixed(root / "tiny", asked.day, rounds)
        shops = []
        for name, size in wanted:
            folder = root / name
            shops.append(measure_shop(name, folder, asked.day, size, shop, rounds))
            if not asked.keep:
                shutil.rmtree(folder)
        print_report(shops, fixed)


if __name__ == "__main__":
    main()
