"""One demo shop of 3,000 people per session, and its files as rows of text."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from orchestration.demo_shop.demo_maker import DemoShop, make_demo_shop

Row = dict[str, str]


def read_rows(folder: Path) -> list[Row]:
    """All rows of a folder's CSV files. A null reads as ''."""
    rows = []
    for file in sorted(folder.glob("*.csv")):
        with file.open(newline="", encoding="utf-8") as lines:
            rows.extend(csv.DictReader(lines))
    return rows


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> DemoShop:
    return make_demo_shop(
        tmp_path_factory.mktemp("demo"), customer_count=3000, events_per_person=100
    )


@pytest.fixture(scope="session")
def files(shop: DemoShop) -> duckdb.DuckDBPyConnection:
    """Events, messages and the truth as tables; they are too many for rows of Python."""
    connection = duckdb.connect()
    for table in ("events", "messages"):
        folder = shop.landing / table
        connection.execute(f"create table {table} as from read_parquet('{folder}/*.parquet')")
    connection.execute(
        f"create table planted_visits as from '{shop.truth}/planted_visits/*.parquet'"
    )
    for file in sorted(shop.truth.glob("*.csv")):
        types = "" if file.stem != "planted_customers" else ", types = {'customer_id': 'varchar'}"
        if file.stem == "planted_accounts":
            types = ", types = {'customer_id': 'varchar'}"
        connection.execute(
            f"create table {file.stem} as from read_csv('{file}', header = true{types})"
        )
    return connection


@pytest.fixture(scope="session")
def tables(shop: DemoShop) -> dict[str, list[Row]]:
    return {
        folder.name: read_rows(folder)
        for folder in sorted(shop.landing.iterdir())
        if folder.name not in ("events", "messages")
    }


@pytest.fixture(scope="session")
def people(shop: DemoShop) -> list[Row]:
    with (shop.truth / "planted_customers.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="session")
def clean_orders(tables: dict[str, list[Row]]) -> dict[str, Row]:
    """The planted orders as first paid, by id: neither dirt nor a later version."""
    return {
        row["order_id"]: row
        for row in tables["orders"]
        if row["status"] == "paid" and row["order_id"].startswith("0")
    }
