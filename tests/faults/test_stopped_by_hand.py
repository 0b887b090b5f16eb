"""Ctrl-C while dbt works: exit code 130, one line, and the line stays with the run."""

import signal
import subprocess

from orchestration.paths import Home
from orchestration.publishing.run_ledger import list_runs
from tests.full_run.strata_command import command, environment, strata

TOLD = "stopped; what was published before is untouched"


def test_a_run_that_is_stopped_during_dbt_ends_with_130(tmp_path):
    home = Home(tmp_path / "home")
    (tmp_path / "landing").mkdir()
    running = subprocess.Popen(
        command(
            *("run", "--landing", tmp_path / "landing", "--as-of", "2026-06-30"),
            *("--home", home.root),
        ),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = []
        while not (said and "dbt foundation" in said[-1]):
            said.append(running.stderr.readline())
            assert said[-1], said
        running.send_signal(signal.SIGINT)
        rest = running.stderr.read()
        code = running.wait()
    finally:
        running.kill()

    assert code == 130, rest
    assert rest.splitlines()[-1] == f"strata: {TOLD}"
    [run] = list_runs(home)
    assert (run.status, run.message) == ("failed", TOLD)
    assert TOLD in strata("status", "--home", home.root).stdout
