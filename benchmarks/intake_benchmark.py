"""How long intake takes for a large CSV, beside what DuckDB needs to turn the same file to Parquet.

    python -m benchmarks.intake_benchmark --megabytes 1000 --rounds 3

Both are run in processes of their own, in turns, and told with their peak memory. DuckDB's time is
the floor: it parses and compresses, but hashes, checks and pseudonymises nothing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

import duckdb

from benchmarks.measured_process import Cost, measure_way, tell_cost
from orchestration.intake.take_in import take_in
from orchestration.paths import Home, Project

SEED = 20240229
# Some 105 bytes a row; a customer orders eight times on average, a few of them very often.
BYTES_PER_ROW = 105
ORDERS_PER_CUSTOMER = 8
MEMORY_LIMIT = "2GB"


def write_orders(path: Path, megabytes: int) -> int:
    """Write a seeded file of orders with accounts, guests and e-mail addresses.

    Returns:
        rows.
    """
    row_count = megabytes * 1_000_000 // BYTES_PER_ROW
    customers = max(1, row_count // ORDERS_PER_CUSTOMER)
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            copy (
                select
                    'webshop' as source_system,
                    printf('%09d', order_number) as order_id,
                    strftime(
                        timestamp '2022-01-01 00:00:00' + to_seconds(order_number * 7),
                        '%Y-%m-%d %H:%M:%S'
                    ) as ordered_at,
                    case when draw % 20 > 0 then printf('%08d', customer) else '0' end
                        as customer_id,
                    'customer.' || customer || '@example.com' as email,
                    'paid' as status,
                    'EUR' as currency,
                    printf('%.2f', (draw % 20000) / 100.0) as gross_amount,
                    printf('%.2f', (draw % 20000) / 100.0) as total_amount,
                    'web' as channel,
                    'DE' as ship_country
                from (
                    select
                        order_number,
                        hash(order_number + {SEED}) as draw,
                        -- Squaring a uniform draw makes some customers frequent, most of them rare.
                        floor(
                            pow((hash(order_number * 3 + {SEED}) % 1000000) / 1000000.0, 2)
                            * {customers}
                        )::bigint
                        + hash(order_number * 5 + {SEED}) % {max(1, customers // 1000)} as customer
                    from range({row_count}) as numbers (order_number)
                )
            ) to '{path}' (format csv, header)
            """
        )
    return row_count


def convert_bare(path: Path, folder: Path) -> None:
    """What DuckDB does by itself."""
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT}) as connection:
        connection.execute(
            f"copy (from read_csv('{path}', all_varchar = true))"
            f" to '{folder / 'bare.parquet'}' (format parquet)"
        )


def convert_by_intake(path: Path, folder: Path) -> None:
    """Intake of the same file into an empty home."""
    landing = folder / "landing"
    (landing / "orders").mkdir(parents=True)
    os.link(path, landing / "orders" / "orders.csv")
    report = take_in(
        Home(folder / "home"),
        landing,
        map_path=None,
        guest_ids=Project.here().config_tables / "guest_ids.csv",
        blocked_identifiers=Project.here().config_tables / "blocked_identifiers.csv",
        max_file_bytes=100 << 30,
        memory_limit=MEMORY_LIMIT,
    )
    if report.rows_accepted != report.rows_in or report.files_taken != 1:
        raise RuntimeError(f"not all was taken in: {report}")


def measure(way: str, path: Path) -> Cost:
    """One conversion in a process of its own."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        return measure_way(
            "benchmarks.intake_benchmark",
            ["--way", way, "--file", str(path), "--folder", folder],
            Project.here().root,
        )


def main() -> None:
    """Make the file, run both ways in turns, print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=("bare", "intake"), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        convert = {"bare": convert_bare, "intake": convert_by_intake}[asked.way]
        tell_cost(lambda: convert(asked.file, asked.folder))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        rows = write_orders(path, asked.megabytes)
        print(f"orders.csv: {path.stat().st_size / 1e6:,.0f} MB, {rows:,} rows")
        taken: dict[str, list[Cost]] = {"bare": [], "intake": []}
        for round_number in range(1, asked.rounds + 1):
            for way, results in taken.items():
                results.append(measure(way, path))
                cost = results[-1]
                print(
                    f"round {round_number}  {way:7s} {cost.seconds:7.2f} s"
                    f"  cpu {cost.cpu_seconds:7.2f} s  peak {cost.peak_megabytes:6.0f} MB",
                    flush=True,
                )
    for measured in ("seconds", "cpu_seconds"):
        bare, intake = (
            statistics.median(getattr(cost, measured) for cost in taken[way])
            for way in ("bare", "intake")
        )
        print(f"median {measured}: bare {bare:.2f}, intake {intake:.2f}, ratio {intake / bare:.2f}")


if __name__ == "__main__":
    main()
