"""Arrival tables: however deliveries are split, built bit by bit they are what one build makes.

Sessions are held to a second implementation, and each way to lose a month is planted and found.
"""

from __future__ import annotations

import datetime as dt
import shutil

import pytest

from orchestration.paths import Project
from tests.properties.arrival_tables import ARRIVAL_TABLES, ArrivalTables, arrival_tables
from tests.properties.arrival_worlds import SHOP_ZONE, TIMEOUT_MINUTES, random_batches
from tests.properties.session_oracle import SeenEvent, SessionDay, session_days

SEEDS = [1]
MORE_SEEDS = range(2, 22)

# What each of them breaks: a month that must be made again and is not, or is not made whole.
EVENTS, SESSIONS = "intermediate/events", "intermediate/sessions"
PLANTED = {
    "a_lost_event_is_not_told_below": (
        f"{EVENTS}/int_events.sql",
        "event_last_arrival_seq as last_arrival_seq",
        "last_arrival_seq",
    ),
    "only_months_that_something_arrived_for_are_made_again": (
        f"{EVENTS}/int_events.sql",
        "    from folded\n    group by event_month",
        "    from arrived\n    group by event_month",
    ),
    "a_superseded_copy_goes_away": (
        f"{EVENTS}/int_events.sql",
        "    where day_rank = 1",
        "    where day_rank = 1 and event_date = first_date",
    ),
    "a_superseded_copy_counts_again": (
        f"{EVENTS}/int_events.sql",
        "coalesce(known_events.exclusion_reason = 'superseded', false)",
        "false",
    ),
    "a_month_of_which_nothing_is_left_is_not_written_over": (
        f"{EVENTS}/int_event_days.sql",
        "    left join days",
        "    inner join days",
    ),
    "the_months_beside_are_not_made_again": (
        f"{SESSIONS}/int_session_days.sql",
        "for days in [-margin_days, 0, margin_days]",
        "for days in [0]",
    ),
    "the_days_beside_are_not_read": (
        f"{SESSIONS}/int_session_days.sql",
        "{%- set margin_days = 2 -%}",
        "{%- set margin_days = 0 -%}",
    ),
    "an_old_run_is_counted_from_its_start": (
        f"{SESSIONS}/int_session_days.sql",
        "            else month_starts_at\n",
        "            else run_begins_at\n",
    ),
    "a_month_of_messages_is_not_read_again": (
        "intermediate/messages/int_message_events.sql",
        "    where event_month in (select event_month from changed_months)",
        "    where event_month is null",
    ),
}
QUICK = ("a_lost_event_is_not_told_below", "the_months_beside_are_not_made_again")


def slow_but(quick, names):
    """Parameters of which all but a few belong to the long sweeps."""
    return [
        pytest.param(name, marks=() if name in quick else pytest.mark.long, id=str(name))
        for name in names
    ]


def build_bit_by_bit(tables: ArrivalTables, seed: int) -> None:
    """Build after each batch and keep the end as `increments`.

    The build of one batch stops on its way, as when it is killed: the next one goes on from there.
    """
    first, *later = random_batches(seed)
    tables.take(first)
    tables.refresh()
    for number, batch in enumerate(later):
        tables.take(batch)
        tables.build(*(ARRIVAL_TABLES[: 1 + seed % 5] if number == 1 else ()))
    tables.keep_as("increments")


def found_sessions(tables: ArrivalTables) -> set[SessionDay]:
    rows = tables.dbt.rows(
        "select device_kind, device_source, device_value, session_started_at, session_date,"
        " identifier_kind, identifier_source, identifier_value, is_first_day, event_count"
        " from intermediate.int_session_days where session_date is not null"
    )
    return {SessionDay(row[:3], row[3], row[4], row[5:8], *row[8:]) for row in rows}


def expected_sessions(tables: ArrivalTables) -> set[SessionDay]:
    rows = tables.dbt.rows(
        "select occurred_at, event_key, source_system, anonymous_id,"
        " identifier_kind, identifier_source, identifier_value"
        " from intermediate.int_events where exclusion_reason is null"
    )
    events = []
    for at, key, source, anonymous_id, *identifier in rows:
        own = tuple(identifier)
        events.append(
            SeenEvent(
                occurred_at=at,
                event_key=key,
                device=("anonymous", source, anonymous_id) if anonymous_id else own,
                known=None if own[0] == "anonymous" else own,
            )
        )
    return session_days(events, SHOP_ZONE, dt.timedelta(minutes=TIMEOUT_MINUTES))


@pytest.mark.parametrize("seed", slow_but(SEEDS, [*SEEDS, *MORE_SEEDS]))
def test_increments_make_what_a_full_refresh_makes(tmp_path, seed):
    with arrival_tables(tmp_path, Project.here()) as tables:
        build_bit_by_bit(tables, seed)
        tables.build()
        assert tables.differences("increments") == {}, "nothing new changed something"
        tables.refresh()
        assert tables.differences("increments") == {}
        counts = {
            table: tables.dbt.rows(f"select count(*) from intermediate.{table}")[0][0]
            for table in ARRIVAL_TABLES
        }
        assert min(counts.values()) > 20, counts
        assert found_sessions(tables) == expected_sessions(tables)


@pytest.mark.parametrize("fault", slow_but(QUICK, PLANTED))
def test_a_month_that_is_not_made_again_is_found(tmp_path, fault):
    project, (model, right, wrong) = Project(tmp_path / "checkout"), PLANTED[fault]
    for name in ("dbt_project", "profiles", "seeds"):
        shutil.copytree(Project.here().root / name, project.root / name)
    path = project.models / model
    sql = path.read_text(encoding="utf-8")
    assert sql.count(right) == 1
    path.write_text(sql.replace(right, wrong), encoding="utf-8")
    with arrival_tables(tmp_path, project) as tables:
        build_bit_by_bit(tables, SEEDS[0])
        tables.refresh()
        assert tables.differences("increments") != {}
