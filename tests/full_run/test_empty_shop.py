"""A shop without an order, whose day is named: it builds, and says what it lacks."""

from orchestration.paths import Home
from tests.full_run.published_file import rows
from tests.full_run.strata_command import strata


def test_an_empty_shop_is_built_where_its_day_is_named(tmp_path):
    home = Home(tmp_path / "home")
    (tmp_path / "landing").mkdir()

    strata("run", "--landing", tmp_path / "landing", "--as-of", "2026-06-30", "--home", home.root)

    assert rows(home, "select profile_id from marts.customer_360") == []
    assert rows(home, "select distinct run_status from marts.clv_model_runs") == [
        ("insufficient_data",)
    ]
