"""Config tables that make no sense are refused before a run, in one line that names the place."""

import pytest

from orchestration.errors import StrataError
from orchestration.paths import Project
from orchestration.settings.config_table_checks import check_config_tables
from orchestration.settings.settings_loader import load_configuration

TABLES = load_configuration(Project.here()).tables


def edited(tmp_path, name, edit):
    """The shipped tables, with one replaced by an edited copy."""
    copy = tmp_path / name
    copy.write_text(edit(TABLES[name].read_text(encoding="utf-8")), encoding="utf-8")
    return TABLES | {name: copy}


def test_the_shipped_tables_are_sound():
    check_config_tables(TABLES)


def replace(old, new):
    def edit(text):
        assert old in text
        return text.replace(old, new, 1)

    return edit


@pytest.mark.parametrize(
    ("name", "edit", "told"),
    [
        (
            "rfm_grid.csv",
            replace("standard,3,3,3,need_attention\n", ""),
            "grid standard has a hole at R3 F3 M3",
        ),
        (
            "rfm_grid.csv",
            replace("standard,5,5,5,champions\n", "standard,5,5,5,champions\n" * 2),
            "cell R5 F5 M5 of grid standard is there already",
        ),
        (
            "rfm_grid.csv",
            replace("standard,5,5,5,champions", "standard,5,5,5,champion"),
            "unknown segment 'champion'; did you mean 'champions'?",
        ),
        (
            "rfm_grid.csv",
            lambda text: text.replace(",promising\n", ",need_attention\n"),
            "no cell leads to segment 'promising'",
        ),
        ("rfm_grid.csv", lambda text: text + "standard,6,1,1,promising\n", "scores go from 1 to 5"),
        ("rfm_grid.csv", replace("recency_score", "recency"), "no column 'recency_score'"),
        ("rfm_grid.csv", lambda text: text + "standard,1\n", "not as many cells"),
        (
            "clv_tiers.csv",
            lambda text: "".join(f"{line.rpartition(',')[0]}\n" for line in text.splitlines()),
            "no column 'lower_bound'; the header is tier_code,tier_name,tier_rank,lower_bound",
        ),
        ("segment_types.csv", lambda text: text.replace("_name", "_nam", 1), "did you mean"),
        ("guest_ids.csv", lambda text: "", "no column 'customer_id'"),
        ("churn_bands.csv", replace("band_name", "band_code"), "no column 'band_name'"),
        (
            "order_statuses.csv",
            lambda text: "".join(f"{line},\n" for line in text.splitlines()),
            "column '' is not known",
        ),
        (
            "rfm_cutoffs.csv",
            replace("frequency,absolute,3,3", "frequency,absolute,3,2"),
            "lower_bound of 'frequency absolute 3' must be above that of 'frequency absolute 2'",
        ),
        (
            "rfm_cutoffs.csv",
            replace("monetary,quantile,5,0.8", "monetary,quantile,5,nan"),
            "lower_bound of 'monetary quantile 5' must be at least 0",
        ),
        (
            "rfm_cutoffs.csv",
            replace("monetary,quantile,5,0.8", "monetary,quantile,5,80"),
            "and below 1",
        ),
        ("rfm_cutoffs.csv", replace("frequency,absolute,5,6", ""), "one row for each score"),
        (
            "rfm_cutoffs.csv",
            replace("frequency,absolute,5,6", "frequency,quantile,5,6"),
            "frequency has two methods, absolute and quantile",
        ),
        ("clv_tiers.csv", lambda text: text.replace(",0\n", ",0.1\n", 1), "must be 0"),
        (
            "order_statuses.csv",
            replace("paid,valid", "paid,vaild"),
            "unknown order_outcome 'vaild'; did you mean 'valid'?",
        ),
        ("excluded_orders.csv", replace("channel,", "chanel,"), "did you mean 'channel'?"),
    ],
)
def test_a_table_that_makes_no_sense_is_one_line(tmp_path, name, edit, told):
    with pytest.raises(StrataError) as raised:
        check_config_tables(edited(tmp_path, name, edit))
    assert told in str(raised.value)
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_name_with_quotes_and_emoji_is_data(tmp_path):
    tables = edited(
        tmp_path,
        "rfm_segment_definitions.csv",
        replace("champions,Champions,", "champions,\"O'Brien's {{ x }} 🎉\","),
    )
    check_config_tables(tables)


def test_a_table_that_is_not_utf_8_is_one_line(tmp_path):
    copy = tmp_path / "rfm_grid.csv"
    copy.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StrataError, match="can't be read as CSV"):
        check_config_tables(TABLES | {"rfm_grid.csv": copy})
