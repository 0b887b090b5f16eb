"""How long RFM takes from ten million orders, in Strata's SQL and in the libraries beside it.

    python -m benchmarks.rfm_benchmark --orders 10000000 --rounds 3

All read the same Parquet file, each in a process of its own, in turns. The numbers that mean the
same are compared first; where they differ, there is nothing to compare times of. A library that is
not installed is left out, and why is said: `make bench` puts them into `.venv-bench`.
"""

from __future__ import annotations

import argparse
import shlex
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.compiled_models import compile_models
from benchmarks.measured_process import Cost, measure_way
from benchmarks.rfm_agreement import check_agreement
from benchmarks.rfm_orders import AS_OF_DATE
from benchmarks.rfm_strata import MODEL
from orchestration.paths import Project

INCLUDED = {
    "strata": "RFM models: measures, cut points frozen at the quarter, scores, segments, reasons",
    "strata_all": "the same from rows as delivered: parsing, checks, identity and all before RFM",
    "pandas": "measures, ranks in fifths; calculates in one thread",
    "pymc_marketing": "rfm_segments: measures, quarters, segments; as pandas",
    "lifetimes": "summary_data_from_transaction_data: measures; no scores; as pandas",
}
# What a peer imports.
PEERS = {"pandas": "pandas", "pymc_marketing": "pymc_marketing.clv", "lifetimes": "lifetimes.utils"}


def say(line: str) -> None:
    """Progress, which is not part of what comes out."""
    print(line, file=sys.stderr, flush=True)


def why_absent(python: Path, module: str) -> str | None:
    """Why a library can't be used with an interpreter; None where it can."""
    if not python.is_file():
        return f"no {python}"
    finished = subprocess.run(
        [str(python), "-c", f"import {module}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode == 0:
        return None
    return (finished.stderr.strip().splitlines() or ["it can't be imported"])[-1]


def measure(way: str, folder: Path, manifest: Path, python: Path) -> Cost:
    """One way, once; its numbers stay in the folder."""
    arguments = [
        *("--way", way, "--file", str(folder / "orders.parquet")),
        *("--as-of", AS_OF_DATE.isoformat(), "--result", str(result_of(way, folder))),
    ]
    root = Project.here().root
    if way in PEERS:
        return measure_way("benchmarks.rfm_peers", arguments, root, str(python))
    return measure_way("benchmarks.rfm_strata", [*arguments, "--manifest", str(manifest)], root)


def result_of(way: str, folder: Path) -> Path:
    """Where a way leaves its numbers."""
    return folder / f"{way}.parquet"


def medians(costs: Sequence[Cost]) -> Cost:
    """The median of each number."""
    return Cost(
        *(
            statistics.median(getattr(cost, measured) for cost in costs)
            for measured in ("seconds", "cpu_seconds", "peak_megabytes")
        )
    )


def ratios_table(costs: dict[str, Cost]) -> str:
    """A way a row, with its seconds and CPU seconds to those of Strata's RFM models."""
    ours = costs["strata"]
    lines = [
        "| way | seconds | CPU seconds | peak MB | seconds ÷ strata | CPU ÷ strata | includes |",
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for way, cost in costs.items():
        lines.append(
            f"| {way} | {cost.seconds:,.2f} | {cost.cpu_seconds:,.2f} | {cost.peak_megabytes:,.0f}"
            f" | {cost.seconds / ours.seconds:.2f} | {cost.cpu_seconds / ours.cpu_seconds:.2f}"
            f" | {INCLUDED[way]} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Make the orders, run every way in turns, compare the numbers, print the ratios."""
    root = Project.here().root
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--peers-python",
        type=Path,
        default=root / ".venv-bench" / "bin" / "python",
        help="interpreter of the environment with the peers",
    )
    asked = parser.parse_args()
    ways = {}
    for way in INCLUDED:
        reason = why_absent(asked.peers_python, PEERS[way]) if way in PEERS else None
        if reason:
            print(f"skipped: {way}: {reason}")
        else:
            ways[way] = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        say(f"making some {asked.orders:,} orders")
        subprocess.run(
            [
                *(sys.executable, "-m", "benchmarks.rfm_orders"),
                *("--orders", str(asked.orders), "--file", str(folder / "orders.parquet")),
            ],
            cwd=root,
            check=True,
        )
        say("compiling the models")
        manifest = compile_models(folder / "dbt", MODEL)
        for number in range(1, max(1, asked.rounds) + 1):
            for way, costs in ways.items():
                costs.append(measure(way, folder, manifest, asked.peers_python))
                say(f"round {number}  {way}: {costs[-1].seconds:.2f} s")
                if number == 1 and way != "strata":
                    customers = check_agreement(
                        *(result_of("strata", folder), result_of(way, folder), way),
                        by_customer=way != "strata_all",
                    )
    print(f"\n`{shlex.join(['python', '-m', 'benchmarks.rfm_benchmark', *sys.argv[1:]])}`\n")
    print(f"{customers:,} customers; what means the same is the same for each of them.\n")
    print(ratios_table({way: medians(costs) for way, costs in ways.items()}))


if __name__ == "__main__":
    main()
