"""What a chart of the report is, and the few kinds of figure that it draws.

A figure is plain data in the form of the chart library. Colours are not in it: a text that begins
with `@` names one of the page's own (`@accent`), which differ between light, dark and paper. Names
that come from data are shown as they are, never as markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.reporting.published_reader import Groups

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
        height: in pixels.
        is_wide: whether it takes the whole width of the page.
    """

    chart_id: str
    title: str
    action: str
    finding: str = ""
    figure: Figure | None = None
    missing: str = ""
    numbers: Numbers = field(default_factory=lambda: Numbers((), []))
    left_out: int = 0
    height: int = 360
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Charts that answer one question."""

    section_id: str
    title: str
    question: str
    charts: list[Chart]


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


def heat_map(
    x: Sequence[str], y: Sequence[str], values: Cells, texts: Cells, hovers: Cells
) -> Figure:
    """A grid of cells, first row at the top. A value of None leaves its cell empty."""
    return {
        "data": [
            {
                "type": "heatmap",
                "x": [literal_text(label) for label in x],
                "y": [literal_text(label) for label in y],
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
            "xaxis": {"type": "category", "side": "bottom", "showgrid": False},
            "yaxis": {"type": "category", "autorange": "reversed", "showgrid": False},
        },
    }


def upright_bars(
    labels: Sequence[str],
    values: Sequence[float],
    texts: Sequence[str],
    hovers: Sequence[str],
    *,
    x_title: str = "",
) -> Figure:
    """Bars that stand side by side, in the order that they are given in."""
    names = [literal_text(label) for label in labels]
    return {
        "data": [_bars(texts, hovers) | {"x": names, "y": list(values)}],
        "layout": {
            "showlegend": False,
            "xaxis": {"type": "category", "title": {"text": x_title}, "showgrid": False},
            "yaxis": {"visible": False, "rangemode": "tozero"},
            "bargap": 0.18,
        },
    }


def lying_bars(
    labels: Sequence[str], values: Sequence[float], texts: Sequence[str], hovers: Sequence[str]
) -> Figure:
    """Bars one below the other, the first at the top."""
    names = [literal_text(label) for label in labels]
    return {
        "data": [_bars(texts, hovers) | {"y": names, "x": list(values), "orientation": "h"}],
        "layout": {
            "showlegend": False,
            "yaxis": {"type": "category", "autorange": "reversed", "showgrid": False},
            "xaxis": {"visible": False, "rangemode": "tozero"},
            "bargap": 0.3,
        },
    }


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
