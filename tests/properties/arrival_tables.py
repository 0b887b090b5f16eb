"""The arrival tables of one DuckDB file, built by dbt batch by batch and compared as they stand.

Calling dbt and comparing tables belongs here; what arrives is `arrival_worlds`'.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestration.paths import Project
from tests.dbt.contract_rows import deliver, write_empty_world
from tests.dbt.dbt_in_process import DbtProject, environment_of
from tests.properties.arrival_worlds import ARRIVAL_VARS, Batch

# What has arrived, typed; of no use but to the tables made of it.
_ARRIVING = "int_event_copies"
ARRIVAL_TABLES = (
    "int_events",
    "int_session_days",
    "int_event_days",
    "int_content_days",
    "int_identity_link_months",
    "int_message_events",
    "int_arrival_rejects",
)
# What they read that does not change from one batch to the next.
_VIEWS_AND_KNOBS = ("stg_events", "stg_messages", "event_names", "bot_user_agents")
# Later than any event of a world: none is from the future.
_LOADED_AT = "2200-01-01T00:00:00Z"


@dataclass
class ArrivalTables:
    """The tables, and copies of them in schemas of their own."""

    dbt: DbtProject
    arrived: int = 0

    def take(self, batch: Batch) -> None:
        """Put a batch into raw, as the next deliveries."""
        with self.dbt.connect() as connection:
            for table, rows in (("events", batch.events), ("messages", batch.messages)):
                self.arrived += 1
                loaded = [{"loaded_at": _LOADED_AT} | row for row in rows]
                deliver(connection, table, loaded, self.arrived)

    def refresh(self) -> None:
        """Make all tables anew from all that arrived."""
        self._build("--full-refresh", *_VIEWS_AND_KNOBS, _ARRIVING, *ARRIVAL_TABLES)

    def build(self, *tables: str) -> None:
        """Bring the tables, or some of them as a build that stopped, up to what arrived."""
        self._build(_ARRIVING, *(tables or ARRIVAL_TABLES))

    def keep_as(self, schema: str) -> None:
        """Copy the tables as they are now."""
        with self.dbt.connect() as connection:
            connection.execute(f"drop schema if exists {schema} cascade")
            connection.execute(f"create schema {schema}")
            for table in ARRIVAL_TABLES:
                connection.execute(f"create table {schema}.{table} as from intermediate.{table}")

    def differences(self, schema: str) -> dict[str, list[tuple]]:
        """By table, up to five rows that stand only in the copy or only in the table now."""
        found = {}
        for table in ARRIVAL_TABLES:
            now, then = f"intermediate.{table}", f"{schema}.{table}"
            rows = self.dbt.rows(
                f"(select 'then', * from (from {then} except all from {now}) limit 5)"
                f" union all (select 'now', * from (from {now} except all from {then}) limit 5)"
            )
            if rows:
                found[table] = rows
        return found

    def _build(self, *names: str) -> None:
        options = [name for name in names if name.startswith("--")]
        models = [name for name in names if not name.startswith("--")]
        result = self.dbt.invoke(
            *("build", *options, "--exclude-resource-types", "test"),
            *("--exclude-resource-types", "unit_test", "--select", *models),
        )
        assert result.exception is None, result.exception
        assert result.success, [node.message for node in result.result]


@contextmanager
def arrival_tables(folder: Path, project: Project) -> Iterator[ArrivalTables]:
    """An empty world in a file of its own."""
    with environment_of(folder):
        tables = ArrivalTables(DbtProject(folder, project, ARRIVAL_VARS))
        with tables.dbt.connect() as connection:
            write_empty_world(connection, dt.date(2100, 1, 31), dt.date(2100, 1, 25))
        yield tables
