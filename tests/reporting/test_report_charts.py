"""Charts of made-up people: numbers that agree with the file, and words where there are none."""

import json
import re

import duckdb
import plotly.graph_objects as go
import pytest

from orchestration.reporting.charts import Chart, Section
from orchestration.reporting.published_reader import open_published
from orchestration.reporting.report_page import render_report
from tests.reporting.chart_sums import SUMS, drawn_numbers
from tests.reporting.report_set import EVIL_TOPIC


def page_of(home, project, *, smallest_group=5, has_docs=False):
    with open_published(home.published_db.resolve(), "USD", smallest_group) as reader:
        return render_report(reader, project, has_docs=has_docs)


def figures_of(html):
    found = re.search(r'<script id="figures" type="application/json">(.*?)</script>', html)
    return json.loads(found[1])


@pytest.fixture(scope="module")
def people_page(people_home, project):
    return page_of(people_home, project)


@pytest.fixture(scope="module")
def figures(people_page):
    return figures_of(people_page.html)


def test_every_chart_but_calibration_has_something_to_show(figures, people_page):
    assert set(figures) == set(SUMS)
    assert (people_page.chart_count, people_page.empty_chart_count) == (len(SUMS), 1)
    assert "clv_backtest" in people_page.html


@pytest.mark.parametrize("chart_id", SUMS)
def test_a_chart_adds_up_to_what_the_file_says(chart_id, figures, people_home):
    with duckdb.connect(people_home.published_db.resolve(), read_only=True) as connection:
        [expected] = connection.execute(SUMS[chart_id]).fetchone()
    numbers = drawn_numbers(figures[chart_id]["data"])
    assert len(set(numbers)) >= 2
    assert sum(numbers) == pytest.approx(float(expected))


@pytest.mark.parametrize(("end", "x"), [("source", 0.001), ("target", 0.999)])
def test_streams_leave_room_between_segments_and_end_within_the_plot(figures, end, x):
    [trace] = figures["migration"]["data"]
    node, link = trace["node"], trace["link"]
    gap = node["pad"] / figures["migration"]["height"]
    places = [place for place, own_x in enumerate(node["x"]) if own_x == x]
    sizes = [
        sum(value for at, value in zip(link[end], link["value"], strict=True) if at == place)
        for place in places
    ]
    heights = [size / sum(sizes) * (1 - gap * (len(sizes) - 1)) for size in sizes]
    middles = [node["y"][place] for place in places]
    for place in range(1, len(places)):
        apart = (heights[place - 1] + heights[place]) / 2 + gap
        assert middles[place] - middles[place - 1] == pytest.approx(apart, abs=0.001)
    assert middles[-1] + heights[-1] / 2 == pytest.approx(1, abs=0.001)


@pytest.mark.parametrize("chart_id", SUMS)
def test_a_figure_is_one_that_the_library_knows(chart_id, figures):
    painted = json.loads(
        json.dumps(figures[chart_id]).replace('"@scale"', '"Blues"').replace('"@', '"#')
    )
    text = re.sub(r'"#[a-z-]+"', '"#0f6a78"', json.dumps(painted))
    figure = json.loads(text)
    assert go.Figure(data=figure["data"], layout=figure["layout"]).data


def test_every_chart_says_what_to_do_with_it(people_page):
    assert people_page.html.count("<span>What to do</span>") == len(SUMS) + 1


def test_no_person_stands_in_the_page(people_page):
    assert not re.search(r"person\d{4}", people_page.html)


def test_small_groups_are_not_in_the_page_but_counted(people_page):
    assert "returned_only name" not in people_page.html
    assert "2 small groups left out" in people_page.html


def test_a_name_from_data_is_never_markup(people_page, figures):
    assert "<img" not in people_page.html
    assert "onerror=alert" in people_page.html
    labels = figures["interests"]["data"][0]["y"]
    assert EVIL_TOPIC.replace("<", "&lt;").replace(">", "&gt;") in labels


def test_the_page_asks_nobody_for_anything(people_page):
    assert re.findall(r'(?:src|href)="([^"#][^"]*)"', people_page.html) == ["plotly.min.js"]
    assert "default-src 'none'" in people_page.html


def test_the_docs_are_linked_where_they_are(people_home, project):
    assert 'href="dbt-docs.html"' in page_of(people_home, project, has_docs=True).html


def test_an_empty_set_says_why_there_is_nothing(empty_home, project):
    page = page_of(empty_home, project)
    assert page.chart_count == 0
    assert page.empty_chart_count == len(SUMS) + 1
    assert figures_of(page.html) == {}
    assert page.html.count("<dt>") == 6 + len(SUMS) + 1


def test_a_feature_that_is_off_is_told_where_its_chart_would_be(people_home, project, tmp_path):
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(people_home.published_db.resolve().read_bytes())
    with duckdb.connect(copy) as connection:
        connection.execute("delete from marts.engagement_segments")
    with open_published(copy, "USD", 5) as reader:
        html = render_report(reader, project, has_docs=False).html
    assert "Brand engagement: no row with events.event_name: there is no brand score." in html


def test_totals_of_too_few_people_are_a_dash(people_home, project):
    html = page_of(people_home, project, smallest_group=300).html
    assert html.count('<span class="number">–</span>') == 5


def test_a_chart_without_a_neighbour_is_wide():
    figure = {"data": []}
    first, second, third = (Chart(name, name, "do", figure=figure) for name in "abc")
    empty = Chart("d", "d", "do")
    section = Section("s", "s", "s", [first, empty, second, third])
    assert [section.is_wide(chart) for chart in (first, second, third)] == [False, False, True]
    assert section.empty == [empty]
