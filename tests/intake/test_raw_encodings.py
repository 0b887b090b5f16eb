"""Columns of raw are written in the encoding that fits them, and read as they were."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.intake.raw_files.raw_writer import PrivateParquet

ROW_COUNT = 3_000
SCHEMA = pa.schema([("order_id", pa.string()), ("email_hash", pa.string()), ("row", pa.int64())])


def _rows(start: int) -> pa.Table:
    numbers = range(start, start + ROW_COUNT)
    return pa.table(
        [
            [f"order-{number:09d}" if number % 7 else None for number in numbers],
            [hashlib.sha256(b"%d" % number).hexdigest() for number in numbers],
            list(numbers),
        ],
        schema=SCHEMA,
    )


def test_running_numbers_share_their_beginnings_and_stay_as_they_are(tmp_path: Path) -> None:
    file = PrivateParquet(tmp_path / "made.parquet", SCHEMA)
    # The last rows begin otherwise than the sample that chose the encoding.
    parts = [_rows(1), _rows(500_000_000)]
    for rows in parts:
        file.write(rows)
    file.finish()
    made = pq.ParquetFile(tmp_path / "made.parquet").metadata.row_group(0)
    encodings = {
        made.column(place).path_in_schema: made.column(place).encodings for place in (0, 1)
    }
    assert "DELTA_BYTE_ARRAY" in encodings["order_id"]
    assert "DELTA_LENGTH_BYTE_ARRAY" in encodings["email_hash"]
    read = duckdb.read_parquet(str(tmp_path / "made.parquet")).order("row").to_arrow_table()
    assert read.cast(SCHEMA).equals(pa.concat_tables(parts).combine_chunks())
