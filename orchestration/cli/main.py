"""The `strata` command line: arguments in, one line out where something is wrong."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from orchestration.demo_shop.demo_size import (
    DEFAULT_CUSTOMERS,
    DEFAULT_EVENTS_PER_PERSON,
    DEFAULT_SEED,
)
from orchestration.errors import StrataError
from orchestration.paths import Home, Project
from orchestration.run_failures import STOPPED
from orchestration.runs.progress import command_progress

_STOPPED_BY_HAND = 130

app = typer.Typer(
    name="strata",
    help="Behavioural customer segmentation in your own warehouse.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", help="State on disk. Default: STRATA_HOME, else `warehouse` in the checkout."
    ),
]


def _home(named: Path | None) -> Home:
    home = Home(named.resolve()) if named else Home.from_environment()
    if home.root.exists() and not home.root.is_dir():
        raise StrataError(f"--home: {home.root} is a file; name a folder")
    os.environ["STRATA_HOME"] = str(home.root)
    return home


def _made_home(named: Path | None) -> Home:
    home = _home(named)
    if not home.is_made:
        raise StrataError(
            f"{home.root} is no home: nothing was ever taken in or published there;"
            " name yours with --home, or begin with `strata demo` or `strata run`"
        )
    return home


@app.command()
def run(
    landing: Annotated[Path | None, typer.Option(help="Folder with the files to take in.")] = None,
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="Map of foreign files to the input contract, see maps/."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="Day to build. Default: yesterday, or the last day with an order."),
    ] = None,
    home: HomeOption = None,
    retake: Annotated[
        bool, typer.Option("--retake", help="Take known files in again: their map has changed.")
    ] = False,
    accept_volume_change: Annotated[
        bool,
        typer.Option(
            "--accept-volume-change", help="Publish although far fewer people are in the set."
        ),
    ] = False,
    intake_seq: Annotated[
        int | None,
        typer.Option(
            min=1, help="Build from deliveries up to this one, as a set was; with --as-of."
        ),
    ] = None,
) -> None:
    """Take files in, build one day, audit it and publish it."""
    place, progress = _home(home), command_progress()
    # What follows is loaded for a second or two, or ten where the machine is busy.
    progress(f"home {place.root}")
    from orchestration.cli.run_command import run_one_day

    run_one_day(
        place,
        landing=landing,
        map_file=map_file,
        as_of=as_of,
        retake=retake,
        accept_volume_change=accept_volume_change,
        progress=progress,
        intake_seq=intake_seq,
    )


@app.command()
def backfill(
    first: Annotated[
        str | None, typer.Option("--from", help="First day. Needed without --month-ends.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", help="Last day. Default: the newest published one.")
    ] = None,
    month_ends: Annotated[
        bool,
        typer.Option("--month-ends", help="Only month ends; alone: all since the first order."),
    ] = False,
    landing: Annotated[Path | None, typer.Option(help="Folder with the files to take in.")] = None,
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="Map of foreign files to the input contract, see maps/."),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Build past days into history, and publish the newest day with them."""
    place, progress = _home(home), command_progress()
    progress(f"home {place.root}")
    from orchestration.cli.backfill_command import backfill as build_past_days

    build_past_days(
        place,
        first=first,
        last=last,
        month_ends=month_ends,
        landing=landing,
        map_file=map_file,
        progress=progress,
    )


@app.command()
def demo(
    home: HomeOption = None,
    customers: Annotated[
        int, typer.Option(min=1, help="People of the demo shop.")
    ] = DEFAULT_CUSTOMERS,
    seed: Annotated[int, typer.Option(help="Another seed makes another shop.")] = DEFAULT_SEED,
    events: Annotated[
        float, typer.Option(min=0, help="Events a person, on average; a busy shop has 225.")
    ] = DEFAULT_EVENTS_PER_PERSON,
) -> None:
    """Make a demo shop and run it, from files to published segments."""
    place, progress = _home(home), command_progress()
    progress(f"home {place.root}")
    from orchestration.cli.run_command import run_demo

    run_demo(place, customers=customers, seed=seed, events_per_person=events, progress=progress)


@app.command()
def status(home: HomeOption = None) -> None:
    """Say what is published, what is kept and how the last runs ended."""
    from orchestration.cli.status_page import print_status

    print_status(_made_home(home))


@app.command()
def report(
    home: HomeOption = None,
    docs: Annotated[
        bool, typer.Option("--docs", help="Render dbt's descriptions of all tables anew, too.")
    ] = False,
    opens: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Write the report of what is published anew, and say where it is."""
    from orchestration.cli.report_command import print_report

    print_report(_made_home(home), docs=docs, opens=opens)


@app.command()
def publish(home: HomeOption = None) -> None:
    """Publish the newest set that was built, and end a rollback."""
    from orchestration.cli.set_commands import publish_newest

    publish_newest(_made_home(home))


@app.command()
def rollback(
    set_id: Annotated[
        str | None, typer.Argument(help="A kept set; default: the one before the current.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Let readers see an earlier set, until the next `strata publish`."""
    from orchestration.cli.set_commands import roll_back

    roll_back(_made_home(home), set_id)


@app.command()
def doctor(
    home: HomeOption = None,
    landing: Annotated[Path | None, typer.Option(help="A landing folder to look at, too.")] = None,
) -> None:
    """Check the machine, the configuration and the home, and say what to mend."""
    from orchestration.cli.doctor_checks import print_diagnosis

    if not print_diagnosis(_home(home), Project.here(), landing):
        raise typer.Exit(1)


@app.command()
def dev(
    home: HomeOption = None,
    port: Annotated[int, typer.Option(help="Port of the web pages, on this machine only.")] = 3000,
) -> None:
    """Open Dagster's pages for this home."""
    from orchestration.cli.dev_command import open_dagster

    open_dagster(_home(home), Project.here(), port)


def main() -> None:
    """Entry point: a user's fault is one line on standard error and exit code 1; stopped: 130."""
    # Before numpy is loaded. Fits are small: its threads would cost more than they save.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # What is written here is for this user; readers' files get their own mode.
    os.umask(0o077)
    # A service manager stops what a person stops with Ctrl-C: both end the same way.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app()
    except StrataError as error:
        print(f"strata: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        _exit_stopped()
    except SystemExit as ended:
        # Typer has made this of Ctrl-C.
        if ended.code == _STOPPED_BY_HAND:
            _exit_stopped()
        raise


def _exit_stopped() -> NoReturn:
    print(f"strata: {STOPPED}", file=sys.stderr)
    sys.exit(_STOPPED_BY_HAND)
