"""Read CSV as text: DuckDB parses what `csv_guard` has found sound."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import duckdb
import pyarrow as pa

from orchestration.intake.csv_guard import (
    BLOCK_BYTES,
    MAX_RECORD_BYTES,
    CsvScan,
    check_text_start,
    read_header,
    scan_csv,
)
from orchestration.intake.csv_record import CsvDialect
from orchestration.intake.landing_files import sha256_of
from orchestration.intake.row_source import (
    BATCH_BYTES,
    BATCH_ROWS,
    RecountError,
    RowBatch,
    RowFaults,
    numbered_around,
)
from orchestration.intake.set_aside import Reason, SetAsideError
from orchestration.warehouse.duckdb_warehouse import literal

# Where nobody declared a delimiter, the header tells which of these it is.
USUAL_DELIMITERS = ",;\t|"
_LEAST_BATCH_ROWS = 2_048
_COPY_BYTES = 1 << 20


class CsvSource:
    """One CSV file.

    Args:
        path: the file.
        connection: a DuckDB connection of its own for as long as the file is read.
        scratch: a folder for a cleaned copy; the caller empties it.
        known_names: column names that may be expected; they tell the delimiter.
        dialect: where None, delimiter and quote are the usual ones.
        column_names: where the file has no header.
        encoding: Python's name of it.

    Raises:
        SetAsideError: not text in this encoding, or no header.
    """

    def __init__(  # noqa: D107
        self,
        path: Path,
        connection: duckdb.DuckDBPyConnection,
        scratch: Path,
        known_names: frozenset[str],
        dialect: CsvDialect | None = None,
        column_names: tuple[str, ...] = (),
        encoding: str = "utf-8",
    ) -> None:
        self._connection = connection
        self._scratch = scratch
        self._path = path
        is_foreign = codecs.lookup(encoding).name != "utf-8"
        if is_foreign:
            self._path = scratch / "utf8.csv"
            _transcode(path, self._path, encoding)
        if dialect is not None and not dialect.has_header:
            self.column_names = column_names
            self._data_start = check_text_start(self._path)
            self._dialect = dialect
        else:
            quote = dialect.quote if dialect else '"'
            delimiters = dialect.delimiter if dialect else USUAL_DELIMITERS
            header, delimiter = read_header(self._path, delimiters, quote, known_names)
            self.column_names = header.names
            self._data_start = header.data_start
            self._dialect = CsvDialect(delimiter, quote)
        self._look_over(is_thorough=False)
        self.sha256 = sha256_of(path) if is_foreign else self._scan.sha256

    def look_closer(self) -> None:
        """Look at each record, after a `RecountError`; then ask the parser what it refuses."""
        self._look_over(is_thorough=True)
        refused = self._refused_by_parser()
        bad = dict(zip(self._scan.bad_records, self._scan.bad_reasons, strict=True))
        sound = numbered_around(1, self._scan.record_count - len(bad), self._scan.bad_records)
        bad |= {sound[ordinal - 1].as_py(): "bad_quoting" for ordinal in refused}
        self.faults = RowFaults()
        for number, reason in sorted(bad.items()):
            self.faults.add(number, reason)

    def batches(self, wanted: Sequence[str]) -> Iterator[RowBatch]:
        """The sound rows, with the columns named in `wanted`.

        Raises:
            RecountError: DuckDB gives other rows than were counted.
        """
        selected = ", ".join(
            f'c{self.column_names.index(name)} as "{name.replace(chr(34), chr(34) * 2)}"'
            for name in wanted
        )
        rows_in_batch = self._scan.fewest_records * (BATCH_BYTES // BLOCK_BYTES)
        reader = self._run(f"select {selected} from {self._relation()}").to_arrow_reader(
            max(_LEAST_BATCH_ROWS, min(BATCH_ROWS, rows_in_batch))
        )
        count = 0
        for batch in reader:
            rows = pa.Table.from_batches([batch])
            yield RowBatch(rows, numbered_around(count + 1, len(rows), self.faults.row_numbers))
            count += len(rows)
        if count != self.row_count - len(self.faults.row_numbers):
            raise RecountError

    def _look_over(self, *, is_thorough: bool) -> None:
        scan = scan_csv(
            self._path,
            self._dialect,
            len(self.column_names),
            self._data_start,
            is_thorough=is_thorough,
        )
        self._scan = scan
        self.row_count = scan.record_count
        self.faults = RowFaults(scan.bad_records, scan.bad_reasons)
        self._sound_path, self._skip_header = self._path, self._dialect.has_header
        if not scan.is_clean:
            self._sound_path, self._skip_header = self._scratch / "sound.csv", False
            _copy_sound(self._path, self._sound_path, scan, self._data_start)

    def _relation(self) -> str:
        quote = self._dialect.quote or ""
        columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(self.column_names)))
        return (
            f"read_csv({literal(str(self._sound_path))}, columns = {{{columns}}},"
            f" auto_detect = false, header = {str(self._skip_header).lower()},"
            f" delim = {literal(self._dialect.delimiter)},"
            f" quote = {literal(quote)}, escape = {literal(quote)},"
            f" max_line_size = {2 * MAX_RECORD_BYTES}, store_rejects = true, rejects_limit = 0)"
        )

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        for table in ("reject_errors", "reject_scans"):
            self._connection.execute(f"drop table if exists {table}")
        return self._connection.execute(sql)

    def _refused_by_parser(self) -> list[int]:
        """Which of the rows it is given DuckDB refuses, from 1."""
        self._run(f"select count(c0) from {self._relation()}").fetchall()
        header_lines = 1 if self._skip_header else 0
        lines = self._connection.execute("select distinct line from reject_errors").fetchall()
        return [line - header_lines for (line,) in lines]


def _transcode(path: Path, target: Path, encoding: str) -> None:
    """Write the file as UTF-8. A byte that the encoding lacks stays: its line is then refused."""
    try:
        with (
            path.open("r", encoding=encoding, errors="surrogateescape", newline="") as source,
            target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as copy,
        ):
            while text := source.read(_COPY_BYTES):
                copy.write(text)
    except (UnicodeError, OSError):
        raise SetAsideError(Reason.NOT_UTF8) from None


def _copy_sound(path: Path, target: Path, scan: CsvScan, data_start: int) -> None:
    """Copy what lies between the cuts, with one kind of line end."""
    with path.open("rb") as source, target.open("wb") as copy:
        position = data_start
        for start, end in zip(scan.cuts[0::2], scan.cuts[1::2], strict=True):
            _copy_range(source, copy, position, start, scan.has_mixed_line_ends)
            position = end
        _copy_range(source, copy, position, None, scan.has_mixed_line_ends)


def _copy_range(
    source: BinaryIO, copy: BinaryIO, start: int, end: int | None, is_mixed: bool
) -> None:
    source.seek(start)
    left = None if end is None else end - start
    while block := source.read(_COPY_BYTES if left is None else min(_COPY_BYTES, left)):
        # A carriage return at the block's end waits for the line feed that may follow.
        if is_mixed and block.endswith(b"\r"):
            block += source.read(1)
        left = None if left is None else left - len(block)
        copy.write(block.replace(b"\r\n", b"\n") if is_mixed else block)
        if left is not None and left <= 0:
            return
