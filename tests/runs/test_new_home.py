"""Commands that begin a home at once: one makes Dagster's databases, the other waits."""

import subprocess
import sys
from pathlib import Path

# Each home is met by both processes within a few microseconds.
A_BEGINNER = """
import sys, time
from pathlib import Path
import dagster as dg
from orchestration.launch import open_instance, prepare_instance
from orchestration.paths import Home, Project

folder, mine, other = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
for number in range(int(sys.argv[4])):
    home = Home(folder / f"home-{number}")
    (folder / f"{number}-{mine}").touch()
    deadline = time.monotonic() + 20
    while not (folder / f"{number}-{other}").exists():
        if time.monotonic() > deadline:
            sys.exit("the other one has not come")
    prepare_instance(home, Project.here())
    with open_instance(home) as instance:
        assert instance.get_runs_count() == 0
        assert list(instance.all_instigator_state()) == []
        assert list(instance.get_asset_keys()) == []
"""


def test_two_commands_that_begin_a_home_at_once_both_find_it_whole(tmp_path: Path) -> None:
    beginners = [
        subprocess.Popen(
            [sys.executable, "-c", A_BEGINNER, str(tmp_path), mine, other, "6"],
            stderr=subprocess.PIPE,
            text=True,
        )
        for mine, other in (("a", "b"), ("b", "a"))
    ]
    told = [beginner.communicate(timeout=120)[1] for beginner in beginners]
    assert [beginner.returncode for beginner in beginners] == [0, 0], "\n".join(told)
