"""The settings file and its overlay: what is taken, what is refused and how it is told."""

import datetime as dt
import shutil

import pytest

from orchestration.errors import StrataError
from orchestration.paths import Home, Project
from orchestration.settings.settings_loader import load_configuration
from orchestration.settings.suggestions import did_you_mean

PROJECT = Project.here()


def overlay_with(tmp_path, text):
    (tmp_path / "strata.yml").write_text(text, encoding="utf-8")
    return tmp_path


def test_shipped_settings_are_valid_and_dbt_gets_only_what_models_read():
    configuration = load_configuration(PROJECT)
    assert configuration.settings.rfm_window_days == 730
    assert "keep_sets" not in configuration.settings.dbt_vars()
    assert configuration.settings.dbt_vars()["rfm_window_days"] == 730


def test_overlay_replaces_one_setting_and_leaves_the_rest(tmp_path):
    settings = load_configuration(
        PROJECT, overlay=overlay_with(tmp_path, "rfm_window_days: 365")
    ).settings
    assert settings.rfm_window_days == 365
    assert settings.business_timezone == "UTC"


def test_overlay_goes_before_the_map_and_the_map_before_the_shipped_file(tmp_path):
    map_path = tmp_path / "shop.yml"
    map_path.write_text("settings: {shop_currency: GBP, rfm_window_days: 100}", encoding="utf-8")
    (tmp_path / "overlay").mkdir()
    overlay = overlay_with(tmp_path / "overlay", "rfm_window_days: 365")
    settings = load_configuration(PROJECT, map_path, overlay).settings
    assert (settings.shop_currency, settings.rfm_window_days) == ("GBP", 365)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rfm_windw_days: 3", "unknown setting 'rfm_windw_days'; did you mean 'rfm_window_days'?"),
        ("business_timezone: Europe/Lodnon", "no such time zone 'Europe/Lodnon'; did you mean"),
        ("rfm_window_days: 0", "rfm_window_days"),
        ("annual_discount_rate: .nan", "annual_discount_rate"),
        ("churn_horizon_days: 31", "churn_horizon_days"),
        ("shop_currency: pounds", "shop_currency: expected three capital letters, as in EUR"),
        ("schedule_time: '25:00'", "schedule_time: expected HH:MM in quotes, as in '05:00'"),
        ("schedule_time: 15:00", "expected HH:MM in quotes, as in '05:00' (got 900)"),
        ("memory_limit: 4", "memory_limit: expected a number with MB, GB, MiB or GiB, as in 4GB"),
        ("alert_webhook_url_env: url", "expected capital letters, digits and _"),
        ("- a\n- b", "expected lines of the form"),
        ("a: [", "can't be read as YAML"),
        ("first_as_of_date: 2010-02-30", "day is out of range"),
        (
            "keep_sets: 3\nthreads: 2\nkeep_sets: 4",
            "'keep_sets' stands in line 1 and in line 3",
        ),
    ],
)
def test_a_bad_setting_is_one_line_that_names_it(tmp_path, text, told):
    with pytest.raises(StrataError) as raised:
        load_configuration(PROJECT, overlay=overlay_with(tmp_path, text))
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_unknown_setting_in_a_map_is_refused(tmp_path):
    map_path = tmp_path / "shop.yml"
    map_path.write_text("settings: {shop_curency: GBP}", encoding="utf-8")
    with pytest.raises(StrataError, match="did you mean 'shop_currency'"):
        load_configuration(PROJECT, map_path)


def test_an_overlay_table_of_an_unknown_name_is_refused(tmp_path):
    (tmp_path / "rfm_gird.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(StrataError, match=r"did you mean 'rfm_grid\.csv'"):
        load_configuration(PROJECT, overlay=tmp_path)


def test_a_missing_overlay_folder_is_refused(tmp_path):
    with pytest.raises(StrataError, match="no folder"):
        load_configuration(PROJECT, overlay=tmp_path / "nowhere")


def test_config_hash_changes_with_a_rule_and_not_with_how_a_run_goes(tmp_path):
    shipped = load_configuration(PROJECT).config_hash
    (tmp_path / "threads").mkdir()
    (tmp_path / "window").mkdir()
    threads = load_configuration(PROJECT, overlay=overlay_with(tmp_path / "threads", "threads: 1"))
    window = load_configuration(
        PROJECT, overlay=overlay_with(tmp_path / "window", "rfm_window_days: 9")
    )
    assert threads.config_hash == shipped
    assert window.config_hash != shipped


def test_a_replaced_table_reaches_dbt_and_the_shipped_one_stays(tmp_path):
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    shipped = (PROJECT.config_tables / "rfm_cutoffs.csv").read_bytes()
    shutil.copyfile(PROJECT.config_tables / "rfm_cutoffs.csv", overlay / "rfm_cutoffs.csv")
    with (overlay / "rfm_cutoffs.csv").open("a", encoding="utf-8") as table:
        table.write("\n")
    configuration = load_configuration(PROJECT, overlay=overlay)
    home = Home(tmp_path / "home")
    relative = configuration.seed_path_for_dbt(home, PROJECT)
    gathered = (PROJECT.dbt_project / relative).resolve()
    assert not relative.startswith("/")
    assert (gathered / "rfm_cutoffs.csv").read_bytes() == shipped + b"\n"
    assert {path.name for path in gathered.glob("*.csv")} == set(configuration.tables)
    assert (PROJECT.config_tables / "rfm_cutoffs.csv").read_bytes() == shipped


@pytest.mark.parametrize(
    ("weekday", "fit_date"),
    [
        ("monday", dt.date(2011, 8, 29)),
        ("wednesday", dt.date(2011, 8, 31)),
        ("thursday", dt.date(2011, 8, 25)),
        ("every_day", dt.date(2011, 8, 31)),
    ],
)
def test_models_are_fitted_on_the_latest_fit_weekday(tmp_path, weekday, fit_date):
    overlay = overlay_with(tmp_path, f"clv_fit_weekday: {weekday}")
    settings = load_configuration(PROJECT, overlay=overlay).settings
    assert settings.clv_fit_date(dt.date(2011, 8, 31)) == fit_date  # a Wednesday


def test_did_you_mean_says_nothing_where_nothing_is_close():
    assert did_you_mean("zzzz", ["rfm_grid"]) == ""
