"""The look over a CSV's bytes agrees with the standard library's reader, whatever the bytes are."""

import csv
import io

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.intake.csv_guard import BLOCK_BYTES, MAX_RECORD_BYTES, scan_csv
from orchestration.intake.csv_record import CsvDialect
from orchestration.intake.csv_source import CsvSource

HEADER = "a,b,c\n"
cell = st.text(alphabet='xy ,"\nü', max_size=6)
record = st.lists(cell, min_size=3, max_size=3).filter(any)


def bad_of(path, columns, start=0, **how):
    scan = scan_csv(path, CsvDialect(), columns, start, **how)
    return scan.record_count, list(zip(scan.bad_records, scan.bad_reasons, strict=True))


def written(records):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(records)
    return text.getvalue()


def read_back(path, folder):
    with duckdb.connect() as connection:
        source = CsvSource(path, connection, folder, frozenset("abc"))
        rows = [row for batch in source.batches("abc") for row in batch.rows.to_pylist()]
        return source, [[row[name] or "" for name in "abc"] for row in rows]


@settings(max_examples=60, deadline=None)
@given(records=st.lists(record, max_size=12))
def test_sound_records_come_back_as_they_were_written(tmp_path_factory, records):
    folder = tmp_path_factory.mktemp("sound")
    path = folder / "a.csv"
    path.write_text(HEADER + written(records), encoding="utf-8", newline="")
    source, rows = read_back(path, folder)
    assert rows == records
    assert (source.row_count, list(source.faults.reasons)) == (len(records), [])


@settings(max_examples=60, deadline=None)
@given(
    records=st.lists(
        record.filter(lambda cells: "\n" not in "".join(cells)), min_size=1, max_size=12
    ),
    faulty=st.sampled_from(["x", "x,y", "x,y,x,y", "x,y,x,", '"x"y,x,y']),
    place=st.integers(0, 11),
)
def test_a_faulty_line_costs_no_other(tmp_path_factory, records, faulty, place):
    folder = tmp_path_factory.mktemp("faulty")
    place = min(place, len(records))
    path = folder / "a.csv"
    text = written(records[:place]) + faulty + "\n" + written(records[place:])
    path.write_text(HEADER + text, encoding="utf-8", newline="")
    source, rows = read_back(path, folder)
    assert rows == records
    assert list(source.faults.row_numbers) == [place + 1]


@pytest.mark.parametrize("length", [MAX_RECORD_BYTES, BLOCK_BYTES, 2 * BLOCK_BYTES + 10])
@pytest.mark.parametrize("is_thorough", [False, True])
def test_a_line_too_long_is_found_wherever_the_blocks_end(tmp_path, length, is_thorough):
    path = tmp_path / "a.csv"
    path.write_bytes(b"one\n" + b"x" * length + b"\nthree\n")
    assert bad_of(path, 1, is_thorough=is_thorough) == (3, [(2, "line_too_long")])


def test_records_across_the_edge_of_a_block_are_counted_once(tmp_path):
    path = tmp_path / "a.csv"
    line = b'1,"two, and\nmore",3\n'
    count = 2 * BLOCK_BYTES // len(line) + 7
    path.write_bytes(line * count)
    assert bad_of(path, 3) == (count, [])


def test_counting_and_looking_closer_agree_on_a_sound_file(tmp_path):
    path = tmp_path / "a.csv"
    count = BLOCK_BYTES // 6 + 11
    path.write_bytes(b"1,2,3\n" * count)
    assert bad_of(path, 3) == bad_of(path, 3, is_thorough=True) == (count, [])
