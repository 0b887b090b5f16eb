"""Make a demo shop: draw, shape, plant dirt, write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from orchestration.demo_shop.demo_behaviours import draw_behaviours
from orchestration.demo_shop.demo_catalogue import draw_catalogue
from orchestration.demo_shop.demo_events import prepare_events, write_events
from orchestration.demo_shop.demo_exchange_rates import draw_exchange_rates, exchange_rate_table
from orchestration.demo_shop.demo_facts import WHOLE_TABLES, shape_facts
from orchestration.demo_shop.demo_messages import prepare_messages, write_messages
from orchestration.demo_shop.demo_people import draw_people
from orchestration.demo_shop.demo_purchases import draw_purchases
from orchestration.demo_shop.demo_returns import draw_returns
from orchestration.demo_shop.demo_size import (
    DEFAULT_CUSTOMERS,
    DEFAULT_EVENTS_PER_PERSON,
    DEFAULT_SEED,
)
from orchestration.demo_shop.demo_tables import MONTHLY_TABLES, DrawnShop, load_drawn, shape_tables
from orchestration.demo_shop.demo_truth import TRUTH_TABLES, add_month_dirt, shape_truth
from orchestration.demo_shop.dirt_planter import plant_dirt
from orchestration.demo_shop.landing_writer import write_landing, write_truth
from orchestration.demo_shop.random_sql import create_random_macros
from orchestration.demo_shop.shop_calendar import LAST_DAY
from orchestration.demo_shop.shop_people import create_shop_people
from orchestration.errors import StrataError

_MEMORY_LIMIT = "5GB"
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
    customer_count: int = DEFAULT_CUSTOMERS,
    seed: int = DEFAULT_SEED,
    events_per_person: float = DEFAULT_EVENTS_PER_PERSON,
    is_dirty: bool = True,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> DemoShop:
    """Write a demo shop's landing files and its truth.

    Args:
        target: gets the folders `landing` and `truth`; files of an earlier shop are replaced.
        customer_count: people in the shop: accounts, guests, prospects and visitors together.
        seed: the same seed, number of people and of events give the same rows.
        events_per_person: on average; what leads to orders is always there.
        is_dirty: False for the clean copy of the same shop.
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
    landing, truth = target / "landing", target / "truth"
    with TemporaryDirectory(prefix="demo_shop_") as spill:
        settings: dict[str, str | int] = {"memory_limit": _MEMORY_LIMIT, "temp_directory": spill}
        if threads is not None:
            settings["threads"] = threads
        with duckdb.connect(config=settings) as connection:
            connection.execute("set enable_progress_bar = false")
            tell("shaping tables")
            _shape(connection, shop, seed, customer_count)
            tell("planting dirt")
            if is_dirty:
                plant_dirt(connection, seed)
            tell("writing files")
            files = write_landing(connection, landing, WHOLE_TABLES, MONTHLY_TABLES)
            row_counts = {
                table: connection.execute(f"select count(*) from {table}").fetchone()[0]
                for table in WHOLE_TABLES
            }
            for table in (*WHOLE_TABLES, "drawn_lines", "drawn_changes", "drawn_refunds"):
                if table != "products":
                    connection.execute(f"drop table {table}")
            tell("writing messages")
            messages, row_counts["messages"] = write_messages(
                connection, landing, is_dirty=is_dirty
            )
            tell("writing events")
            events, row_counts["events"] = write_events(
                connection,
                landing,
                truth,
                events_per_person=events_per_person,
                is_dirty=is_dirty,
            )
            add_month_dirt(connection)
            write_truth(connection, truth, TRUTH_TABLES)
            planted = connection.execute(
                "select table_name, kind, row_count, is_rejected from planted_dirt order by all"
            ).fetchall()
    return DemoShop(
        landing=landing,
        truth=truth,
        files=(*files, *messages, *events),
        row_counts=row_counts,
        planted_counts={(table, kind): rows for table, kind, rows, _ in planted},
        rejected_counts={
            name: sum(
                rows for table, _, rows, is_rejected in planted if is_rejected and table == name
            )
            for name in row_counts
        },
        last_day=LAST_DAY,
    )


def _shape(
    connection: duckdb.DuckDBPyConnection, shop: DrawnShop, seed: int, customer_count: int
) -> None:
    create_random_macros(connection, seed)
    load_drawn(connection, shop)
    create_shop_people(connection, customer_count)
    prepare_events(connection)
    prepare_messages(connection)
    shape_tables(connection)
    shape_facts(connection)
    shape_truth(connection)


def _draw(seed: int, customer_count: int) -> DrawnShop:
    usd_per_eur = draw_exchange_rates(seed)
    catalogue = draw_catalogue(seed)
    people = draw_people(seed, customer_count)
    behaviours = draw_behaviours(seed, people.type_index)
    history = draw_purchases(seed, people, behaviours, catalogue, usd_per_eur)
    changes, refunds = draw_returns(seed, people, history)
    return DrawnShop(
        people=people,
        behaviours=behaviours,
        history=history,
        changes=changes,
        refunds=refunds,
        products=catalogue.table,
        fx_rates=exchange_rate_table(usd_per_eur),
    )
