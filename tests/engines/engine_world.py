"""The raw rows that every engine gets: a demo shop, a small shop of special cases, odd texts, and
random visits, messages and feedback.

In two portions, so that the second build is one of late and new rows on what the first one left.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from contract_rows import (
    contract_columns,
    deliver,
    write_as_of,
    write_empty_world,
)
from odd_texts import ODD_CUSTOMERS, ODD_EVENTS, ODD_ITEMS, ODD_ORDERS
from small_shop import (
    CUSTOMERS,
    EVENTS,
    FEEDBACK,
    FX_RATES,
    MESSAGES,
    ORDER_ITEMS,
    ORDERS,
    REFUNDS,
)

from orchestration.demo_shop.demo_maker import make_demo_shop
from orchestration.intake.intake_ledger import latest_seq
from orchestration.intake.raw_files.raw_views import register_raw
from orchestration.intake.take_in import take_in
from orchestration.paths import Home, Project
from orchestration.settings.settings_loader import load_configuration
from tests.dbt.dbt_in_process import opened_between_calls
from tests.properties.random_shop import random_world

PEOPLE = 200
RANDOM_PEOPLE = 60
SEED = 11
DAYS = (dt.date(2026, 5, 31), dt.date(2026, 6, 30))
# Files of the second portion: the last month's, and some of a month long built.
SECOND_PORTION = ("2026-06", "2025-12")
DBT_VARS = {
    "business_timezone": "America/New_York",
    "shop_currency": "USD",
    # The odd texts alone are more rejects than a shop is allowed.
    "max_reject_share": 0.9,
}
PSEUDONYM_KEY = "0" * 63 + "1"


@dataclass(frozen=True)
class EngineWorld:
    """A DuckDB file with schemas raw and control, and where the demo shop's files lie."""

    folder: Path

    @property
    def database(self) -> Path:
        """The file that dbt builds in on DuckDB."""
        return self.folder / "build.duckdb"

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with opened_between_calls(self.database) as opened:
            opened.execute("set TimeZone = 'UTC'")
            yield opened

    def fit_date(self, build: int) -> dt.date:
        """The day that the CLV models are fitted as of."""
        return load_configuration(Project.here()).settings.clv_fit_date(DAYS[build])

    def write(self, build: int) -> None:
        """Raw and control as they are before the build: everything delivered so far, the days."""
        home, known_seq = self._taken_in(build)
        with self.connect() as connection:
            write_empty_world(connection, DAYS[build], self.fit_date(build))
            # What comes second has arrived second, whatever it is.
            self._add_demo_shop(connection, home, known_seq, 2_500)
            _deliver_special_cases(connection, 1_000)
            _deliver_random_rows(connection, 2_000, build)
            if build:
                _deliver_late_rows(connection, 3_000)
                _let_stand(connection)
            write_as_of(connection, DAYS[build], self.fit_date(build))

    def read_arrow(self, sql: str) -> pa.Table:
        """The result of a query on DuckDB."""
        with self.connect() as connection:
            return connection.execute(sql).to_arrow_table()

    def write_arrow(self, schema: str, table: str, data: pa.Table) -> None:
        """Create or replace a table in DuckDB."""
        with self.connect() as connection:
            connection.register("arriving", data)
            connection.execute(f"create or replace table {schema}.{table} as from arriving")
            connection.unregister("arriving")

    def export(self, schema: str, into: Path) -> dict[str, Path]:
        """A schema's tables as Parquet, a folder each: what another engine reads them from."""
        folders = {}
        with self.connect() as connection:
            for (table,) in connection.execute(
                "select table_name from information_schema.tables where table_schema = ?", [schema]
            ).fetchall():
                folders[table] = into / schema / table
                folders[table].mkdir(parents=True)
                rows = connection.execute(f"select * from {schema}.{table}").to_arrow_table()
                pq.write_table(_with_plain_texts(rows), folders[table] / "rows.parquet")
        return folders

    def _taken_in(self, build: int) -> tuple[Home, int]:
        """The demo shop's files up to this build, through intake as in a run; the last delivery
        of the build before, if there was one."""
        known_seq = 0
        home, held_back = Home(self.folder / "home"), self.folder / "held_back"
        landing = self.folder / "shop" / "landing"
        if not build:
            make_demo_shop(self.folder / "shop", customer_count=PEOPLE, threads=1)
            for path in sorted(landing.rglob("*.*")):
                if any(month in path.name for month in SECOND_PORTION):
                    held_back.joinpath(path.parent.name).mkdir(parents=True, exist_ok=True)
                    shutil.move(path, held_back / path.parent.name / path.name)
            assert any(held_back.rglob("*.*")), "no file is of the second portion"
        else:
            known_seq = latest_seq(home)
            shutil.copytree(held_back, landing, dirs_exist_ok=True)
        take_in(
            home,
            landing,
            map_path=None,
            guest_ids=Project.here().config_tables / "guest_ids.csv",
            blocked_identifiers=Project.here().config_tables / "blocked_identifiers.csv",
            max_file_bytes=10**9,
            memory_limit="1GB",
        )
        return home, known_seq

    def _add_demo_shop(
        self, connection: duckdb.DuckDBPyConnection, home: Home, known_seq: int, behind: int
    ) -> None:
        """Raw as intake has it; deliveries after the known ones get a sequence behind `behind`."""
        is_later = f"{known_seq} > 0 and arrival_seq > {known_seq}"
        place = f"arrival_seq + case when {is_later} then {behind} else 0 end"
        with closing(duckdb.connect()) as intake:
            register_raw(intake, home, intake_seq=10**9)
            relations = [("raw", table) for table in contract_columns()]
            relations += [("control", "deliveries"), ("control", "intake_rejects")]
            for schema, table in relations:
                rows = intake.execute(
                    f"select * replace ({place} as arrival_seq) from {schema}.{table}"
                ).to_arrow_table()
                connection.register("arriving", rows)
                connection.execute(f"insert into {schema}.{table} by name select * from arriving")
                connection.unregister("arriving")


def _let_stand(connection: duckdb.DuckDBPyConnection) -> None:
    """The days built so far are observed ones, as a run says of days that have passed."""
    connection.execute(
        "insert into control.observed_days"
        " select as_of_date, intake_seq, definition_hash, cut_points_date, profile_count"
        " from history.segment_days"
    )


def _deliver_special_cases(connection: duckdb.DuckDBPyConnection, seq: int) -> None:
    deliver(connection, "customers", CUSTOMERS, seq)
    deliver(connection, "orders", ORDERS, seq + 1)
    deliver(connection, "order_items", ORDER_ITEMS, seq + 2)
    deliver(connection, "refunds", REFUNDS, seq + 3)
    deliver(connection, "fx_rates", FX_RATES, seq + 4)
    deliver(connection, "orders", ODD_ORDERS, seq + 5)
    deliver(connection, "order_items", ODD_ITEMS, seq + 6)
    deliver(connection, "events", ODD_EVENTS, seq + 7)
    deliver(connection, "customers", ODD_CUSTOMERS, seq + 8)
    deliver(connection, "events", EVENTS, seq + 9)
    deliver(connection, "messages", MESSAGES, seq + 10)
    deliver(connection, "feedback", FEEDBACK, seq + 11)


def _deliver_random_rows(connection: duckdb.DuckDBPyConnection, seq: int, build: int) -> None:
    """Dirty rows of every table: of three files a table one is late."""
    world = random_world(
        SEED,
        people=RANDOM_PEOPLE,
        as_of_date=DAYS[-1],
        sources=("north", "south"),
        with_visits=True,
    )
    files = world.files if build else world.files[: 2 * len(world.files) // 3]
    for number, file in enumerate(files):
        rows = [{"loaded_at": world.loaded_at, **row} for row in file.rows]
        deliver(connection, file.input_name, rows, seq + number)


def _deliver_late_rows(connection: duckdb.DuckDBPyConnection, seq: int) -> None:
    """Copies of known rows, and an older order's newer version."""
    deliver(connection, "orders", ORDERS[:5], seq)
    deliver(connection, "order_items", ORDER_ITEMS[:2], seq + 1)
    deliver(connection, "refunds", REFUNDS[2:3], seq + 2)
    undone = ORDERS[0] | {"status": "cancelled", "updated_at": "2026-06-02T00:00:00Z"}
    deliver(connection, "orders", [undone], seq + 3)
    deliver(connection, "events", EVENTS[10:16], seq + 4)
    deliver(connection, "messages", MESSAGES[:5], seq + 5)


def _with_plain_texts(rows: pa.Table) -> pa.Table:
    """Without dictionaries and views, which are Arrow's own and nobody else's."""
    plain = [
        pa.field(field.name, pa.string() if _is_text(field.type) else field.type)
        for field in rows.schema
    ]
    return rows.cast(pa.schema(plain))


def _is_text(data_type: pa.DataType) -> bool:
    return pa.types.is_string_view(data_type) or pa.types.is_large_string(data_type)
