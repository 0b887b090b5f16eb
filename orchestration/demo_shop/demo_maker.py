"""Make a demo shop: draw, shape, plant dirt, write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.demo_shop.demo_catalogue import draw_catalogue
from orchestration.demo_shop.demo_exchange_rates import draw_exchange_rates, exchange_rate_table
from orchestration.demo_shop.demo_people import draw_people
from orchestration.demo_shop.demo_purchases import draw_purchases
from orchestration.demo_shop.demo_returns import draw_returns
from orchestration.demo_shop.demo_tables import TABLES, DrawnShop, shape_tables
from orchestration.demo_shop.demo_truth import shape_truth
from orchestration.demo_shop.dirt_planter import plant_dirt
from orchestration.demo_shop.landing_writer import write_landing, write_truth
from orchestration.demo_shop.shop_calendar import LAST_DAY
from orchestration.errors import StrataError

_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class DemoShop:
    """What was made, and where."""

    landing: Path
    """The folder to take in: a subfolder per table."""
    truth: Path
    """The planted parameters and dirt counts, beside the landing folder."""
    files: tuple[Path, ...]
    """The landing files."""
    row_counts: Mapping[str, int]
    """Rows by table, dirt included."""
    planted_counts: Mapping[tuple[str, str], int]
    """Rows by (table, kind), for every kind that the input contract has a rule for."""
    rejected_counts: Mapping[str, int]
    """Planted rows by table that the contract has rejected."""
    last_day: date
    """The last day of the history, the same for every shop."""


def make_demo_shop(
    target: Path,
    *,
    customer_count: int = 3000,
    seed: int = 7,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> DemoShop:
    """Write a demo shop's landing files and its truth.

    Args:
        target: gets the folders `landing` and `truth`; files of an earlier shop are replaced.
        customer_count: people in the shop, accounts, guests and prospects together.
        seed: the same seed and number of people give the same bytes.
        threads: of DuckDB; the files are the same with any number.
        progress: called with a line of text when a step begins.

    Raises:
        StrataError: a number out of range.
    """
    if customer_count < 1:
        raise StrataError(f"demo shop: {customer_count} customers; give at least 1")
    if not 0 <= seed <= _LARGEST_SEED:
        raise StrataError(f"demo shop: seed {seed}; give a whole number from 0 to {_LARGEST_SEED}")
    tell = progress if progress is not None else lambda _: None
    tell(f"drawing {customer_count} people and their orders")
    shop = _draw(seed, customer_count)
    settings = {} if threads is None else {"threads": threads}
    with duckdb.connect(config=settings) as connection:
        tell("shaping tables")
        shape_tables(connection, shop)
        shape_truth(connection)
        tell("planting dirt")
        plant_dirt(connection, seed)
        tell("writing files")
        landing, truth = target / "landing", target / "truth"
        files = write_landing(connection, landing)
        write_truth(connection, truth)
        planted = connection.execute(
            "select table_name, kind, row_count, is_rejected from planted_dirt order by all"
        ).fetchall()
        row_counts = {
            table: connection.execute(f"select count(*) from {table}").fetchone()[0]
            for table in TABLES
        }
    return DemoShop(
        landing=landing,
        truth=truth,
        files=tuple(files),
        row_counts=row_counts,
        planted_counts={(table, kind): rows for table, kind, rows, _ in planted},
        rejected_counts={
            name: sum(
                rows for table, _, rows, is_rejected in planted if is_rejected and table == name
            )
            for name in TABLES
        },
        last_day=LAST_DAY,
    )


def _draw(seed: int, customer_count: int) -> DrawnShop:
    usd_per_eur = draw_exchange_rates(seed)
    catalogue = draw_catalogue(seed)
    people = draw_people(seed, customer_count)
    history = draw_purchases(seed, people, catalogue, usd_per_eur)
    changes, refunds = draw_returns(seed, people, history)
    return DrawnShop(
        people=people,
        history=history,
        changes=changes,
        refunds=refunds,
        products=catalogue.table,
        fx_rates=exchange_rate_table(usd_per_eur),
    )
