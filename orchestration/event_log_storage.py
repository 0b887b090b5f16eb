"""Where Dagster keeps the events of runs: its SQLite files, reached by connections that are kept.

A run writes some two thousand events. Dagster's own class makes an engine for each of them, which
compiles the statements again, and closes the file after it, which writes the whole log of changes
back to disk. `dagster.yaml` names this class instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SqliteEventLogStorage,
)
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import StaticPool

# Runs whose engines are kept: one is written, and a few are looked at.
_KEPT_RUNS = 8


class KeptConnectionEventLog(SqliteEventLogStorage):
    """Dagster's SQLite event log in `$DAGSTER_HOME/history/runs`, where Dagster's own would be.

    Pages that follow a run watch its file for changes, and these come late: what is written goes
    to SQLite's log beside it first. So the file's time is set after each event.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Keep the events of runs in the folder `base_dir`."""
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Nothing to configure."""
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> Self:
        """The event log of the instance in `DAGSTER_HOME`."""
        return cls(str(Path(os.environ["DAGSTER_HOME"], "history", "runs")), inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection:
                changes_before = _change_count(connection)
                with connection.begin():
                    yield connection
                is_changed = _change_count(connection) != changes_before
            # Only then: who reads because of a change must not make another.
            if is_changed:
                os.utime(self.path_for_shard(shard))

    def _engine(self, shard: str) -> Engine:
        engine = self._engines.pop(shard, None) or _engine(self.conn_string_for_shard(shard))
        self._engines[shard] = engine
        runs = [kept for kept in self._engines if kept != INDEX_SHARD_NAME]
        for oldest in runs[:-_KEPT_RUNS]:
            self._engines.pop(oldest).dispose()
        return engine

    def dispose(self) -> None:
        """Close what is kept open."""
        super().dispose()
        with self._db_lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()


def _engine(address: str) -> Engine:
    engine = create_engine(
        address,
        poolclass=StaticPool,
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _write_when_convenient)
    return engine


def _change_count(connection: Connection) -> int:
    return connection.connection.dbapi_connection.total_changes


def _write_when_convenient(connection: DBAPIConnection, _record: object) -> None:
    # Events outlive a killed process all the same. Those of the last moments before a power cut may
    # go, and nothing of a run rests on them: what was published stands in the ledger.
    connection.cursor().execute("pragma synchronous = normal")
