"""One default demo shop per session, and its files as rows of text."""

from __future__ import annotations

import csv
from pathlib import Path

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
    return make_demo_shop(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def tables(shop: DemoShop) -> dict[str, list[Row]]:
    return {folder.name: read_rows(folder) for folder in sorted(shop.landing.iterdir())}


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
