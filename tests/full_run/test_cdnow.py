"""CDNOW from its raw log through map, SQL and estimators to the published parameters."""

import duckdb
import pytest

from orchestration.estimators import gamma_gamma
from orchestration.estimators.fit_outcome import FitResult
from orchestration.estimators.purchase_tuples import SpendTuples
from orchestration.paths import Home, Project
from tests.full_run.conftest import DATA
from tests.full_run.published_file import one, rows
from tests.full_run.strata_command import strata


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory):
    """CDNOW's 39 weeks, BG/NBD with the prior off, fitted on the last day itself."""
    folder = DATA / "cdnow_sample"
    if not folder.is_dir():
        pytest.skip("the CDNOW sample is not on this machine")
    overlay = tmp_path_factory.mktemp("overlay")
    (overlay / "strata.yml").write_text(
        "clv_model: bg_nbd\nclv_prior: none\nclv_fit_weekday: every_day\n", encoding="utf-8"
    )
    home = Home(tmp_path_factory.mktemp("cdnow") / "home")
    strata(
        *("run", "--landing", folder, "--map", Project.here().maps / "cdnow.yml"),
        *("--as-of", "1997-09-30", "--home", home.root),
        STRATA_CONFIG=str(overlay),
    )
    return home


def parameter(home, name):
    return one(
        home,
        "select parameter_value from marts.clv_model_parameters"
        f" where purpose = 'orders' and parameter_name = '{name}'",
    )


def test_bg_nbd_is_the_published_fit_to_four_digits(cdnow):
    # Fader, Hardie and Lee (2005), table 2; alpha there is in weeks.
    assert parameter(cdnow, "r") == pytest.approx(0.2426, abs=5e-5)
    assert parameter(cdnow, "alpha") / 7 == pytest.approx(4.4136, abs=5e-4)
    assert parameter(cdnow, "a") == pytest.approx(0.7929, abs=5e-4)
    assert parameter(cdnow, "b") == pytest.approx(2.4259, abs=2e-3)


def test_every_customer_of_the_sample_is_there_once(cdnow):
    assert one(cdnow, "select count(*) from marts.customer_360") == 2357


def test_the_run_says_what_it_was_fitted_on(cdnow):
    assert rows(
        cdnow,
        "select model_name, purpose, run_status, is_converged, customer_count, data_first_date"
        " from marts.clv_model_runs order by purpose",
    )[0][:5] == ("bg_nbd", "orders", "fitted", True, 2357)


def test_gamma_gamma_on_what_sql_counted_is_the_published_fit(cdnow):
    # Fader and Hardie (2013) fit repeat orders of customers who have some; SQL keeps both means.
    with duckdb.connect(str(cdnow.build_db), read_only=True) as connection:
        counted = connection.execute(
            "select repeat_count, mean_repeat_order_value, count(*)"
            " from intermediate.int_customer_purchase_summaries"
            " where repeat_count > 0 and mean_repeat_order_value > 0 group by all order by all"
        ).fetchall()
    repeat_count, means, customers = zip(*counted, strict=True)
    fitted = gamma_gamma.fit(SpendTuples(repeat_count, means, customers))
    assert isinstance(fitted, FitResult)
    assert fitted.params.p == pytest.approx(6.25, abs=0.01)
    assert fitted.params.q == pytest.approx(3.74, abs=0.01)
    assert fitted.params.gamma == pytest.approx(15.44, abs=0.02)
    assert fitted.log_likelihood == pytest.approx(-4055.92, abs=0.05)
