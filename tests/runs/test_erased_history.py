"""Erased people leave history: whatever their source, and as whom others were merged into."""

import datetime as dt
import hashlib
from contextlib import closing

import duckdb
import pytest

from orchestration.intake.contract import contract_tables
from orchestration.intake.intake_ledger import add_tombstones, intake_ledger
from orchestration.paths import Home, Project
from orchestration.runs.erased_history import erase_from_history


def profile(kind: str, *key: str) -> str:
    text = "".join(f"{len(part)}:{part}" for part in key)
    return hashlib.sha256(f"{kind}:{text}".encode()).hexdigest()


CUSTOMER = profile("customer", "shop", "c1")
SAME_ID_ELSEWHERE = profile("customer", "other", "c1")
ADDRESS = profile("email", "e1")
DEVICE = profile("anonymous", "shop", "d1")
STAYS = profile("customer", "shop", "c2")


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.fixture
def connection():
    """A warehouse with raw tables of one source and a history of five people."""
    with closing(duckdb.connect()) as opened:
        opened.execute("create schema raw; create schema control; create schema history")
        for table in contract_tables(Project.here().raw_sources).values():
            columns = ", ".join(f"{name} varchar" for name in table.raw_columns)
            opened.execute(f"create table raw.{table.name} ({columns})")
        opened.execute("insert into raw.customers (source_system) values ('shop'), ('shop')")
        opened.execute(
            "create table history.segment_change_log"
            " (profile_id varchar, changed_on date, merged_into varchar);"
            "create table history.profile_activity_log (profile_id varchar, changed_on date,"
            " from_merged_into varchar, to_merged_into varchar)"
        )
        day = dt.date(2024, 1, 5)
        for each in (CUSTOMER, SAME_ID_ELSEWHERE, ADDRESS, DEVICE, STAYS, None):
            merged = CUSTOMER if each == STAYS else None
            opened.execute(
                "insert into history.segment_change_log values (?, ?, ?)", [each, day, merged]
            )
            opened.execute(
                "insert into history.profile_activity_log values (?, ?, ?, ?)",
                [each, day, None, merged],
            )
        yield opened


def left(connection, log: str) -> list[tuple]:
    return connection.execute(f"from history.{log} order by profile_id nulls last").fetchall()


def forget(home, *found: tuple[str, str]) -> None:
    with intake_ledger(home) as ledger:
        add_tombstones(ledger, found)


def test_an_erased_person_leaves_no_row_and_no_name(home, connection):
    forget(home, ("customer", "c1"), ("email", "e1"), ("anonymous", "d1"), ("order_id", "o1"))
    assert erase_from_history(connection, home) == 3

    day = dt.date(2024, 1, 5)
    stay = sorted([STAYS, SAME_ID_ELSEWHERE])
    assert left(connection, "segment_change_log") == [
        *((each, day, None) for each in stay),
        (None, day, None),
    ]
    assert left(connection, "profile_activity_log") == [
        *((each, day, None, None) for each in stay),
        (None, day, None, None),
    ]


def test_it_is_done_once_for_each_erasure(home, connection):
    forget(home, ("email", "e1"))
    assert erase_from_history(connection, home) == 1
    assert erase_from_history(connection, home) == 0
    forget(home, ("anonymous", "d1"))
    assert erase_from_history(connection, home) == 2


def test_without_an_erasure_nothing_is_touched(home, connection):
    assert erase_from_history(connection, home) == 0
    forget(home)
    assert erase_from_history(connection, home) == 0
    assert len(left(connection, "segment_change_log")) == 6


def test_a_warehouse_without_history_is_no_fault(home, connection):
    connection.execute("drop schema history cascade")
    forget(home, ("email", "e1"))
    assert erase_from_history(connection, home) == 1
