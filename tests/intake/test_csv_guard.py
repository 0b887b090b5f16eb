"""The look over a CSV's bytes agrees with the standard library's reader, whatever the bytes are."""

import csv
import hashlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import orchestration.intake.reading.csv_source as csv_source
from orchestration.intake.reading.csv_guard import MAX_RECORD_BYTES, CsvGuard
from orchestration.intake.reading.csv_record import CsvDialect
from orchestration.intake.reading.csv_source import BLOCK_BYTES, CsvSource

HEADER = "a,b,c\n"
cell = st.text(alphabet='xy ,"\nü', max_size=6)
record = st.lists(cell, min_size=3, max_size=3).filter(any)


def bad_of(path, columns):
    names = tuple("abc"[:columns])
    source = CsvSource(path, path.parent, frozenset(), CsvDialect(has_header=False), names)
    count = sum(len(batch.rows) for batch in source.batches(names))
    faults = list(zip(source.faults.row_numbers, source.faults.reasons, strict=True))
    assert source.row_count == count + len(faults)
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    return source.row_count, faults


def written(records):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(records)
    return text.getvalue()


def read_back(path, folder):
    source = CsvSource(path, folder, frozenset("abc"))
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
def test_a_line_too_long_is_found_wherever_the_blocks_end(tmp_path, length):
    path = tmp_path / "a.csv"
    path.write_bytes(b"one\n" + b"x" * length + b"\nthree\n")
    assert bad_of(path, 1) == (3, [(2, "line_too_long")])


def test_records_across_the_edge_of_a_block_are_counted_once(tmp_path):
    path = tmp_path / "a.csv"
    line = b'1,"two, and\nmore",3\n'
    count = 2 * BLOCK_BYTES // len(line) + 7
    path.write_bytes(line * count)
    assert bad_of(path, 3) == (count, [])


def test_counting_and_looking_closer_agree_on_a_sound_block():
    guard, block = CsvGuard(CsvDialect(), 3), b"1,2,3\n" * 1_000 + b"4"
    counted = guard.check(block, len(block), is_last=False)
    assert counted == guard.check(block, len(block), is_last=False, is_thorough=True)
    assert (counted.used, counted.record_count) == (6_000, 1_000)


@pytest.mark.parametrize("block_bytes", [1, 7, 64])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_wherever_blocks_end_the_same_rows_are_found(tmp_path, monkeypatch, block_bytes, line_end):
    lines = ['1,"a\nb",3', "", "1,2", '"x,y",ü,', '1,"2"3,4', "5,6,7", '8,"9\r\n",""']
    path = tmp_path / "a.csv"
    path.write_text(HEADER + line_end.join(lines), encoding="utf-8", newline="")
    monkeypatch.setattr(csv_source, "BLOCK_BYTES", block_bytes)
    source, rows = read_back(path, tmp_path)
    assert rows == [["1", "a\nb", "3"], ["x,y", "ü", ""], ["5", "6", "7"], ["8", "9\r\n", ""]]
    assert list(source.faults.row_numbers) == [2, 4]
    assert source.row_count == 6
