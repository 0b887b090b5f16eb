"""Look over a CSV file's bytes before they are parsed: find the lines that are no rows.

Parsers are lenient in ways that lose or shift data: they take an extra comma where the last cell is
empty, end a row at a stray carriage return, and swallow what follows an unbalanced quote. So what
they get is known to be sound: faulty lines are found here, told, and left out.

Most blocks of most files pass by counting bytes. A block with quotes is checked record by record in
numpy, and only one that fails is walked line by line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from orchestration.intake.reading.csv_record import CsvDialect, judge_record, record_reader
from orchestration.intake.set_aside import Reason, SetAsideError

# Longer than any sound record of cells within their caps.
MAX_RECORD_BYTES = 1_000_000
_HEADER_BYTES = 1 << 20
_UTF8_MARK = b"\xef\xbb\xbf"
_LF, _CR = 10, 13
_STRIDE = 256 << 10


@dataclass(frozen=True, slots=True)
class CheckedBlock:
    """What a look over a block found.

    Attributes:
        used: bytes that were judged; those that follow begin a record of the next block too.
        sound: the sound records among them, as they stand; may be a part of the block itself.
        record_count: the records among them, faulty ones included, blank lines not.
        faults: faulty records, numbered from 1 in the block and ascending, with reason codes:
            wrong_column_count, bad_quoting, control_character, invalid_encoding, line_too_long.
    """

    used: int
    sound: bytes | memoryview
    record_count: int
    faults: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CsvHeader:
    """The names in the header, and where the data begin."""

    names: tuple[str, ...]
    data_start: int


def read_header(
    path: Path, delimiters: str, quote: str | None, known: frozenset[str]
) -> tuple[CsvHeader, str]:
    """Read the header; of several possible delimiters, the one that gives most known names.

    Args:
        path: a UTF-8 file.
        delimiters: candidates; the first wins a tie.
        quote: the quote character.
        known: column names that may be expected.

    Returns:
        the header and the delimiter.

    Raises:
        SetAsideError: not UTF-8, or no usable header.
    """
    with path.open("rb") as file:
        start = file.read(_HEADER_BYTES)
    text = _decoded_start(start)
    best: tuple[int, CsvHeader, str] | None = None
    for delimiter in delimiters:
        lines = _CountedLines(text)
        try:
            names = next(record_reader(lines, CsvDialect(delimiter, quote)), [])
        except csv.Error:
            continue
        names = [name.strip() for name in names]
        matches = sum(name in known for name in names)
        if best is None or matches > best[0]:
            marks = len(_UTF8_MARK) if start.startswith(_UTF8_MARK) else 0
            data_start = marks + len(text[: lines.consumed].encode())
            best = (matches, CsvHeader(tuple(names), data_start), delimiter)
    if best is None or not any(best[1].names):
        raise SetAsideError(Reason.BAD_HEADER)
    named = [name for name in best[1].names if name]
    if len(set(named)) < len(named):
        raise SetAsideError(Reason.BAD_HEADER)
    return best[1], best[2]


def check_text_start(path: Path) -> int:
    """Check that a file without a header begins as UTF-8 text; give the byte where data begin."""
    with path.open("rb") as file:
        start = file.read(_HEADER_BYTES)
    _decoded_start(start)
    return len(_UTF8_MARK) if start.startswith(_UTF8_MARK) else 0


def _decoded_start(start: bytes) -> str:
    line_end = start.find(b"\n")
    if line_end < 0 and len(start) == _HEADER_BYTES:
        raise SetAsideError(Reason.BAD_HEADER)
    if line_end < 0 and b"\r" in start.rstrip(b"\r"):
        # Lines ended by CR alone: no system has written them for decades, but transfers garble.
        raise SetAsideError(Reason.BAD_HEADER)
    first_line = start if line_end < 0 else start[: line_end + 1]
    if b"\0" in first_line or start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SetAsideError(Reason.NOT_UTF8)
    try:
        first_line.decode("utf-8")
    except UnicodeDecodeError:
        raise SetAsideError(Reason.NOT_UTF8) from None
    return start.removeprefix(_UTF8_MARK).decode("utf-8", "surrogateescape")


class _CountedLines:
    """Lines of a text, with the number of characters handed out so far."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self.consumed = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._lines.readline()
        if not line:
            raise StopIteration
        self.consumed += len(line)
        return line


class CsvGuard:
    """Checks a file's blocks, one by one.

    Args:
        dialect: how cells are told apart.
        column_count: cells that a sound record has.
    """

    def __init__(self, dialect: CsvDialect, column_count: int) -> None:  # noqa: D107
        self._dialect = dialect
        self._delimiter = dialect.delimiter.encode()
        self._quote = dialect.quote.encode() if dialect.quote else None
        self._separators = column_count - 1

    def check(
        self, block: bytes | bytearray, size: int, *, is_last: bool, is_thorough: bool = False
    ) -> CheckedBlock:
        """Check what is complete in a block.

        Args:
            block: begins with a record. The last one of a file ends with a line's end.
            size: bytes of it that count.
            is_last: whether the file ends with it.
            is_thorough: look at each record. Counting alone passes a block in which a line has a
                cell too many or too few; the parser refuses it.
        """
        end = block.rfind(b"\n", 0, size) + 1
        if end == 0:
            # A line without an end so far. Of an endless one the first bytes are dropped, and
            # enough stay behind for its end to be seen as that of a line that is too long.
            return CheckedBlock(max(0, size - MAX_RECORD_BYTES - 1), b"", 0)
        if not is_thorough and (line_count := self._passes_by_counting(block, end)):
            return CheckedBlock(end, memoryview(block)[:end], line_count)
        lines = bytes(memoryview(block)[:end])
        cells = np.frombuffer(lines, dtype=np.uint8)
        return self._passes_record_by_record(lines, cells) or self._walk(lines, is_last)

    def _passes_by_counting(self, block: bytes | bytearray, end: int) -> int:
        """How many lines the block has; 0 where it may be that something is wrong with them."""
        if block.find(b"\0", 0, end) >= 0:
            return 0
        if self._quote is not None and block.find(self._quote, 0, end) >= 0:
            return 0
        line_count = _count(block, end, _LF)
        if block.find(b"\r", 0, end) >= 0 and not (
            block.count(b"\r\n", 0, end) == line_count == _count(block, end, _CR)
        ):
            return 0
        return 0 if _has_long_line(block, end) or not _is_utf8(block, end) else line_count

    def _passes_record_by_record(self, block: bytes, cells: np.ndarray) -> CheckedBlock | None:
        """The block's whole records; None where something is wrong with them."""
        if b"\0" in block or not _is_utf8(block, len(block)):
            return None
        is_quote = cells == (self._quote[0] if self._quote else 0)
        # A doubled quote flips twice: outside of quotes the count so far is even.
        outside = (np.cumsum(is_quote.view(np.uint8), dtype=np.uint8) & 1) == 0
        ends = np.flatnonzero((cells == _LF) & outside)
        if not len(ends):
            return None
        used = int(ends[-1]) + 1
        cells, is_quote, outside = cells[:used], is_quote[:used], outside[:used]
        separators = np.flatnonzero((cells == self._delimiter[0]) & outside)
        per_record = np.diff(np.searchsorted(separators, ends), prepend=0)
        lengths = np.diff(ends, prepend=-1)
        is_crlf = cells[np.maximum(ends - 1, 0)] == _CR
        lone_returns = np.count_nonzero((cells == _CR) & outside) != np.count_nonzero(is_crlf)
        if (
            (per_record != self._separators).any()
            or (lengths <= 1 + is_crlf).any()
            or lengths.max() > MAX_RECORD_BYTES
            or lone_returns
            or not self._quotes_are_at_cell_edges(cells, is_quote)
        ):
            return None
        return CheckedBlock(used, block[:used], len(ends))

    def _quotes_are_at_cell_edges(self, cells: np.ndarray, is_quote: np.ndarray) -> bool:
        quotes = np.flatnonzero(is_quote)
        opening, closing = quotes[0::2], quotes[1::2]
        before = cells[opening[opening > 0] - 1]
        after = cells[closing + 1]
        edges = (self._delimiter[0], self._quote[0] if self._quote else 0, _LF)
        return bool(np.isin(before, edges).all() and np.isin(after, (*edges, _CR)).all())

    def _walk(self, block: bytes, is_last: bool) -> CheckedBlock:
        """Judge line by line; of a faulty record its first line goes, and the next begins anew."""
        sound: list[bytes] = []
        faults: list[tuple[int, str]] = []
        position = count = 0
        while position < len(block):
            end = block.index(b"\n", position) + 1
            if block[position:end] in (b"\n", b"\r\n"):
                position = end
                continue
            verdict = judge_record(
                block, position, self._dialect, self._separators + 1, MAX_RECORD_BYTES
            )
            is_open = verdict.reason is None and verdict.end is None
            if is_open and not is_last and len(block) - position <= MAX_RECORD_BYTES:
                break
            count += 1
            if verdict.end is not None:
                sound.append(block[position : verdict.end])
                position = verdict.end
            else:
                faults.append((count, verdict.reason or "bad_quoting"))
                position = end
        return CheckedBlock(position, b"".join(sound), count, tuple(faults))


def _count(block: bytes | bytearray, end: int, byte: int) -> int:
    """How often a byte stands in the block; in strides that stay in the processor's cache."""
    cells = np.frombuffer(block, dtype=np.uint8, count=end)
    return sum(
        int(np.count_nonzero(cells[start : start + _STRIDE] == byte))
        for start in range(0, end, _STRIDE)
    )


def _has_long_line(block: bytes | bytearray, end: int) -> bool:
    """Whether a line may be too long: a stretch of half the limit without a line's end."""
    step = MAX_RECORD_BYTES // 2
    return any(
        block.find(b"\n", start, start + step) < 0 for start in range(0, end - step + 1, step)
    )


def _is_utf8(block: bytes | bytearray, end: int) -> bool:
    if block.isascii():
        return True
    try:
        str(memoryview(block)[:end], "utf-8")
    except UnicodeDecodeError:
        return False
    return True
