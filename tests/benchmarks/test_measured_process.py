"""What a process costs: its own, with its children's, and nothing of whoever started it."""

from __future__ import annotations

import sys

import pytest

from benchmarks.measured_process import measure_way, run_measured
from orchestration.paths import Project

BUSY = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
ROOT = Project.here().root


def test_a_childs_work_and_memory_are_counted(tmp_path):
    child = f"x = bytearray(200_000_000)\n{BUSY}\ntime.sleep(1)"
    command = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])"
    cost = run_measured([sys.executable, "-c", command], tmp_path)
    assert cost.seconds > 1.3
    assert 0.3 <= cost.cpu_seconds < cost.seconds
    assert cost.peak_megabytes > 200
    assert cost.tree_peak_megabytes > 200


def test_a_failed_command_is_no_measurement(tmp_path):
    with pytest.raises(RuntimeError, match="ended with 3"):
        run_measured([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)


def way(tmp_path, text):
    """A module that tells what a piece of work costs, in a folder of its own."""
    (tmp_path / "one_way.py").write_text(
        "import sys, time\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from benchmarks.measured_process import tell_cost\n"
        f"{text}\n"
    )
    return measure_way("one_way", [], tmp_path)


def test_a_way_tells_its_work_alone(tmp_path):
    before = f"{BUSY}\ntime.sleep(1)"
    cost = way(tmp_path, f"{before}\ntell_cost(lambda: time.sleep(0.2))\ntime.sleep(0.5)")
    assert 0.2 <= cost.seconds < 1
    assert cost.cpu_seconds < 0.2


def test_a_large_starter_makes_no_way_large(tmp_path):
    held = bytearray(b"x") * 300_000_000
    cost = way(tmp_path, "tell_cost(lambda: None)")
    assert len(held) == 300_000_000
    assert cost.peak_megabytes < 100


def test_a_way_that_fails_is_told_with_its_reason(tmp_path):
    with pytest.raises(RuntimeError, match="no such luck"):
        way(tmp_path, "raise ValueError('no such luck')")
