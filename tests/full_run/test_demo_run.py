"""The demo from files to published segments, and what may follow it in the same home.

One home is used from top to bottom: each test leaves it with the demo's last day published.
"""

import stat

import dagster as dg
import pytest

from orchestration.paths import Home, Project
from orchestration.publishing.content_digest import digest_of, set_digest
from orchestration.publishing.run_ledger import list_runs, present_days
from orchestration.publishing.set_ledger import list_sets
from tests.full_run.published_file import one, rows
from tests.full_run.strata_command import strata

PAST_DAY, LAST_DAY = "2026-05-31", "2026-06-30"


def digest(home):
    return set_digest(digest_of(home.published_db.resolve()))


def history(home):
    """The digest of each history table: equal rows, equally often, give equal digests."""
    return digest_of(home.build_db, "history")


def test_demo_ends_with_segments_the_file_and_the_next_command(demo):
    home, finished = demo
    assert f"RFM segments on {LAST_DAY}" in finished.stdout
    assert "Champions" in finished.stdout
    assert str(home.published_db) in finished.stdout
    assert f"report: {home.report_page}" in finished.stdout
    assert f"next: strata dev --home {home.root}" in finished.stdout
    # The demo's dirt is told with the segments, by input.
    assert "orders: " in finished.stdout
    assert "rows rejected; see marts.rejected_records" in finished.stdout
    assert "dbt segments" in finished.stderr  # it said how far it was


def test_every_table_carries_the_set_id_last(demo):
    home, _ = demo
    tables = rows(
        home,
        "select table_name, last(column_name order by ordinal_position)"
        " from information_schema.columns where table_schema = 'marts' group by table_name",
    )
    assert {last for _, last in tables} == {"set_id"}
    assert {name for name, _ in tables} == {
        "capabilities",
        "clv_model_parameters",
        "clv_model_runs",
        "customer_360",
        "data_quality_report",
        "engagement_channels",
        "engagement_content",
        "engagement_segments",
        "loyalty_segments",
        "probabilistic_segments",
        "published_set",
        "refunds_without_order",
        "rejected_records",
        "rfm_segments",
        "rfm_thresholds",
        "segment_changes",
        "segment_memberships",
        "segment_migration",
        "send_time",
    }
    set_id = one(home, "select set_id from marts.published_set")
    for name, _ in tables:
        assert rows(home, f"select distinct set_id from marts.{name}") in ([(set_id,)], [])


def test_every_person_is_in_one_segment_of_each_exclusive_type(demo):
    home, _ = demo
    people = one(home, "select count(*) from marts.customer_360")
    assert people > 300
    assert rows(
        home,
        "select segment_type, count(*), count(distinct profile_id)"
        " from marts.segment_memberships group by segment_type order by segment_type",
    ) == [
        (name, people, people)
        for name in (
            *("brand_engagement", "channel_mix", "churn_risk", "clv_tier", "loyalty"),
            *("preferred_channel", "rfm", "usage"),
        )
    ]


def test_predictions_are_finite_and_never_negative(demo):
    home, _ = demo
    assert (
        one(
            home,
            "select count(*) from marts.probabilistic_segments where predicted_clv_365_days < 0"
            " or not isfinite(p_alive) or p_alive not between 0 and 1"
            " or expected_orders_30_days > expected_orders_90_days"
            " or expected_orders_90_days > expected_orders_365_days",
        )
        == 0
    )
    assert one(home, "select sum(predicted_clv_365_days) from marts.probabilistic_segments") > 0


def test_no_address_and_no_clear_customer_id_is_in_the_home(demo):
    home, _ = demo
    known = [b"@example.com", b"@example.org"]
    # The list of addresses that name nobody is no personal data, and a config table.
    blocked = (Project.here().config_tables / "blocked_identifiers.csv").read_text()
    nobodies = [line.partition(",")[2].encode() for line in blocked.splitlines()]
    for path in home.root.rglob("*"):
        if path.is_file() and home.demo not in path.parents and home.vault not in path.parents:
            content = path.read_bytes()
            for nobody in filter(None, nobodies):
                content = content.replace(nobody, b"")
            assert not any(canary in content for canary in known), path


def test_files_are_closed_to_others(demo):
    home, _ = demo
    open_files = [
        path
        for path in home.root.rglob("*")
        if not path.is_symlink()
        and home.demo not in [path, *path.parents]
        and stat.S_IMODE(path.stat().st_mode) & 0o007
    ]
    assert open_files == []


def test_no_pickle_is_written(demo):
    home, _ = demo
    storage = home.dagster / "storage"
    assert [path for path in home.root.rglob("*.pkl")] == []
    assert not storage.exists() or [path for path in storage.rglob("*") if path.is_file()] == []


def test_dagster_shows_the_run_with_its_materializations_and_checks(demo, monkeypatch):
    home, _ = demo
    monkeypatch.setenv("DAGSTER_HOME", str(home.dagster))
    with dg.DagsterInstance.get() as instance:
        [run] = instance.get_runs(limit=1)
        assert (run.job_name, run.status) == ("daily", dg.DagsterRunStatus.SUCCESS)
        assert run.tags["dagster/partition"] == LAST_DAY
        key = dg.AssetKey(["published", "published_set"])
        [record] = instance.fetch_materializations(key, limit=1).records
        metadata = record.asset_materialization.metadata
        assert metadata["people"].value > 300
        assert len(metadata["segments"].value) < 1000


def test_the_report_is_of_the_published_set_and_names_nobody(demo):
    home, _ = demo
    page = home.report_page.read_text(encoding="utf-8")
    assert one(home, "select set_id from marts.published_set") in page
    assert "Champions" in page
    assert home.report_docs.is_file()
    for (profile_id,) in rows(home, "select profile_id from marts.customer_360"):
        assert profile_id not in page


def test_running_the_day_again_publishes_the_same_content(demo):
    home, _ = demo
    before = (home.published_db.readlink(), digest(home))
    strata("run", "--home", home.root, "--as-of", LAST_DAY)
    assert (home.published_db.readlink(), digest(home)) == before


def test_a_report_that_cant_be_written_leaves_the_published_set(demo):
    home, _ = demo
    before = (home.published_db.readlink(), digest(home))
    kept = home.report.rename(home.root / "kept_report")
    home.report.write_text("in the way", encoding="utf-8")
    finished = strata("run", "--home", home.root, "--as-of", LAST_DAY, expect=1)
    assert finished.stderr.splitlines()[-1].startswith("strata: writing the report: ")
    assert (home.published_db.readlink(), digest(home)) == before
    home.report.unlink()
    kept.rename(home.report)
    assert str(home.report_page) in strata("report", "--home", home.root).stdout


def test_the_first_day_has_no_changes(demo):
    home, _ = demo
    assert one(home, "select count(*) from marts.segment_changes") == 0
    assert one(home, "select count(*) from marts.segment_migration") == 0


def test_a_backfilled_day_is_built_beside_and_the_newest_is_published_with_it(demo):
    home, _ = demo
    before = home.published_db.readlink()
    backfill = ("backfill", "--home", home.root, "--month-ends", "--from", "2026-05-01")
    finished = strata(*backfill, "--to", "2026-06-15")
    assert "building 2026-05-31" in finished.stderr
    assert "a past day: built beside, not published" in finished.stderr
    assert "1 days built into history, 0 stood there" in finished.stdout
    assert PAST_DAY in [str(day) for day in present_days(home)]

    assert home.published_db.readlink() != before
    assert str(one(home, "select as_of_date from marts.published_set")) == LAST_DAY
    assert one(home, "select count(*) from marts.segment_changes where cause = 'behaviour'") > 50
    assert one(home, "select count(*) from marts.segment_migration where from_segment is null") > 0
    assert "0 days built into history, 2 stood there" in strata(*backfill).stdout


@pytest.fixture(scope="module")
def day_by_day(demo, tmp_path_factory):
    """Another home of the same files, in which the two days were run in their order."""
    home = Home(tmp_path_factory.mktemp("daily") / "home")
    landing = demo[0].demo / "landing"
    for day in (PAST_DAY, LAST_DAY):
        strata("run", "--home", home.root, "--landing", landing, "--as-of", day)
    return home


def test_a_backfill_gives_what_daily_runs_give(demo, day_by_day):
    home, _ = demo
    assert history(home) == history(day_by_day)
    assert home.published_db.readlink().name == day_by_day.published_db.readlink().name
    assert digest(home) == digest(day_by_day)


def test_rollback_holds_until_publish(demo):
    home, _ = demo
    newest = home.published_db.readlink()
    # Another configuration makes another set of the same day.
    overlay = home.root.parent / "overlay"
    overlay.mkdir()
    (overlay / "strata.yml").write_text("rfm_window_days: 365", encoding="utf-8")
    strata("run", "--home", home.root, "--as-of", LAST_DAY, STRATA_CONFIG=str(overlay))
    changed = home.published_db.readlink()
    assert changed != newest

    strata("rollback", "--home", home.root)
    assert home.published_db.readlink() == newest
    assert newest.stem in home.report_page.read_text(encoding="utf-8")
    assert "held there" in strata("status", "--home", home.root).stdout
    again = ("run", "--home", home.root, "--as-of", LAST_DAY)
    assert "readers stay" in strata(*again, STRATA_CONFIG=str(overlay)).stderr
    assert home.published_db.readlink() == newest
    strata("publish", "--home", home.root)
    assert home.published_db.readlink() == changed
    assert changed.stem in home.report_page.read_text(encoding="utf-8")
    assert "held there" not in strata("status", "--home", home.root).stdout


def test_a_failing_dbt_test_leaves_the_last_good_set(demo):
    home, _ = demo
    before = (home.published_db.readlink(), digest(home))
    landing = home.demo / "landing" / "orders"
    good = landing / "orders_2026-06.csv"
    header, *lines = good.read_text(encoding="utf-8").splitlines()
    spoilt = [line.replace("2026-06", "2026-16") for line in lines] * 20
    bad = landing / "orders_spoilt.csv"
    bad.write_text("\n".join([header, *spoilt]) + "\n", encoding="utf-8")
    finished = strata("run", "--home", home.root, "--as-of", LAST_DAY, expect=1)
    assert "nothing was published" in finished.stderr
    line = finished.stderr.splitlines()[-1]
    assert line.startswith("strata: orders: ")
    assert "rejected, most for invalid_timestamp in ordered_at; limit max_reject_share 5%" in line
    assert "Dependencies" not in finished.stderr
    assert (home.published_db.readlink(), digest(home)) == before
    [failed] = list_runs(home, 1)
    assert (failed.status, f"strata: {failed.message}") == ("failed", line)


def test_a_run_that_fails_its_audit_leaves_no_trace_in_history(demo, day_by_day):
    home, _ = demo
    strict = home.root.parent / "strict"
    strict.mkdir()
    (strict / "strata.yml").write_text("max_population_drop_share: 0", encoding="utf-8")
    # From the customers alone: guests are missing, which the last check finds, after history.
    before_orders = ("erasure_requests", "accounts", "calendar_annotations", "consents")
    seq = len((*before_orders, "customer_traits", "customers"))
    few = ("run", "--home", home.root, "--as-of", LAST_DAY, "--intake-seq", seq)
    failed = strata(*few, expect=1, STRATA_CONFIG=str(strict))
    assert "max_population_drop_share" in failed.stderr
    assert history(home) != history(day_by_day)

    published = day_by_day.published_db.readlink().stem
    before = {each.set_id: each.intake_seq for each in list_sets(home)}[published]
    strata("run", "--home", home.root, "--as-of", LAST_DAY, "--intake-seq", before)
    assert history(home) == history(day_by_day)


def test_a_set_is_built_again_at_its_own_sequence(demo, day_by_day):
    home, _ = demo
    # The spoilt file has come in since, and readers get the set that was there before it.
    assert home.published_db.readlink().name == day_by_day.published_db.readlink().name
    built = digest_of(home.build_db)
    assert built == {
        table: digest
        for table, digest in digest_of(day_by_day.published_db.resolve()).items()
        if table != "published_set"
    }


def test_status_and_doctor_speak_of_what_is_there(demo):
    home, _ = demo
    told = strata("status", "--home", home.root).stdout
    assert f"as of {LAST_DAY}" in told
    assert "failed" in told
    assert "is what was published" in strata("doctor", "--home", home.root).stdout


def test_the_demos_home_refuses_other_data(demo, tmp_path):
    home, _ = demo
    (tmp_path / "orders").mkdir()
    finished = strata("run", "--home", home.root, "--landing", tmp_path, expect=1)
    assert "holds the demo shop" in finished.stderr


@pytest.mark.parametrize("arguments", [("--customers", 401), ("--seed", 8)])
def test_another_demo_shop_needs_another_home(demo, arguments):
    home, _ = demo
    finished = strata("demo", "--home", home.root, *arguments, expect=1)
    assert "holds another demo shop" in finished.stderr
