"""When arrival tables may be built on, and when they have to be made anew."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from orchestration.intake.intake_ledger import intake_ledger
from orchestration.paths import Home, Project
from orchestration.publishing.run_key import RunKey
from orchestration.runs.arrival_build import begin_arrival_build, finish_arrival_build
from orchestration.runs.as_of_run import AsOfRun
from orchestration.settings.settings_loader import load_configuration
from orchestration.warehouse.duckdb_warehouse import Warehouse


class PlainRun(AsOfRun):
    """A run whose key and day are the test's."""

    run_key = RunKey(dt.date(2024, 6, 30), 2, "config", "code")
    past = False

    @property
    def is_past_day(self) -> bool:
        return self.past

    def key(self, observed=()) -> RunKey:
        return self.run_key


def deliver(home, *paths):
    with intake_ledger(home) as ledger:
        for path in paths:
            seq = int(path.split("/")[1].split("-")[0])
            ledger.execute("insert into raw_files values (?, 'events', ?, 1)", (path, seq))


def rewrite(home, before, after):
    with intake_ledger(home) as ledger:
        ledger.execute("update raw_files set path = ? where path = ?", (after, before))


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    deliver(home, "events/1-aa.parquet", "events/2-bb.parquet")
    return home


@pytest.fixture
def run(home):
    project = Project.here()
    warehouse = Warehouse(home.build_db, "1GB", 1, home.scratch)
    return PlainRun(
        home, project, load_configuration(project), warehouse, "run", dt.date(2024, 6, 30)
    )


@pytest.fixture
def built(run):
    """A run after one that ended well."""
    begin_arrival_build(run)
    finish_arrival_build(run)
    return run


def keyed(run, **changes):
    run.__class__ = type("KeyedRun", (PlainRun,), {"run_key": replace(run.key(), **changes)})
    return run


def test_the_first_build_makes_them(run):
    assert begin_arrival_build(run) == "there are none"


def test_a_later_build_goes_on(built):
    assert begin_arrival_build(built) is None
    finish_arrival_build(built)
    assert begin_arrival_build(built) is None


def test_a_rebuilding_that_did_not_end_well_is_begun_again(run):
    begin_arrival_build(run)
    assert begin_arrival_build(run) == "the last rebuilding did not end well"
    finish_arrival_build(run)
    assert begin_arrival_build(run) is None


def test_a_build_that_was_stopped_on_its_way_goes_on(built):
    deliver(built.home, "events/3-cc.parquet")
    assert begin_arrival_build(keyed(built, intake_seq=3)) is None
    assert begin_arrival_build(built) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"config_hash": "other"}, "settings or config tables have changed"),
        ({"code_version": "other"}, "models, code or libraries have changed"),
        ({"intake_seq": 1}, "they have deliveries that this run has not"),
        ({"as_of_date": dt.date(2024, 7, 1)}, None),
    ],
)
def test_they_are_made_anew_under_another_key_but_for_the_day(built, changes, reason):
    assert begin_arrival_build(keyed(built, **changes)) == reason


def test_a_stopped_build_of_later_deliveries_is_no_base_for_earlier_ones(built):
    deliver(built.home, "events/3-cc.parquet")
    begin_arrival_build(keyed(built, intake_seq=3))
    reason = begin_arrival_build(keyed(built, intake_seq=2))
    assert reason == "they have deliveries that this run has not"


def test_they_are_made_anew_when_a_person_was_erased_from_what_is_in_them(built):
    deliver(built.home, "events/3-cc.parquet")
    rewrite(built.home, "events/1-aa.parquet", "events/1-aa-e1.parquet")
    reason = begin_arrival_build(keyed(built, intake_seq=3))
    assert reason == "deliveries that are in them were rewritten"
    finish_arrival_build(built)
    assert begin_arrival_build(built) is None


def test_an_erasure_from_what_is_not_yet_in_them_needs_nothing(built):
    deliver(built.home, "events/3-cc.parquet")
    rewrite(built.home, "events/3-cc.parquet", "events/3-cc-e1.parquet")
    assert begin_arrival_build(keyed(built, intake_seq=3)) is None


def test_past_days_have_arrival_tables_of_their_own(built, monkeypatch):
    monkeypatch.setattr(PlainRun, "past", True)
    assert begin_arrival_build(built) == "there are none"
    monkeypatch.setattr(PlainRun, "past", False)
    assert begin_arrival_build(built) is None


def test_what_is_noted_dies_with_the_file(built):
    built.home.build_db.unlink()
    assert begin_arrival_build(built) == "there are none"
