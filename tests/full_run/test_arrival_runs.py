"""Runs that go on from the arrival tables of the run before, and one that must not.

One home is used from top to bottom: a first day, the next with more events, and a third on which a
person is to be forgotten.
"""

import duckdb
import pytest

from orchestration.paths import Home
from tests.full_run.strata_command import strata

pytestmark = pytest.mark.long

ANEW = "arrival tables are made anew"
ORDERS = "source_system,order_id,ordered_at,status,currency,total_amount,customer_id\n"
EVENTS = "source_system,event_id,occurred_at,event_name,customer_id,anonymous_id\n"
REQUESTS = "source_system,request_id,requested_at,customer_id\n"
TABLES = (
    *("int_events", "int_session_days", "int_event_days", "int_identity_link_months"),
    "int_arrival_rejects",
)


def put(landing, name, text):
    path = landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def tables_of(home):
    """The arrival tables, row for row; those of a past day with `asof_` in front."""
    with duckdb.connect(str(home.build_db), read_only=True) as connection:
        return {
            table: connection.execute(f"select * from intermediate.{table} order by all").fetchall()
            for table in TABLES
        }


@pytest.fixture(scope="module")
def overlay(tmp_path_factory):
    """A configuration that bears a rejected row among few."""
    folder = tmp_path_factory.mktemp("config")
    put(folder, "strata.yml", "max_reject_share: 0.5\n")
    return folder


@pytest.fixture(scope="module")
def run(overlay):
    """Runs a day in a home, from its landing folder or a named one."""

    def run_day(home, as_of, *arguments):
        return strata(
            *("run", "--home", home.root, "--as-of", as_of, *arguments), STRATA_CONFIG=str(overlay)
        ).stderr

    return run_day


@pytest.fixture(scope="module")
def landing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("landing")
    put(folder, "orders/a.csv", ORDERS + "web,1,2024-05-01 10:00:00,paid,USD,10,ann\n")
    put(
        folder,
        "events/a.csv",
        EVENTS
        + "web,e1,2024-04-30 23:50:00,page_view,ann,d1\n"
        + "web,e2,2024-05-01 10:00:00,search,,d1\n"
        + "web,e3,2024-05-01 11:00:00,page_view,bob,d2\n"
        + "web,e4,2024-05-01 11:00:00,,bob,d2\n",
    )
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory, landing, run):
    made = Home(tmp_path_factory.mktemp("home"))
    assert f"{ANEW}: there are none" in run(made, "2024-05-01", "--landing", landing)
    return made


def without_sequence(tables):
    """Deliveries have other numbers where all came at once: they come by name."""
    return {
        "int_events": sorted(row[:-2] for row in tables["int_events"]),
        "int_session_days": sorted(row[:-2] for row in tables["int_session_days"]),
    }


def test_the_next_day_adds_what_arrived(home, landing, run, tmp_path):
    put(
        landing,
        "events/b.csv",
        EVENTS
        + "web,e1,2024-04-30 23:40:00,page_view,ann,d1\n"
        + "web,e5,2024-05-02 00:05:00,page_view,,d1\n",
    )
    assert ANEW not in run(home, "2024-05-02")
    found, at_once = tables_of(home), Home(tmp_path)
    assert len(found["int_events"]) == 4
    run(at_once, "2024-05-02", "--landing", landing)
    assert without_sequence(found) == without_sequence(tables_of(at_once))


def test_a_past_day_has_tables_of_its_own_and_leaves_these_alone(home, run):
    before = tables_of(home)
    assert f"{ANEW}: there are none" in run(home, "2024-05-01")
    assert tables_of(home) == before


def test_a_person_who_is_forgotten_is_in_no_arrival_table(home, landing, run):
    before = repr(tables_of(home))
    put(landing, "erasure_requests/r.csv", REQUESTS + "web,r1,2024-05-03 00:00:00,bob\n")
    with duckdb.connect(str(home.build_db), read_only=True) as connection:
        gone = connection.execute(
            "select customer_id, anonymous_id from intermediate.int_events where event_key = 'e3'"
        ).fetchone()
    assert all(pseudonym in before for pseudonym in gone)
    assert f"{ANEW}: deliveries that are in them were rewritten" in run(home, "2024-05-03")
    after = repr(tables_of(home))
    assert not any(pseudonym in after for pseudonym in gone)
    assert len(tables_of(home)["int_events"]) == 3
