"""What a user may get wrong: one line, exit code 1, nothing made."""

import signal
import sys

import pytest

from orchestration.cli.dev_command import open_dagster
from orchestration.cli.doctor_checks import print_diagnosis
from orchestration.cli.main import main
from orchestration.intake.intake_ledger import intake_ledger
from orchestration.paths import Home, Project
from orchestration.runs.progress import command_progress


@pytest.fixture
def told(monkeypatch, tmp_path, capsys):
    """Call the command in this process; gives its one line of complaint."""
    monkeypatch.setenv("STRATA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("STRATA_CONFIG", raising=False)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["strata", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        # Progress may stand before it; the complaint is one line, and the last.
        *progress, line = capsys.readouterr().err.splitlines()
        assert line.startswith("strata: ")
        assert all(" s  " in before for before in progress)
        assert not (tmp_path / "home" / "strata.duckdb").exists()
        return line

    return call


def test_a_landing_folder_that_is_not_there(told, tmp_path):
    assert "no folder" in told("run", "--landing", tmp_path / "nowhere")


def test_no_landing_folder_at_all(told):
    assert "--landing" in told("run")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_being_stopped_is_one_line_and_130(monkeypatch, tmp_path, capsys, sent):
    monkeypatch.setattr(
        "orchestration.cli.run_command.run_one_day",
        lambda home, **options: signal.raise_signal(sent),
    )
    monkeypatch.setattr(sys, "argv", ["strata", "run", "--home", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    line = capsys.readouterr().err.splitlines()[-1]
    assert line == "strata: stopped; what was published before is untouched"


def test_a_map_that_is_not_there(told, tmp_path):
    assert "--map: no file" in told("run", "--landing", tmp_path, "--map", tmp_path / "no.yml")


@pytest.mark.parametrize("day", ["31.08.2011", "2999-01-01", "1900-01-01"])
def test_a_day_that_is_none(told, tmp_path, day):
    assert "--as-of" in told("run", "--landing", tmp_path, "--as-of", day)


def test_an_unknown_setting(told, tmp_path, monkeypatch):
    (tmp_path / "strata.yml").write_text("busines_timezone: UTC", encoding="utf-8")
    monkeypatch.setenv("STRATA_CONFIG", str(tmp_path))
    line = told("run", "--landing", tmp_path)
    assert "did you mean 'business_timezone'?" in line


def test_a_wrong_time_zone(told, tmp_path, monkeypatch):
    (tmp_path / "strata.yml").write_text("business_timezone: Europe/Lodnon", encoding="utf-8")
    monkeypatch.setenv("STRATA_CONFIG", str(tmp_path))
    assert "did you mean 'Europe/London'?" in told("run", "--landing", tmp_path)


def test_a_grid_with_a_hole(told, tmp_path, monkeypatch):
    shipped = (Project.here().config_tables / "rfm_grid.csv").read_text(encoding="utf-8")
    (tmp_path / "rfm_grid.csv").write_text(
        shipped.replace("standard,3,3,3,need_attention\n", ""), encoding="utf-8"
    )
    monkeypatch.setenv("STRATA_CONFIG", str(tmp_path))
    assert "grid standard has a hole at R3 F3 M3" in told("run", "--landing", tmp_path)


def test_a_home_that_is_a_file(told, tmp_path):
    (tmp_path / "file").touch()
    assert "is a file" in told("status", "--home", tmp_path / "file")


@pytest.mark.parametrize("command", ["status", "rollback", "publish"])
def test_a_home_that_is_none(told, tmp_path, command):
    assert "is no home" in told(command)
    assert "is no home" in told(command, "--home", tmp_path / "mistyped")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def begun(tmp_path):
    """A home that has a ledger, and nothing in it."""
    home = Home(tmp_path / "home")
    with intake_ledger(home):
        return home


def test_going_back_with_nothing_published(told, begun):
    assert "no earlier set is kept" in told("rollback", "--home", begun.root)


def test_publishing_with_nothing_built(told, begun):
    assert "nothing to publish" in told("publish", "--home", begun.root)


def test_a_required_column_that_is_missing(told, tmp_path):
    orders = tmp_path / "landing" / "orders"
    orders.mkdir(parents=True)
    (orders / "january.csv").write_text(
        "source_system,order_id,customer_id,status,currency,total_amount\n"
        "shop,1,7,paid,USD,10.00\n",
        encoding="utf-8",
    )
    line = told("run", "--landing", tmp_path / "landing")
    assert "orders" in line
    assert "ordered_at" in line
    assert "january.csv" in line


ORDERS_HEADER = "source_system,order_id,ordered_at,customer_id,status,currency,total_amount\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (None, ""),
        ("orders.csv", ORDERS_HEADER + "shop,1,2026-01-02 10:00:00,7,paid,USD,10.00\n"),
        ("orders/.keep", ""),
        ("orders/january.csv", ORDERS_HEADER),
    ],
    ids=["empty", "beside its folder", "empty folder", "header alone"],
)
def test_a_landing_folder_without_an_order(told, tmp_path, name, content):
    landing = tmp_path / "landing"
    landing.mkdir()
    if name:
        (landing / name).parent.mkdir(exist_ok=True)
        (landing / name).write_text(content, encoding="utf-8")
    line = told("run", "--landing", landing)
    assert f"no orders in {landing}; expected {landing}/orders/*.csv" in line
    assert "--as-of" in line


def test_orders_without_a_day(told, tmp_path):
    orders = tmp_path / "landing" / "orders"
    orders.mkdir(parents=True)
    (orders / "january.csv").write_text(
        ORDERS_HEADER + "shop,1,yesterday,7,paid,USD,10.00\n", encoding="utf-8"
    )
    assert "has a day" in told("run", "--landing", tmp_path / "landing")


def test_a_run_lock_that_another_process_holds(told, tmp_path, monkeypatch):
    import subprocess
    import textwrap

    (tmp_path / "strata.yml").write_text("lock_timeout_seconds: 0", encoding="utf-8")
    (tmp_path / "landing").mkdir()
    monkeypatch.setenv("STRATA_CONFIG", str(tmp_path))
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(
                """
                import sys, time
                from pathlib import Path
                from orchestration.paths import Home
                from orchestration.warehouse.locks import run_lock
                with run_lock(Home(Path(sys.argv[1])), "a long run", 5):
                    print("held", flush=True)
                    time.sleep(60)
                """
            ),
            str(tmp_path / "home"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout.readline() == "held\n"
        line = told("run", "--landing", tmp_path / "landing")
    finally:
        holder.kill()
        holder.wait()
    assert "a long run" in line
    assert str(holder.pid) in line


def test_unknown_columns_are_told_by_a_run_that_looks_for_its_day(monkeypatch, tmp_path, capsys):
    orders = tmp_path / "landing" / "orders"
    orders.mkdir(parents=True)
    (orders / "january.csv").write_text(
        "source_system,order_id,ordered_at,status,currency,total_amount,colour\n"
        "shop,1,2026-01-02 10:00:00,paid,USD,10.00,red\n",
        encoding="utf-8",
    )
    (orders / "empty.csv").touch()
    monkeypatch.setattr("orchestration.cli.run_command.launch", lambda *request: None)
    home, landing = str(tmp_path / "home"), str(tmp_path / "landing")
    monkeypatch.setattr(sys, "argv", ["strata", "run", "--landing", landing, "--home", home])
    command_progress.cache_clear()

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 0
    told = capsys.readouterr().err
    assert told.splitlines()[0].endswith(f"home {home}")
    assert told.count("not stored: colour") == 1
    assert told.count("set aside orders/empty.csv") == 1


def test_dagsters_pages_can_be_stopped_where_a_script_started_them(monkeypatch, tmp_path):
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    found = []
    monkeypatch.setattr(
        "os.execv",
        lambda *call: found.extend(map(signal.getsignal, before)),
    )
    monkeypatch.setattr("orchestration.cli.dev_command.ensure_manifest", lambda *what: None)
    monkeypatch.chdir(tmp_path)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        open_dagster(Home(tmp_path / "home"), Project.here(), 3000)
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    assert found == [signal.SIG_DFL, signal.SIG_DFL]


def test_doctor_tells_a_folder_that_is_no_home_from_one_that_is_new(tmp_path, capsys):
    other = tmp_path / "other"
    other.mkdir()
    assert print_diagnosis(Home(other), Project.here(), None)
    assert "nothing is published yet" in capsys.readouterr().out
    (other / "letters.txt").write_text("", encoding="utf-8")
    assert print_diagnosis(Home(other), Project.here(), None)
    told = capsys.readouterr().out
    assert "is no home" in told
    assert "nothing is published yet" not in told
