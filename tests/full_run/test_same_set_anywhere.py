"""A whole run on another machine, so to speak, with the files in another order: the same set."""

import csv
import random

import duckdb
import pyarrow.parquet as pq

from orchestration.paths import Home
from tests.full_run.strata_command import strata

LAST_DAY = "2026-06-30"
# Where a row came from, and which run it belongs to: not what it says.
OF_THE_DELIVERY = frozenset({"arrival_seq", "file_name", "row_number", "set_id"})


def content(path):
    """Every mart's rows, sorted, without what tells of deliveries."""
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables()"
            " where schema_name = 'marts' and table_name <> 'published_set' order by table_name"
        ).fetchall()
        found = {}
        for (table,) in tables:
            columns = [
                name
                for name, *_ in connection.execute(f"describe marts.{table}").fetchall()
                if name not in OF_THE_DELIVERY
            ]
            found[table] = connection.execute(
                f"select {', '.join(columns)} from marts.{table} order by all"
            ).fetchall()
        return found


def shuffled_copy(landing, target, seed):
    """The same rows in another order, in files of other names that sort the other way round."""
    chance = random.Random(seed)
    for folder in sorted(path for path in landing.iterdir() if path.is_dir()):
        (target / folder.name).mkdir(parents=True)
        for number, file in enumerate(sorted(folder.iterdir())):
            name = f"part_{999 - number}{file.suffix}"
            if file.suffix == ".parquet":
                table = pq.read_table(file)
                order = chance.sample(range(table.num_rows), table.num_rows)
                pq.write_table(table.take(order), target / folder.name / name)
                continue
            with file.open(newline="", encoding="utf-8") as lines:
                header, *rows = csv.reader(lines)
            chance.shuffle(rows)
            with (target / folder.name / name).open("w", newline="", encoding="utf-8") as lines:
                csv.writer(lines).writerows([header, *rows])
    return target


def test_zone_language_hash_seed_threads_and_order_of_rows_and_files_make_the_same_set(
    demo_first_set, demo_files, tmp_path
):
    landing = shuffled_copy(demo_files, tmp_path / "landing", seed=5)
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    (overlay / "strata.yml").write_text("threads: 1", encoding="utf-8")
    home = Home(tmp_path / "home")
    strata(
        *("run", "--landing", landing, "--home", home.root, "--as-of", LAST_DAY),
        STRATA_CONFIG=str(overlay),
        TZ="Pacific/Auckland",
        LANG="tr_TR.UTF-8",
        LC_ALL="C",
        PYTHONHASHSEED="4294967295",
    )
    expected, found = content(demo_first_set), content(home.published_db.resolve())
    assert found.keys() == expected.keys()
    assert [table for table in expected if found[table] != expected[table]] == []
    assert sum(map(len, expected.values())) > 1000
