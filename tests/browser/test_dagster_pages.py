"""Dagster's pages as a person uses them: pick a day, materialise the job, see that it succeeded.

One shop is built once, by clicks; what the pages show of it is looked at afterwards.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from orchestration.paths import Home

pytestmark = pytest.mark.long

LONGEST_START_SECONDS = 240
LONGEST_RUN_SECONDS = 1200


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with 60 orders of 30 customers in its landing folder, never run."""
    made = Home(tmp_path_factory.mktemp("pages"))
    orders = made.landing / "orders" / "orders.csv"
    orders.parent.mkdir(parents=True)
    lines = ["source_system,order_id,ordered_at,status,currency,total_amount,customer_id"]
    for number in range(60):
        day = f"2026-{number % 5 + 1:02}-{number % 27 + 1:02}"
        lines.append(f"web,{number},{day} 10:00:00,paid,USD,{number + 5}.50,c{number % 30}")
    orders.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def address(home, browser):
    """Where the pages are served."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name != "STRATA_CONFIG"}
    log = home.root / "dev.log"
    with log.open("wb") as written:
        serving = subprocess.Popen(
            [
                *(str(Path(sys.executable).with_name("strata")), "dev"),
                *("--home", str(home.root), "--port", str(port)),
            ],
            env=environment,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_until_served(f"http://127.0.0.1:{port}/server_info", serving, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(serving.pid, signal.SIGINT)
            try:
                serving.wait(timeout=60)
            except subprocess.TimeoutExpired:
                os.killpg(serving.pid, signal.SIGKILL)


def wait_until_served(url, serving, log):
    deadline = time.monotonic() + LONGEST_START_SECONDS
    while time.monotonic() < deadline:
        assert serving.poll() is None, log.read_text(errors="replace")[-2000:]
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(1)
    raise AssertionError(log.read_text(errors="replace")[-2000:])


@pytest.fixture(scope="module")
def page(browser, address):
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    yield opened
    context.close()


@pytest.fixture(scope="module")
def run_page(page, address):
    """The page of a run of the daily job that was launched by hand, once it has ended."""
    page.goto(f"{address}/locations/strata/jobs/daily")
    page.get_by_role("button", name="Materialize all").first.click()
    # Yesterday: the newest day there is.
    page.get_by_role("button", name="Latest", exact=True).click()
    page.get_by_role("button", name="Launch 1 run").click()
    # To leave the page while it asks for the run would be to take the question back.
    page.get_by_role("button", name=re.compile("^Launch")).wait_for(
        state="hidden", timeout=LONGEST_START_SECONDS * 1000
    )
    page.goto(f"{address}/runs")
    page.locator('a[href*="/runs/"]').filter(has_text=re.compile("^[0-9a-f]{8}$")).first.click()
    page.get_by_text(re.compile("^(Success|Failure|Canceled)$")).first.wait_for(
        timeout=LONGEST_RUN_SECONDS * 1000
    )
    return page


def test_the_daily_job_succeeds_by_a_click(run_page, home):
    assert run_page.get_by_text("Success", exact=True).first.is_visible()
    assert run_page.get_by_text("Failure", exact=True).count() == 0
    assert home.published_db.exists()
    assert home.report_page.is_file()
    assert home.report_docs.is_file()


def test_the_published_set_shows_its_segments_as_a_table(run_page, address):
    run_page.goto(f"{address}/assets/published/published_set")
    run_page.get_by_role("columnheader", name="people").first.wait_for()
    assert run_page.get_by_role("cell", name="Hibernating", exact=True).is_visible()


def test_numbers_of_a_set_are_plots(run_page, address):
    run_page.goto(f"{address}/assets/published/published_set")
    run_page.get_by_role("button", name="Plots").click()
    run_page.locator("canvas").first.wait_for()
    for name in ("people", "predicted_clv", "rejected_rows"):
        assert run_page.get_by_text(name, exact=True).first.is_visible()


def test_a_check_says_what_it_checks(run_page, address):
    run_page.goto(f"{address}/assets/marts/customer_360?view=checks")
    run_page.get_by_text("assert_net_rev").first.click()
    run_page.get_by_text("Net revenue adds up to the orders.").first.wait_for()
