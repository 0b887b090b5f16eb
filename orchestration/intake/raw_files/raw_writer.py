"""Write raw Parquet: text columns, zstd, for the owner alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.intake.contract import ContractTable
from orchestration.warehouse.durable_files import flush_file, flush_folder, make_folder

_ROW_GROUP_ROWS = 122_880
_SAMPLE_ROWS = 10_000
# A column with more distinct values than this in the sample is written without a dictionary.
_DICTIONARY_VALUES = 1_000
# Of columns without a dictionary: smaller than plain, and quicker to write and to read.
_ENCODINGS = {pa.string(): "DELTA_LENGTH_BYTE_ARRAY", pa.int64(): "DELTA_BINARY_PACKED"}
# Of texts that begin as the one before them does, such as running numbers and instants in order.
_ENCODING_OF_ALIKE = "DELTA_BYTE_ARRAY"
_SAME_IN_ALL_ROWS = ("arrival_seq", "source_row_count")

REJECTS_TABLE = "intake_rejects"
REJECTS_SCHEMA = pa.schema(
    [
        ("arrival_seq", pa.int64()),
        ("file_name", pa.string()),
        ("table_name", pa.string()),
        ("row_number", pa.int64()),
        ("key_pseudonym", pa.string()),
        ("column_name", pa.string()),
        ("reason_code", pa.string()),
    ]
)


def raw_schema(table: ContractTable) -> pa.Schema:
    """The columns as they are written.

    `source_row_count` is not part of the raw relation: the delivered rows that this row stands for
    in the accounts. It is 1, but where several rows become one, or one row several.
    """
    return pa.schema(
        [
            *((name, pa.string()) for name in table.stored_columns),
            ("arrival_seq", pa.int64()),
            ("file_name", pa.string()),
            ("row_number", pa.int64()),
            ("source_row_count", pa.int64()),
        ]
    )


class PrivateParquet:
    """A Parquet file for the owner alone, made row group by row group.

    Args:
        path: made anew; its folder too where missing.
        schema: the columns, where no rows come.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:  # noqa: D107
        make_folder(path.parent, 0o700)
        self.path = path
        self.row_count = 0
        self._schema = schema
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        # Arrow's own file: for each write into one of Python's it waits for the interpreter.
        self._file = pa.OSFile(str(path), "wb")
        self._writer: pq.ParquetWriter | None = None

    def write(self, rows: pa.Table) -> None:
        """Append rows; their columns are those of the schema, or always the same of them."""
        self._waiting.append(rows)
        self._waiting_rows += len(rows)
        self.row_count += len(rows)
        if self._waiting_rows >= _ROW_GROUP_ROWS:
            self._write_waiting()

    def finish(self, name: str | None = None) -> None:
        """Close the file, rename it where asked. It outlasts a power cut only after `flush_all`."""
        self._write_waiting().close()
        self._file.close()
        if name is not None:
            self.path = self.path.rename(self.path.with_name(name))

    def abandon(self) -> None:
        """Close and delete the file."""
        if self._writer is not None and not self._file.closed:
            # Left open, it would write its last bytes when it is garbage, into a closed file.
            with suppress(OSError, pa.ArrowException):
                self._writer.close()
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)

    def _write_waiting(self) -> pq.ParquetWriter:
        rows = pa.concat_tables(self._waiting or [self._schema.empty_table()])
        self._waiting, self._waiting_rows = [], 0
        if self._writer is None:
            self._writer = self._open(rows.schema, _encodings(rows.slice(0, _SAMPLE_ROWS)))
        if len(rows):
            self._writer.write_table(rows, row_group_size=2 * _ROW_GROUP_ROWS)
        return self._writer

    def _open(self, schema: pa.Schema, encodings: dict[str, str]) -> pq.ParquetWriter:
        return pq.ParquetWriter(
            self._file,
            schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=[name for name in schema.names if name not in encodings],
            column_encoding=encodings,
            # Bounds of a text column help no reader; those of the sequence tell what to skip.
            write_statistics=["arrival_seq"],
        )


def flush_all(paths: Sequence[Path]) -> None:
    """Wait until files and their folders are on the disk; the waits overlap."""
    if paths:
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(flush_file, paths))
        for folder in sorted({path.parent for path in paths}):
            flush_folder(folder)


def _encodings(sample: pa.Table) -> dict[str, str]:
    """The encodings of the columns that are written without a dictionary."""
    encodings = {}
    for field in sample.schema:
        values = sample[field.name].combine_chunks()
        if field.name in _SAME_IN_ALL_ROWS:
            continue
        if pa.types.is_string(field.type):
            if pc.count_distinct(values).as_py() <= _DICTIONARY_VALUES:
                continue
            if _begin_alike(values):
                encodings[field.name] = _ENCODING_OF_ALIKE
                continue
        encodings[field.name] = _ENCODINGS[field.type]
    return encodings


def _begin_alike(values: pa.Array) -> bool:
    """Whether most texts begin with the first half of the one before."""
    texts = values.drop_null().to_pylist()
    alike = sum(text.startswith(before[: len(before) // 2]) for before, text in pairwise(texts))
    return 2 * alike > len(texts)
