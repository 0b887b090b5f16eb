"""Write the report of the published set: made in a folder of its own, then put in place.

The page is one file, put in place by one rename and after the library that it loads, so a reader
meets the whole old report or the whole new one. Nothing here touches the published set.
"""

from __future__ import annotations

import importlib.resources
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import StrataError
from orchestration.paths import Home, Project
from orchestration.reporting.dbt_docs import refresh_docs
from orchestration.reporting.published_reader import open_published
from orchestration.reporting.report_page import render_report
from orchestration.settings.settings_loader import Configuration
from orchestration.settings.settings_model import Settings
from orchestration.warehouse.durable_files import (
    READERS_FILE_MODE,
    READERS_FOLDER_MODE,
    make_folder,
    put_in_place,
)
from orchestration.warehouse.fault_messages import told_in_one_line
from orchestration.warehouse.locks import FileLock

# Of a writer that was killed; the next one removes it. Not in `scratch`, which runs empty.
_UNFINISHED = ".unfinished-"


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A report that is in place.

    Attributes:
        page: what a browser opens.
        set_id: the set that it shows.
        chart_count: charts that have something to show.
        empty_chart_count: charts that say why they have nothing.
        size_bytes: of the page without the library.
    """

    page: Path
    set_id: str
    chart_count: int
    empty_chart_count: int
    size_bytes: int


def write_report(home: Home, project: Project, settings: Settings) -> WrittenReport:
    """Write the report of the set that readers get.

    Raises:
        StrataError: nothing is published, disk or permission; the former report stays.
    """
    if not home.published_db.exists():
        raise StrataError("there is nothing to report on: no set is published; run `strata run`")
    with (
        told_in_one_line("writing the report", home.report),
        FileLock(home.report_lock, "writing the report", settings.lock_timeout_seconds),
    ):
        make_folder(home.report, READERS_FOLDER_MODE)
        for left in home.report.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left)
        with open_published(
            home.published_db.resolve(),
            settings.shop_currency,
            settings.min_group_size,
            settings.memory_limit,
        ) as reader:
            page = render_report(reader, project, has_docs=home.report_docs.is_file())
        with tempfile.TemporaryDirectory(dir=home.report, prefix=_UNFINISHED) as folder:
            _put_library(home, Path(folder))
            _put_text(page.html, home.report_page, Path(folder))
        return WrittenReport(
            page=home.report_page,
            set_id=reader.set_id,
            chart_count=page.chart_count,
            empty_chart_count=page.empty_chart_count,
            size_bytes=len(page.html.encode()),
        )


def write_report_and_docs(
    home: Home, project: Project, configuration: Configuration, *, always_docs: bool = False
) -> WrittenReport:
    """Write the report and, where models have changed, dbt's docs. The caller holds the run.

    Docs that fail keep nobody from the report: it is written, and then the failure is told.

    Raises:
        StrataError: as `write_report` and `refresh_docs`.
    """
    problem = None
    try:
        refresh_docs(home, project, configuration, always=always_docs)
    except StrataError as error:
        problem = error
    written = write_report(home, project, configuration.settings)
    if problem is not None:
        raise problem
    return written


def _put_text(text: str, final: Path, folder: Path) -> None:
    made = folder / final.name
    made.write_text(text, encoding="utf-8")
    made.chmod(READERS_FILE_MODE)
    put_in_place(made, final)


def _put_library(home: Home, folder: Path) -> None:
    library = importlib.resources.files("plotly") / "package_data" / home.report_library.name
    with importlib.resources.as_file(library) as source:
        if home.report_library.is_file() and _same(source, home.report_library):
            return
        made = folder / source.name
        shutil.copyfile(source, made)
        made.chmod(READERS_FILE_MODE)
        put_in_place(made, home.report_library)


def _same(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and one.read_bytes() == other.read_bytes()
