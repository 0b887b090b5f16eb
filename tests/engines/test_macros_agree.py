"""Macros with a version for each engine say the same, over more values than a shop has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from engine_builds import DbtOnEngine
from engine_world import DBT_VARS, EngineWorld
from same_rows import differences, parquet_of
from spark_cluster import SparkCluster

DBT_ZONE = DBT_VARS["business_timezone"]

# Zones that change their clocks at midnight, that skipped a day, that move by half an hour.
ZONES = (
    "America/Asuncion",
    "America/Havana",
    "America/Sao_Paulo",
    "Asia/Amman",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)
# Rules of later years differ from one edition of the zone tables to the next.
FIRST_DAY, LAST_DAY = dt.date(2008, 1, 1), dt.date(2021, 12, 31)

NUMBERS = (1, 2, 3, 4, 6, 7, 8, 9, 11, 13, 16, 31, 64, 125, 999, 1_000, 8_191, 1_000_000)
TOTALS = tuple(
    sign * Decimal(text)
    for sign, text in product(
        (1, -1),
        (
            *("0", "0.0001", "0.0002", "0.0003", "0.0005", "0.0010", "0.0025", "0.1250"),
            *("1", "2", "9.9999", "10.0001", "12.5", "99.95", "1000.0005", "123456.7891"),
            *("33333333.3333", "999999999.9999", "12345678901234.5678", "99999999999999.9999"),
        ),
    )
)


@pytest.fixture(scope="module")
def agreement(engine_environment: Path, cluster: SparkCluster) -> MacroAgreement:
    world = EngineWorld(engine_environment)
    world.folder.mkdir(exist_ok=True)
    folder = engine_environment / "macros"
    return MacroAgreement(
        world, cluster, DbtOnEngine(folder, "duckdb"), DbtOnEngine(folder, "spark")
    )


@dataclass(frozen=True)
class MacroAgreement:
    """The same values on DuckDB and on Spark, and what macros make of them."""

    world: EngineWorld
    cluster: SparkCluster
    duckdb: DbtOnEngine
    spark: DbtOnEngine

    def differences(
        self, name: str, values: str, macros: str, zones: Iterable[str] = (DBT_ZONE,)
    ) -> list[str]:
        """What the engines do not agree on.

        Args:
            name: of the tables that are made.
            values: DuckDB's SQL for the values.
            macros: what is selected from them, as a model would write it.
            zones: time zones to try, each in place of the shop's.
        """
        schema = f"macros_{name}"
        into = self.world.folder / "macros"
        with self.world.connect() as connection:
            connection.execute(f"create schema {schema}")
            connection.execute(f"create table {schema}.given as {values}")
        folder = self.world.export(schema, into)["given"]
        select = f"select given.*, '{DBT_ZONE}' as zone, {macros} from {schema}.given"
        made = {
            dbt.target: " union all ".join(
                dbt.compiled(select).replace(DBT_ZONE, zone) for zone in zones
            )
            for dbt in (self.duckdb, self.spark)
        }
        self.cluster.execute(
            f"create schema {schema}",
            "set spark.sql.ansi.enabled = true",
            "set spark.sql.parquet.outputTimestampType = TIMESTAMP_MICROS",
            f"create table {schema}.given using parquet location '{folder}'",
            f"create table {schema}.made using parquet as {made['spark']}",
        )
        found = parquet_of(self.cluster.warehouse / f"{schema}.db" / "made")
        with self.world.connect() as connection:
            return differences(connection, f"({made['duckdb']})", found, name)


def test_days_end_at_the_same_instant_in_zones_whose_midnight_is_skipped_or_comes_twice(agreement):
    days = (
        f"select day::date as day from generate_series(date '{FIRST_DAY}', date '{LAST_DAY}',"
        " interval 1 day) as days (day)"
    )
    macros = """
        {{ local_midnight('day') }} as midnight,
        {{ end_of_local_day('day') }} as end_of_day,
        {{ add_days('day', 1) }} as next_day
    """
    assert agreement.differences("days", days, macros, ZONES) == []


def test_an_instant_is_of_the_same_day(agreement):
    instants = (
        f"select instant from generate_series(timestamp '{FIRST_DAY}', timestamp '{LAST_DAY}',"
        " interval '7 hours 29 minutes 59.999999 seconds') as instants (instant)"
    )
    macros = """
        {{ local_date('instant') }} as day,
        {{ dbt.datediff('cast(instant as date)', local_date('instant'), 'day') }} as days_away,
        cast({{ dbt.dateadd('hour', 5, 'instant') }} as timestamp) as later
    """
    assert agreement.differences("instants", instants, macros, ZONES) == []


def test_means_are_rounded_alike(agreement):
    rows = ", ".join(f"({total}, {number})" for total, number in product(TOTALS, (0, *NUMBERS)))
    values = (
        "select total::decimal(28, 4) as total, number::bigint as number"
        f" from (values {rows}) as given (total, number)"
    )
    macros = "{{ mean_amount('total', 'number') }} as mean"
    assert agreement.differences("means", values, macros) == []


def test_shares_are_rounded_alike(agreement):
    values = (
        "select n::bigint as part, total::bigint as total from range(400) as a (n),"
        " (values (0), (1), (3), (7), (64), (125), (128), (640), (999), (1024)) as b (total)"
    )
    macros = "{{ share_of('part', 'total') }} as share"
    assert agreement.differences("shares", values, macros) == []
