"""A small build database, keys and tables to publish, and a reader's view of the result."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb

from orchestration.paths import Home, Project
from orchestration.publishing.publish_set import PublishedSet, publish
from orchestration.publishing.run_key import RunKey
from orchestration.publishing.set_file import PublishedTable
from orchestration.warehouse.duckdb_warehouse import Warehouse

TABLES = (
    PublishedTable(
        "customers",
        ("profile_id",),
        "One row per customer's own row.",
        {"profile_id": "The customer. Primary key."},
    ),
    PublishedTable("orders", ("order_number",)),
)


def warehouse_of(home: Home) -> Warehouse:
    return Warehouse(home.build_db, "500MB", 2, home.scratch)


def build_marts(home: Home, rows: int = 100) -> None:
    """Two tables in schema `marts`, stored in no particular order."""
    warehouse_of(home).execute(
        f"""
        create schema if not exists marts;
        create or replace table marts.customers as
            select
                md5(range::varchar) as profile_id,
                (range % 7)::decimal(18, 2) as revenue,
                case when range % 3 > 0 then 'loyal' end as segment_code
            from range({rows}) order by hash(range);
        create or replace table marts.orders as
            select range as order_number, date '2026-01-01' as order_date
            from range({rows}) order by hash(range);
        """
    )


def key(day: int = 1, intake_seq: int = 1) -> RunKey:
    """A run key of a day in January 2026."""
    return RunKey(dt.date(2026, 1, day), intake_seq, "config", "code")


def publish_day(
    home: Home, day: int = 1, intake_seq: int = 1, keep_sets: int = 3, **options
) -> PublishedSet:
    return publish(home, home.build_db, key(day, intake_seq), TABLES, keep_sets, **options)


def shown(home: Home) -> tuple[str, dt.date]:
    """Set id and day as a BI tool reads them."""
    with closing(duckdb.connect(home.published_db.resolve(), read_only=True)) as reader:
        return reader.execute("select set_id, as_of_date from marts.published_set").fetchone()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def start_driver(home: Home, *arguments: object, **environment: str) -> subprocess.Popen:
    """`publish_driver.py` in a process of its own."""
    return subprocess.Popen(
        driver_command(home, *arguments),
        cwd=Project.here().root,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def driver_command(home: Home, *arguments: object) -> list[str]:
    program = [sys.executable, "-m", "tests.publishing.publish_driver"]
    return [*program, str(home.root), *map(str, arguments)]
