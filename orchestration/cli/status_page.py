"""`strata status`: what is published, what is kept, how the last runs ended."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.paths import Home
from orchestration.publishing.publish_status import Status, status
from orchestration.runs.input_source import remembered_input
from orchestration.warehouse.locks import holder_of


def print_status(home: Home) -> None:
    """Print the state of one home.

    Raises:
        StrataError: the published file or the ledger can't be read.
    """
    console = Console(highlight=False, soft_wrap=True)
    found = status(home)
    _print_published(console, home, found)
    source = remembered_input(home)
    through = f", map {source.map_path}" if source.map_path else ""
    console.print(f"input: {source.landing}" + through)
    if found.days:
        console.print(f"days built: {len(found.days):,}, {found.days[0]} to {found.days[-1]}")
    holder = holder_of(home.run_lock)
    if holder is not None:
        console.print(f"running now: {escape(str(holder))}")
    if found.kept_sets:
        console.print(_sets(found))
    if found.last_runs:
        console.print(_runs(found))


def _print_published(console: Console, home: Home, found: Status) -> None:
    if found.set_id is None:
        console.print("published: nothing yet")
        return
    console.print(f"published: {home.published_db}")
    console.print(
        f"  set {found.set_id}, as of {found.as_of_date}, {len(found.row_counts)} tables,"
        f" {sum(found.row_counts.values()):,} rows"
    )
    if home.report_page.is_file():
        console.print(f"report: {home.report_page}")
    if found.hold is not None:
        console.print("  held there by `strata rollback`; `strata publish` goes forward again")


def _sets(found: Status) -> Table:
    table = Table(title="kept sets", title_justify="left")
    for name in ("set", "as of", "published", ""):
        table.add_column(name)
    for each in found.kept_sets:
        shown = "shown" if each.set_id == found.set_id else ""
        at = f"{each.published_at:%Y-%m-%d %H:%M} UTC" if each.published_at else ""
        table.add_row(each.set_id, str(each.as_of_date), at, shown)
    return table


def _runs(found: Status) -> Table:
    table = Table(title="last runs", title_justify="left")
    for name in ("started", "as of", "outcome", "message"):
        table.add_column(name, overflow="fold")
    for run in found.last_runs:
        outcome = run.status + (" (past day, not published)" if run.mode == "as_of" else "")
        at = f"{run.started_at:%Y-%m-%d %H:%M} UTC"
        table.add_row(at, str(run.as_of_date), outcome, escape(run.message))
    return table
