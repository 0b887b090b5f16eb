"""Lines on standard error while a command works."""

from orchestration.runs.progress import Progress, command_progress


def test_a_line_is_told_once(capsys):
    say = Progress()
    for line in ("set aside a.csv: it has no bytes", "taking in b.csv", "set aside a.csv: it has"):
        say(line)
        say(line)
    assert [line.partition(" s  ")[2] for line in capsys.readouterr().err.splitlines()] == [
        "set aside a.csv: it has no bytes",
        "taking in b.csv",
        "set aside a.csv: it has",
    ]


def test_a_command_and_its_job_share_one_clock():
    assert command_progress() is command_progress()
