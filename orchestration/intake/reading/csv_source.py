"""Read CSV as text, once from its beginning to its end: hashed, checked and parsed block by block.

Arrow parses what `csv_guard` has found sound. What was hashed is what was parsed.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from orchestration.intake.landing_files import sha256_of
from orchestration.intake.reading.csv_guard import (
    CheckedBlock,
    CsvGuard,
    check_text_start,
    read_header,
)
from orchestration.intake.reading.csv_record import CsvDialect
from orchestration.intake.reading.row_source import RowBatch, RowFaults
from orchestration.intake.set_aside import Reason, SetAsideError

# Where nobody declared a delimiter, the header tells which of these it is.
USUAL_DELIMITERS = ",;\t|"
# Also what a batch is made of.
BLOCK_BYTES = 12 << 20
_COPY_BYTES = 1 << 20


class CsvSource:
    """One CSV file.

    Args:
        path: the file.
        scratch: a folder for a copy in UTF-8; the caller empties it.
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
        scratch: Path,
        known_names: frozenset[str],
        dialect: CsvDialect | None = None,
        column_names: tuple[str, ...] = (),
        encoding: str = "utf-8",
    ) -> None:
        self.sha256 = ""
        self.row_count = 0
        self.faults = RowFaults()
        self._path = path
        self._is_foreign = codecs.lookup(encoding).name != "utf-8"
        if self._is_foreign:
            self.sha256 = sha256_of(path)
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
        self._guard = CsvGuard(self._dialect, len(self.column_names))

    def batches(self, wanted: Sequence[str]) -> Iterator[RowBatch]:
        """The sound rows, with the columns named in `wanted`.

        Raises:
            SetAsideError: a row that was found sound is none to the parser.
        """
        digest = hashlib.sha256()
        with self._path.open("rb") as file:
            digest.update(file.read(self._data_start))
            # One buffer for all blocks: the parser copies what it takes.
            block, size = bytearray(min(BLOCK_BYTES, 2 * self._path.stat().st_size)), 0
            while True:
                if 2 * size > len(block):
                    block = block + bytes(len(block))
                with memoryview(block) as view:
                    arrived = file.readinto(view[size:])
                    digest.update(view[size : size + arrived])
                size += arrived
                if not arrived:
                    break
                used = yield from self._rows(block, size, wanted)
                block[: size - used] = block[used:size]
                size -= used
            if not self._is_foreign:
                self.sha256 = digest.hexdigest()
            rest = bytes(block[:size])
            # The last line may lack its end.
            if rest and not rest.endswith(b"\n"):
                rest += b"\n"
            while rest:
                used = yield from self._rows(rest, len(rest), wanted, is_last=True)
                rest = rest[used:]

    def _rows(
        self, block: bytes | bytearray, size: int, wanted: Sequence[str], *, is_last: bool = False
    ) -> Generator[RowBatch, None, int]:
        """Hand on the block's sound rows; how many of its bytes are done with is returned."""
        checked = self._guard.check(block, size, is_last=is_last)
        rows = self._parsed(checked, wanted)
        if rows is None:
            checked = self._guard.check(block, size, is_last=is_last, is_thorough=True)
            rows = self._parsed(checked, wanted)
        if rows is None:
            raise SetAsideError(Reason.PARSERS_DISAGREE)
        numbers = np.arange(self.row_count + 1, self.row_count + 1 + checked.record_count)
        if checked.faults:
            for place, reason in checked.faults:
                self.faults.add(self.row_count + place, reason)
            numbers = np.delete(numbers, [place - 1 for place, _ in checked.faults])
        self.row_count += checked.record_count
        if len(rows):
            yield RowBatch(rows, pa.array(numbers))
        return checked.used

    def _parsed(self, checked: CheckedBlock, wanted: Sequence[str]) -> pa.Table | None:
        """The records as Arrow reads them; None where these are not the ones that were counted."""
        names = [f"c{place}" for place in range(len(self.column_names))]
        places = {name: names[self.column_names.index(name)] for name in wanted}
        if not checked.sound:
            rows = pa.table({place: pa.array([], pa.string()) for place in places.values()})
        else:
            try:
                rows = pa.csv.read_csv(
                    pa.py_buffer(checked.sound),
                    pa.csv.ReadOptions(
                        # The whole of it, and on this thread: others are busy with other batches.
                        block_size=len(checked.sound) + 1,
                        use_threads=False,
                        column_names=names,
                    ),
                    pa.csv.ParseOptions(
                        delimiter=self._dialect.delimiter,
                        quote_char=self._dialect.quote or False,
                        newlines_in_values=self._dialect.quote is not None,
                    ),
                    pa.csv.ConvertOptions(
                        # The guard has read all of it as UTF-8.
                        check_utf8=False,
                        column_types=dict.fromkeys(names, pa.string()),
                        include_columns=list(places.values()),
                        null_values=[""],
                        strings_can_be_null=True,
                    ),
                )
            except pa.ArrowInvalid:
                return None
        if len(rows) != checked.record_count - len(checked.faults):
            return None
        return rows.rename_columns(list(places))


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
