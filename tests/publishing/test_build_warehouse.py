"""The build database: what goes in comes out, its settings hold, and a damaged one is made anew."""

import os
import subprocess
import sys

import pyarrow as pa
import pytest

from orchestration.errors import StrataError
from orchestration.paths import Home, Project
from orchestration.warehouse.duckdb_warehouse import Warehouse
from orchestration.warehouse.fault_messages import DamagedFileError
from tests.publishing.sample_marts import build_marts, publish_day, warehouse_of

SCORES = pa.table({"profile_id": ["a", "b"], "clv": pa.array([1.5, None], pa.float64())})

WRITE_AND_DIE = """
import os, signal, sys
from pathlib import Path
import pyarrow as pa
from orchestration.paths import Home
from tests.publishing.sample_marts import warehouse_of
with warehouse_of(Home(Path(sys.argv[1]))).connect() as connection:
    connection.execute("begin; create or replace table marts.customers as select 1 as a")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def warehouse(tmp_path):
    return warehouse_of(Home(tmp_path / "home"))


def flip_bytes(path, positions, count=64):
    content = bytearray(path.read_bytes())
    for position in positions:
        content[position : position + count] = b"\xff" * count
    path.write_bytes(content)


def test_what_is_written_is_read_back_with_its_types_and_nulls(warehouse):
    warehouse.write_arrow("predictions", "scores", SCORES)

    assert warehouse.read_arrow("select * from predictions.scores").equals(SCORES)


def test_writing_again_replaces_rows_and_columns(warehouse):
    warehouse.write_arrow("predictions", "scores", SCORES)
    warehouse.write_arrow("predictions", "scores", pa.table({"other": [1]}))

    assert warehouse.read_arrow("select * from predictions.scores").to_pylist() == [{"other": 1}]


def test_a_failing_write_leaves_the_old_table(warehouse):
    warehouse.write_arrow("predictions", "scores", SCORES)
    offsets = pa.py_buffer((0).to_bytes(4, "little") + (1).to_bytes(4, "little"))
    no_text = pa.StringArray.from_buffers(1, offsets, pa.py_buffer(b"\xff"))
    unwritable = pa.table({"profile_id": no_text})

    with pytest.raises(StrataError, match="using the warehouse"):
        warehouse.write_arrow("predictions", "scores", unwritable)
    assert warehouse.read_arrow("select * from predictions.scores").equals(SCORES)


def test_names_are_quoted(warehouse):
    warehouse.write_arrow("odd schema", 'a "table"', SCORES)

    assert warehouse.read_arrow('select * from "odd schema"."a ""table"""').num_rows == 2


def test_a_write_that_is_killed_leaves_the_old_table(home):
    subprocess.run(
        [sys.executable, "-c", WRITE_AND_DIE, str(home.root)], cwd=Project.here().root, check=False
    )

    counted = warehouse_of(home).read_arrow("select count(*) as n from marts.customers")
    assert counted.to_pylist() == [{"n": 100}]


def test_parameters_are_values_and_no_sql(warehouse):
    warehouse.execute("create table names as select ?::varchar as name", ["x'); drop table names"])

    assert warehouse.read_arrow("select name from names").to_pylist() == [
        {"name": "x'); drop table names"}
    ]


def test_settings_are_in_force_and_locked(warehouse):
    settings = warehouse.read_arrow(
        "select name, value from duckdb_settings() where name in ('TimeZone', 'threads',"
        " 'autoinstall_known_extensions', 'autoload_known_extensions',"
        " 'allow_community_extensions', 'enable_external_access', 'max_temp_directory_size')"
    )
    assert {row["name"]: row["value"] for row in settings.to_pylist()} == {
        "TimeZone": "UTC",
        "threads": "2",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "enable_external_access": "false",
        "max_temp_directory_size": "18.6 GiB",
    }
    with pytest.raises(Exception, match="withheld"):
        warehouse.execute("set memory_limit = '1GB'")


def test_sql_reads_files_of_the_home_and_no_others(warehouse, tmp_path):
    inside, outside = warehouse.path.parent / "raw.csv", tmp_path / "outside.csv"
    warehouse.path.parent.mkdir()
    for path in (inside, outside):
        path.write_text("a\n1\n")

    assert warehouse.read_arrow(f"select * from read_csv('{inside}')").num_rows == 1
    for sql in (f"select * from read_csv('{outside}')", f"copy (select 1) to '{outside}'"):
        with pytest.raises(Exception, match="disabled by configuration"):
            warehouse.read_arrow(sql)

    opened = Warehouse(
        warehouse.path, "500MB", 2, warehouse.temp_directory, allowed_directories=(tmp_path,)
    )
    assert opened.read_arrow(f"select * from read_csv('{outside}')").num_rows == 1


def test_an_error_that_would_quote_a_row_is_told_without_it(warehouse):
    warehouse.execute("create table people as select 'jane@example.com' as email")

    for sql in (
        "select email::integer from people",
        "select strptime(email, '%Y') from people",
        "create table keyed (email varchar primary key);"
        " insert into keyed from people; insert into keyed from people",
    ):
        with pytest.raises(StrataError, match="the text is withheld") as told:
            warehouse.execute(sql)
        assert "jane" not in str(told.value)
        assert told.value.__suppress_context__


def test_a_reached_memory_limit_is_named_and_the_database_is_usable_after(tmp_path):
    home = Home(tmp_path / "home")
    build_marts(home)
    small = Warehouse(home.build_db, "30MB", 2, home.scratch, max_temp_directory_size="1MB")

    with pytest.raises(StrataError, match=r"max_temp_directory_size|memory_limit") as told:
        small.execute(
            "create table big as select hash(range)::varchar as a from range(3000000) order by 1"
        )
    assert "\n" not in str(told.value)
    assert small.read_arrow("select * from marts.customers").num_rows == 100


def test_a_database_that_another_process_holds_is_told_with_its_process(home):
    open_and_tell = (
        "import sys\nfrom pathlib import Path\nfrom orchestration.paths import Home\n"
        "from tests.publishing.sample_marts import warehouse_of\n"
        "from orchestration.errors import StrataError\n"
        "try:\n    warehouse_of(Home(Path(sys.argv[1]))).execute('select 1')\n"
        "except StrataError as error:\n    print(error)\n"
    )
    with warehouse_of(home).connect():
        other = subprocess.run(
            [sys.executable, "-c", open_and_tell, str(home.root)],
            cwd=Project.here().root,
            capture_output=True,
            text=True,
            check=True,
        )
    assert f"process {os.getpid()} has {home.build_db} open" in other.stdout


@pytest.mark.parametrize("cut_to", [0, 100, 5000])
def test_a_cut_file_is_set_aside_and_begun_anew(home, cut_to):
    os.truncate(home.build_db, cut_to)
    said = []

    assert warehouse_of(home).open_or_rebuild(say=said.append) is True

    assert len(said) == 1
    assert str(home.build_db) in said[0]
    assert said[0].endswith("it is made again from raw")
    assert list(home.scratch.rglob("*.duckdb*")) == []
    build_marts(home)
    assert publish_day(home).is_shown


def test_a_sound_file_is_left_as_it_is(home):
    said = []

    assert warehouse_of(home).open_or_rebuild(thorough=True, say=said.append) is False
    assert said == []
    assert warehouse_of(home).read_arrow("select * from marts.customers").num_rows == 100


def test_a_file_of_another_version_is_begun_anew(home):
    flip_bytes(home.build_db, [12], count=1)

    assert warehouse_of(home).open_or_rebuild(say=lambda text: None) is True


def test_damage_inside_a_table_is_found_by_a_thorough_look(home):
    build_marts(home, rows=200_000)
    middle = home.build_db.stat().st_size // 2
    flip_bytes(home.build_db, [middle])
    warehouse = warehouse_of(home)
    with pytest.raises(DamagedFileError, match="checksum"):
        warehouse.check_every_block()

    assert warehouse.open_or_rebuild(thorough=True, say=lambda text: None) is True


def test_a_damaged_warehouse_leaves_the_published_set_readable(home):
    before = publish_day(home, day=1)
    build_marts(home, rows=200_000)
    flip_bytes(home.build_db, range(300_000, home.build_db.stat().st_size - 300_000, 100_000))

    with pytest.raises(DamagedFileError, match=r"build\.duckdb can't be read"):
        publish_day(home, day=2)
    assert home.published_db.resolve() == before.path
    assert [path.name for path in home.sets.iterdir()] == [before.path.name]


def test_a_file_in_use_is_not_taken_for_damaged(home):
    hold = (
        "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print('held', flush=True);"
        " sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(home.build_db)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StrataError, match=f"process {holder.pid} has"):
            warehouse_of(home).open_or_rebuild()
    finally:
        holder.communicate()
    assert warehouse_of(home).read_arrow("select * from marts.customers").num_rows == 100
