"""The report as a browser shows it: opened from disk, on a desk, a phone and paper."""

from __future__ import annotations

import math
from contextlib import contextmanager

import duckdb
import pytest

from orchestration.paths import Project
from orchestration.reporting.write_report import write_report
from orchestration.settings.settings_loader import load_configuration
from tests.reporting.chart_sums import SUMS, drawn_numbers
from tests.reporting.report_set import make_home

# What the chart library itself has taken from a trace, not what the page has handed it.
TAKEN = """
plots => plots.map(plot => ({
  id: plot.dataset.chart,
  data: plot._fullData.map(trace => ({
    type: trace.type, orientation: trace.orientation, values: trace.values,
    z: trace.z && Array.from(trace.z, row => Array.from(row)),
    x: trace.x && Array.from(trace.x), y: trace.y && Array.from(trace.y),
    link: trace.link && { value: trace.link.value },
  })),
  width: plot.querySelector('.main-svg').getBoundingClientRect().width,
  card: plot.getBoundingClientRect().width,
  marks: plot.querySelectorAll('.point, .heatmaplayer image, .sankey-link, .slice').length,
}))
"""
CONTRAST = """
() => {
  const channel = value => {
    const share = value / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const light = text => {
    const [r, g, b] = text.match(/[0-9.]+/g).map(Number).map(channel);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('h1, h2, h3, p, dt, dd, li, a, td, th, summary, button')]
    .filter(element => element.textContent.trim() && element.getClientRects().length)
    .map(element => {
      const pair = [light(getComputedStyle(element).color), light(behind(element))];
      const [dark, bright] = pair.sort((a, b) => a - b);
      const text = element.textContent.trim().slice(0, 40);
      return { text, ratio: (bright + 0.05) / (dark + 0.05) };
    })
    .filter(found => found.ratio < 4.5);
}
"""
OUT_OF_SIGHT = """
() => [...document.querySelectorAll('.card, .tile, .plot, table')]
  .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
  .filter(element => !element.closest('.scroll'))
  .map(element => element.id || element.className)
"""

# Marks and names of the streams that stand out of their plot, which would cut them off.
CUT_OFF = """
() => {
  const plot = document.querySelector('#plot-migration').getBoundingClientRect();
  return [...document.querySelectorAll('#plot-migration .node-rect, #plot-migration .node-label')]
    .filter(mark => mark.getBoundingClientRect().height > 0)
    .filter(mark => mark.getBoundingClientRect().bottom > plot.bottom + 1
      || mark.getBoundingClientRect().top < plot.top - 1)
    .map(mark => mark.textContent || 'a node');
}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    made = make_home(tmp_path_factory.mktemp("browser"))
    write_report(made, Project.here(), load_configuration(Project.here()).settings)
    return made


@pytest.fixture
def opened(browser, home):
    @contextmanager
    def open_page(width=1280, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        told, asked = [], []
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(home.report_page.as_uri())
        page.wait_for_selector("html[data-drawn=true]")
        yield page
        assert told == []
        outside = [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
        assert outside == []
        context.close()

    return open_page


@pytest.mark.parametrize("width", [1280, 360])
def test_each_chart_draws_numbers_of_the_file_as_wide_as_its_card(opened, home, width):
    with opened(width) as page:
        taken = page.eval_on_selector_all(".plot", TAKEN)
    assert sorted(chart["id"] for chart in taken) == sorted(SUMS)
    with duckdb.connect(home.published_db.resolve(), read_only=True) as connection:
        for chart in taken:
            numbers = drawn_numbers(chart["data"])
            [expected] = connection.execute(SUMS[chart["id"]]).fetchone()
            assert len(set(numbers)) >= 2, chart["id"]
            assert math.isclose(sum(numbers), float(expected), rel_tol=1e-6), chart["id"]
            assert chart["width"] == pytest.approx(chart["card"], abs=1), chart["id"]
            assert chart["card"] > 0.8 * min(width, 560) - 60, chart["id"]
            assert chart["marks"] > 0, chart["id"]


@pytest.mark.parametrize("width", [1280, 768, 360])
def test_nothing_stands_out_of_the_page(opened, width):
    with opened(width) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(OUT_OF_SIGHT) == []


@pytest.mark.parametrize("width", [1280, 360])
def test_no_stream_of_migration_is_cut_off(opened, width):
    with opened(width) as page:
        assert page.locator("#plot-migration .node-label").count() >= 4
        assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(opened, scheme):
    with opened(scheme=scheme) as page:
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        assert page.evaluate(CONTRAST) == []


def test_the_theme_changes_by_keyboard(opened):
    with opened() as page:
        before = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.focus("#theme")
        page.keyboard.press("Enter")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
        page.wait_for_selector(".plot .main-svg")


def test_each_chart_has_its_numbers_as_a_table(opened):
    with opened() as page:
        assert page.locator("article:has(.plot) table").count() == len(SUMS)
        page.locator("#rfm-map summary").focus()
        page.keyboard.press("Enter")
        assert page.locator("#rfm-map table").is_visible()
        assert page.locator("#rfm-map tbody tr").count() > 5


def test_a_name_from_data_is_drawn_as_it_is(opened):
    with opened() as page:
        labels = page.locator("#plot-interests .ytick text").all_text_contents()
        assert page.locator("#plot-interests img").count() == 0
    assert any("onerror" in label for label in labels)


def test_paper_is_light_and_has_every_chart_at_its_width(opened):
    with opened(scheme="dark") as page:
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print", color_scheme="dark")
        page.set_viewport_size({"width": 688, "height": 1000})
        assert page.evaluate("document.documentElement.dataset.theme") == "light"
        widths = page.eval_on_selector_all(
            ".plot .main-svg:first-child",
            "plots => plots.map(plot => plot.getBoundingClientRect().width)",
        )
        assert set(widths) == {640}
        assert len(page.pdf(format="A4")) > 50_000
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
