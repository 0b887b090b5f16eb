"""The bare limit: it reads every value of every column, and groups by person."""

from __future__ import annotations

import csv

import duckdb
import pytest

from benchmarks.bare_limit import landing_tables, read_all, read_all_sql

ORDERS = [
    {"order_id": "1", "customer_id": "anna", "email": "", "total": "10.00", "note": "a"},
    {"order_id": "2", "customer_id": "anna", "email": "a@x.test", "total": "11.00", "note": "b"},
    {"order_id": "3", "customer_id": "", "email": "b@x.test", "total": "12.00", "note": "c"},
    {"order_id": "4", "customer_id": "", "email": "c@x.test", "total": "13.00", "note": "d"},
]
EVENTS = [
    {"event_id": "1", "customer_id": "", "anonymous_id": "d1", "page": "/a"},
    {"event_id": "2", "customer_id": "", "anonymous_id": "d2", "page": "/b"},
    {"event_id": "3", "customer_id": "anna", "anonymous_id": "d2", "page": "/c"},
]
COLUMNS = [("orders", name) for name in ORDERS[0]] + [("events", name) for name in EVENTS[0]]


def write_shop(landing, orders=ORDERS, events=EVENTS):
    """A CSV in two files and a Parquet file."""
    (landing / "orders").mkdir(parents=True)
    (landing / "events").mkdir()
    for number, rows in enumerate((orders[:1], orders[1:])):
        with (landing / "orders" / f"orders_{number}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(orders[0]))
            writer.writeheader()
            writer.writerows(rows)
    values = ", ".join(str(tuple(row.values())) for row in events)
    names = ", ".join(events[0])
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * from (values {values}) as rows ({names}))"
            f" to '{landing / 'events' / 'events.parquet'}' (format parquet)"
        )
    return landing


def read(landing, tmp_path):
    return read_all(landing, memory_limit="500MB", threads=2, spill=tmp_path / "spill")


def test_rows_and_people_are_counted(tmp_path):
    found = read(write_shop(tmp_path / "landing"), tmp_path)
    assert {table: counts[:2] for table, counts in found.items()} == {
        "orders": (4, 3),
        "events": (3, 3),
    }


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_no_column_is_left_unread(tmp_path, table, column):
    before = read(write_shop(tmp_path / "before"), tmp_path)
    rows = {"orders": [dict(row) for row in ORDERS], "events": [dict(row) for row in EVENTS]}
    rows[table][-1][column] = "other"
    after = read(write_shop(tmp_path / "after", **rows), tmp_path)
    assert after[table][2] != before[table][2]


def test_the_plan_scans_every_column(tmp_path):
    [file] = landing_tables(write_shop(tmp_path / "landing"))["events"]
    with duckdb.connect() as connection:
        plan = connection.execute(f"explain {read_all_sql(connection, [file])}").fetchall()[0][1]
    scan = plan[plan.index("READ_PARQUET") :]
    assert all(column in scan for column in EVENTS[0])


def test_the_same_files_give_the_same_number_on_any_number_of_threads(tmp_path):
    landing = write_shop(tmp_path / "landing")
    one = read_all(landing, memory_limit="500MB", threads=1, spill=tmp_path / "spill")
    assert read(landing, tmp_path) == one


def test_a_file_of_another_kind_is_refused(tmp_path):
    landing = write_shop(tmp_path / "landing")
    (landing / "orders" / "orders.ndjson").write_text("{}\n")
    with pytest.raises(ValueError, match="expected CSV or Parquet"):
        landing_tables(landing)
