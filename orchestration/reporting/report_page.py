"""The report as one text of HTML: charts as data beside their sentences, everything escaped."""

from __future__ import annotations

from dataclasses import dataclass

import jinja2
from markupsafe import Markup, escape

from orchestration.paths import Project
from orchestration.reporting import number_texts
from orchestration.reporting.charts import Chart, Section
from orchestration.reporting.engagement_charts import engagement_section
from orchestration.reporting.headlines import hints, tiles
from orchestration.reporting.input_charts import capabilities, input_section
from orchestration.reporting.loyalty_charts import loyalty_section
from orchestration.reporting.movement_charts import movement_section
from orchestration.reporting.published_reader import PublishedReader
from orchestration.reporting.segment_charts import rfm_segments, segments_section
from orchestration.reporting.value_charts import value_section

_PAGE, _STYLE, _SCRIPT = "report_page.html", "report_page.css", "report_page.js"


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A page as text, with how many of its charts have something to show."""

    html: str
    chart_count: int
    empty_chart_count: int


def render_report(reader: PublishedReader, project: Project, *, has_docs: bool) -> RenderedPage:
    """The page of a published set. The chart library and the dbt docs are files beside it.

    Args:
        reader: the published set.
        project: the checkout, for the page's template.
        has_docs: whether the dbt docs are there to be linked to.
    """
    segments = rfm_segments(reader)
    sections = [
        segments_section(reader, segments),
        value_section(reader),
        movement_section(reader),
        engagement_section(reader),
        loyalty_section(reader),
        input_section(reader),
    ]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(project.report_templates),
        autoescape=jinja2.select_autoescape(("html",)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["with_code"] = _with_code
    html = environment.get_template(_PAGE).render(
        as_of_date=number_texts.day(reader.as_of_date),
        set_id=reader.set_id,
        currency=reader.currency,
        smallest_group=reader.smallest_group,
        tiles=tiles(reader),
        hints=hints(reader, segments),
        sections=sections,
        figures=_figures(sections),
        capabilities=capabilities(reader),
        has_docs=has_docs,
        # Files of the project, not data: they stand in the page as they are.
        style=environment.loader.get_source(environment, _STYLE)[0],
        script=environment.loader.get_source(environment, _SCRIPT)[0],
    )
    return RenderedPage(
        html=html,
        chart_count=sum(len(section.drawn) for section in sections),
        empty_chart_count=sum(len(section.empty) for section in sections),
    )


def _with_code(sentence: str) -> Markup:
    """A sentence in which names between backquotes are set as code; the rest is escaped."""
    parts = [
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(sentence.split("`"))
    ]
    return Markup("").join(parts)


def _figures(sections: list[Section]) -> dict[str, object]:
    charts: list[Chart] = [chart for section in sections for chart in section.charts]
    return {
        chart.chart_id: chart.figure | {"height": chart.height}
        for chart in charts
        if chart.figure is not None
    }
