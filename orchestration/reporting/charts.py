"""What a chart of the report is, and the few kinds of figure that it draws.

A figure is plain data in the form of the chart library. Colours are not in it: a text that begins
with `@` names one of the page's own (`@accent`), which differ between light, dark and paper. Names
that come from data are shown as they are, never as markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.reporting.published_reader import Groups, PublishedReader

Figure = dict[str, Any]
Cells = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a chart as a table, for who can't or won't look at it."""

    header: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart with what stands around it.

    Attributes:
        chart_id: its anchor in the page.
        title: what it shows.
        action: what to do with it, in a sentence.
        finding: what it shows today, in a sentence.
        figure: what is drawn; None where there is nothing to draw.
        missing: why there is nothing.
        numbers: the same as a table.
        left_out: groups of people that are too small to be shown.
        axes: how to read it, where its axes don't say so themselves.
        height: in pixels.
        is_wide: whether it takes the whole width of the page.
        shows_numbers_alone: whether its table says something where nothing can be drawn.
    """

    chart_id: str
    title: str
    action: str
    finding: str = ""
    figure: Figure | None = None
    missing: str = ""
    numbers: Numbers = field(default_factory=lambda: Numbers((), []))
    left_out: int = 0
    axes: str = ""
    height: int = 360
    is_wide: bool = False
    shows_numbers_alone: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Charts that answer one question."""

    section_id: str
    title: str
    question: str
    charts: list[Chart]

    @property
    def drawn(self) -> list[Chart]:
        """Charts that have something to show."""
        return [chart for chart in self.charts if chart.figure is not None]

    @property
    def empty(self) -> list[Chart]:
        """Charts that say why they have nothing."""
        return [chart for chart in self.charts if chart.figure is None]

    def is_wide(self, chart: Chart) -> bool:
        """Whether a chart takes the whole width: one without a neighbour does, too."""
        side_by_side = [each for each in self.drawn if not each.is_wide]
        is_alone = len(side_by_side) % 2 == 1 and side_by_side[-1] is chart
        return chart.is_wide or is_alone


def literal_text(text: str) -> str:
    """A name from data as the chart library draws it literally: it reads some tags as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def hover(*lines: str) -> str:
    """What is told of a mark when it is pointed at, line by line."""
    return "<br>".join(literal_text(line) for line in lines if line)


def too_few(groups: Groups, smallest: int) -> str:
    """Why groups can't be drawn, empty if they can: a chart of one bar says nothing."""
    if len(groups.rows) >= 2:
        return ""
    if groups.left_out:
        return f"There are fewer than two groups of at least {smallest} people."
    return "All people there are stand in one group." if groups.rows else "There is nobody yet."


def why_empty(reader: PublishedReader, groups: Groups, *feature_codes: str) -> str:
    """Why groups can't be drawn: the features that are off, else `too_few`; empty if they can."""
    missing = too_few(groups, reader.smallest_group)
    return missing and (reader.why_off(*feature_codes) or missing)


def heat_map(
    x: Sequence[str], y: Sequence[str], values: Cells, texts: Cells, hovers: Cells
) -> Figure:
    """A grid of cells, first row at the top. A value of None leaves its cell empty.

    Labels are drawn as they are: names from data go through `literal_text`.
    """
    return {
        "data": [
            {
                "type": "heatmap",
                "x": list(x),
                "y": list(y),
                "z": values,
                "text": texts,
                "texttemplate": "%{text}",
                "customdata": hovers,
                "hovertemplate": "%{customdata}<extra></extra>",
                "hoverongaps": False,
                "colorscale": "@scale",
                "showscale": False,
                "xgap": 3,
                "ygap": 3,
            }
        ],
        "layout": {
            "xaxis": {"type": "category", "tickangle": 0, "showgrid": False},
            "yaxis": {"type": "category", "autorange": "reversed", "showgrid": False},
        },
    }


def upright_bars(
    labels: Sequence[str],
    values: Sequence[float],
    texts: Sequence[str],
    hovers: Sequence[str],
) -> Figure:
    """Bars that stand side by side, in the order that they are given in."""
    names = [literal_text(label) for label in labels]
    return {
        "data": [_bars(texts, hovers) | {"x": names, "y": list(values)}],
        "layout": {
            "showlegend": False,
            "xaxis": {"type": "category", "tickangle": 0, "showgrid": False},
            "yaxis": {"visible": False, "range": _room_for_texts(values, 1.12)},
            "bargap": 0.18,
        },
    }


def lying_bars(
    labels: Sequence[str], values: Sequence[float], texts: Sequence[str], hovers: Sequence[str]
) -> Figure:
    """Bars one below the other, the first at the top. A label may have two lines."""
    names = [literal_text(label).replace("\n", "<br>") for label in labels]
    return {
        "data": [_bars(texts, hovers) | {"y": names, "x": list(values), "orientation": "h"}],
        "layout": {
            "showlegend": False,
            "yaxis": {"type": "category", "autorange": "reversed", "showgrid": False},
            "xaxis": {"visible": False, "range": _room_for_texts(values, 1.3)},
            "bargap": 0.3,
        },
    }


def _room_for_texts(values: Sequence[float], factor: float) -> list[float]:
    return [min([0, *values]) * factor, max([0, *values]) * factor]


def _bars(texts: Sequence[str], hovers: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "bar",
        "text": list(texts),
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": list(hovers),
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {"color": "@accent"},
    }


def grid(
    rows: Sequence[dict[str, Any]], y_key: str, x_key: str, ys: Sequence[Any], xs: Sequence[Any]
) -> list[list[dict[str, Any] | None]]:
    """Rows laid out by two of their columns; None where there is no row."""
    by_place = {(row[y_key], row[x_key]): row for row in rows}
    return [[by_place.get((y, x)) for x in xs] for y in ys]
