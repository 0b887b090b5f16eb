"""The files of the report: in place whole or not at all, and never in the way of a set."""

import pytest

from orchestration.errors import StrataError
from orchestration.paths import Home
from orchestration.publishing.content_digest import digest_of
from orchestration.reporting import dbt_docs, write_report
from tests.reporting.report_set import SET_ID, make_home


@pytest.fixture
def home(tmp_path):
    return make_home(tmp_path / "home")


def write(home, project, configuration):
    return write_report.write_report(home, project, configuration.settings)


def test_a_report_is_a_page_with_its_library(home, project, configuration):
    before = digest_of(home.set_file(SET_ID))
    written = write(home, project, configuration)
    assert (written.page, written.set_id) == (home.report_page, SET_ID)
    assert sorted(path.name for path in home.report.iterdir()) == ["index.html", "plotly.min.js"]
    assert home.report.stat().st_mode & 0o777 == 0o750
    assert {path.stat().st_mode & 0o777 for path in home.report.iterdir()} == {0o640}
    assert digest_of(home.set_file(SET_ID)) == before


@pytest.mark.parametrize("has_former_library", [True, False])
def test_a_report_that_fails_leaves_the_former_one(
    home, project, configuration, monkeypatch, has_former_library
):
    write(home, project, configuration)
    home.report_page.write_text("the former page")

    def broken(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write_report, "put_in_place", broken)
    if has_former_library:
        home.report_library.write_bytes(b"another version")
    with pytest.raises(StrataError, match="writing the report"):
        write(home, project, configuration)
    assert home.report_page.read_text() == "the former page"
    assert sorted(path.name for path in home.report.iterdir()) == ["index.html", "plotly.min.js"]


def test_what_a_killed_writer_left_is_removed(home, project, configuration):
    left = home.report / ".unfinished-x"
    left.mkdir(parents=True)
    (left / "index.html").write_text("half")
    write(home, project, configuration)
    assert not left.exists()


def test_the_library_is_not_written_twice(home, project, configuration):
    write(home, project, configuration)
    first = home.report_library.stat().st_ino
    write(home, project, configuration)
    assert home.report_library.stat().st_ino == first


def test_without_a_set_there_is_no_report(tmp_path, project, configuration):
    with pytest.raises(StrataError, match="no set is published"):
        write(Home(tmp_path), project, configuration)
    assert not Home(tmp_path).report.exists()


@pytest.fixture
def rendered(home, monkeypatch):
    """Stands for dbt: one entry for each time that it was called."""
    calls = []

    def generate(_home, _project, _configuration, target_path):
        calls.append(target_path)
        page = target_path / "static_index.html"
        page.write_text("docs")
        return page

    monkeypatch.setattr(dbt_docs, "_generate", generate)
    home.dbt_manifest.parent.mkdir(parents=True)
    home.dbt_parse_stamp.write_text("one")
    return calls


def test_docs_are_rendered_where_models_have_changed(home, project, configuration, rendered):
    assert dbt_docs.refresh_docs(home, project, configuration)
    assert not dbt_docs.refresh_docs(home, project, configuration)
    assert dbt_docs.refresh_docs(home, project, configuration, always=True)
    home.dbt_parse_stamp.write_text("another")
    assert dbt_docs.refresh_docs(home, project, configuration)
    assert len(rendered) == 3
    assert home.report_docs.read_text() == "docs"


def test_docs_that_fail_keep_nobody_from_the_report(
    home, project, configuration, rendered, monkeypatch
):
    def broken(*_arguments):
        raise StrataError("dbt can't")

    monkeypatch.setattr(dbt_docs, "_generate", broken)
    with pytest.raises(StrataError, match="dbt can't"):
        write_report.write_report_and_docs(home, project, configuration)
    assert home.report_page.is_file()
    assert not home.report_docs.exists()
