"""Look over a CSV file's bytes before it is parsed: hash it, find the lines that are no rows.

Parsers are lenient in ways that lose or shift data: DuckDB drops a line of 100 MB in silence, takes
an extra comma where the last cell is empty, and swallows what follows an unbalanced quote. So what
it gets is known to be sound: faulty lines are found here, told, and cut out of a copy.

Most blocks of most files pass by counting bytes. A block with quotes is checked record by record in
numpy, and only one that fails is walked line by line.
"""

from __future__ import annotations

import csv
import hashlib
import io
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from orchestration.intake.csv_record import CsvDialect, judge_record, record_reader
from orchestration.intake.set_aside import Reason, SetAsideError

BLOCK_BYTES = 4 << 20
# Longer than any sound record of cells within their caps; DuckDB's own limit is 2,000,000.
MAX_RECORD_BYTES = 1_000_000
_HEADER_BYTES = 1 << 20
_UTF8_MARK = b"\xef\xbb\xbf"
_LF, _CR = 10, 13


@dataclass(slots=True)
class CsvScan:
    """What a look over the file found.

    Attributes:
        sha256: of the file as delivered.
        record_count: data records, faulty ones included, without header and blank lines.
        bad_records: numbers, from 1 and ascending, of the faulty records.
        bad_reasons: their reason codes.
        cuts: byte ranges (start, end, start, end, ...) that are no sound row.
        has_mixed_line_ends: whether some lines end in CR LF and others in LF.
        fewest_records: in any full block: tells how long records are where they are longest.
    """

    sha256: str = ""
    record_count: int = 0
    bad_records: array = field(default_factory=lambda: array("q"))
    bad_reasons: list[str] = field(default_factory=list)
    cuts: array = field(default_factory=lambda: array("q"))
    has_mixed_line_ends: bool = False
    fewest_records: int = BLOCK_BYTES

    @property
    def is_clean(self) -> bool:
        """Whether the parser can read the file as it is."""
        return not self.cuts and not self.has_mixed_line_ends


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


def scan_csv(
    path: Path,
    dialect: CsvDialect,
    column_count: int,
    data_start: int,
    *,
    is_thorough: bool = False,
) -> CsvScan:
    """Hash the file and find its faulty records.

    Args:
        path: the file, in UTF-8.
        dialect: how its cells are told apart.
        column_count: cells that a sound record has.
        data_start: the byte after the header.
        is_thorough: look at each record. Counting alone passes a block in which one line has a
            cell too many and another one too few; the parser then refuses the latter.

    Returns:
        The findings. Reason codes: wrong_column_count, bad_quoting, control_character,
        invalid_encoding, line_too_long.
    """
    scan = CsvScan()
    checker = _BlockChecker(scan, dialect, column_count, data_start, is_thorough)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        digest.update(file.read(data_start))
        rest = b""
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            before = scan.record_count
            rest = checker.check(rest + block if rest else block, is_last=False)
            if len(block) == BLOCK_BYTES:
                scan.fewest_records = min(scan.fewest_records, scan.record_count - before)
        # The last line may lack its end.
        if rest:
            rest = rest if rest.endswith(b"\n") else rest + b"\n"
        while rest:
            rest = checker.check(rest, is_last=True)
    scan.sha256 = digest.hexdigest()
    scan.has_mixed_line_ends = checker.saw_crlf and checker.saw_lf
    return scan


class _BlockChecker:
    """Checks block after block and notes what it finds in the scan."""

    def __init__(
        self, scan: CsvScan, dialect: CsvDialect, column_count: int, offset: int, is_thorough: bool
    ) -> None:
        self._scan = scan
        self._delimiter = dialect.delimiter.encode()
        self._quote = dialect.quote.encode() if dialect.quote else None
        self._dialect = dialect
        self._separators = column_count - 1
        self._offset = offset
        self._is_thorough = is_thorough
        self.saw_crlf = False
        self.saw_lf = False

    def check(self, block: bytes, *, is_last: bool) -> bytes:
        """Check what is complete in the block and give back the rest."""
        end = block.rfind(b"\n") + 1
        if end == 0:
            if len(block) <= MAX_RECORD_BYTES:
                return block
            used = self._skip_endless(block)
        else:
            used = self._check_lines(block if end == len(block) else block[:end], is_last)
        self._offset += used
        return block[used:]

    def _skip_endless(self, block: bytes) -> int:
        # The line goes on in the next blocks: what is known to belong to it is cut, and its first
        # bytes stay behind so that its end is seen as the end of a line that is too long.
        used = len(block) - MAX_RECORD_BYTES - 1
        self._scan.cuts.extend((self._offset, self._offset + used))
        return used

    def _check_lines(self, block: bytes, is_last: bool) -> int:
        cells = np.frombuffer(block, dtype=np.uint8)
        ends_line = cells == _LF
        line_count = int(np.count_nonzero(ends_line))
        crlf_count = block.count(b"\r\n") if b"\r" in block else 0
        self.saw_crlf |= crlf_count > 0
        self.saw_lf |= crlf_count < line_count
        if not self._is_thorough and self._passes_by_counting(
            block, cells, ends_line, line_count, crlf_count
        ):
            self._scan.record_count += line_count
            return len(block)
        used = self._passes_record_by_record(block, cells)
        return used if used else self._walk(block, is_last)

    def _passes_by_counting(
        self,
        block: bytes,
        cells: np.ndarray,
        ends_line: np.ndarray,
        line_count: int,
        crlf_count: int,
    ) -> bool:
        separators = int(np.count_nonzero(cells == self._delimiter[0]))
        return (
            (self._quote is None or self._quote not in block)
            and separators == self._separators * line_count
            and (not crlf_count or np.count_nonzero(cells == _CR) == crlf_count == line_count)
            and (crlf_count > 0 or b"\r" not in block)
            and not _has_blank_line(cells, ends_line, crlf_count > 0)
            and b"\0" not in block
            and not _has_long_line(block)
            and _is_utf8(block)
        )

    def _passes_record_by_record(self, block: bytes, cells: np.ndarray) -> int:
        """How many bytes are sound records; 0 where something is wrong with them."""
        if b"\0" in block or not _is_utf8(block):
            return 0
        is_quote = cells == (self._quote[0] if self._quote else 0)
        # A doubled quote flips twice: outside of quotes the count so far is even.
        outside = (np.cumsum(is_quote.view(np.uint8), dtype=np.uint8) & 1) == 0
        ends = np.flatnonzero((cells == _LF) & outside)
        if not len(ends):
            return 0
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
            return 0
        self._scan.record_count += len(ends)
        return used

    def _quotes_are_at_cell_edges(self, cells: np.ndarray, is_quote: np.ndarray) -> bool:
        quotes = np.flatnonzero(is_quote)
        opening, closing = quotes[0::2], quotes[1::2]
        before = cells[opening[opening > 0] - 1]
        after = cells[closing + 1]
        edges = (self._delimiter[0], self._quote[0] if self._quote else 0, _LF)
        return bool(np.isin(before, edges).all() and np.isin(after, (*edges, _CR)).all())

    def _walk(self, block: bytes, is_last: bool) -> int:
        """Judge line by line; of a faulty record its first line goes, and the next begins anew."""
        position = 0
        while position < len(block):
            end = block.index(b"\n", position) + 1
            if block[position:end] in (b"\n", b"\r\n"):
                # With several columns the parser skips blank lines itself.
                if not self._separators:
                    self._cut(position, end)
                position = end
                continue
            verdict = judge_record(
                block, position, self._dialect, self._separators + 1, MAX_RECORD_BYTES
            )
            is_open = verdict.reason is None and verdict.end is None
            if is_open and not is_last and len(block) - position <= MAX_RECORD_BYTES:
                return position
            self._scan.record_count += 1
            if verdict.end is not None:
                position = verdict.end
                continue
            self._scan.bad_records.append(self._scan.record_count)
            self._scan.bad_reasons.append(verdict.reason or "bad_quoting")
            self._cut(position, end)
            position = end
        return len(block)

    def _cut(self, start: int, end: int) -> None:
        self._scan.cuts.extend((self._offset + start, self._offset + end))


def _has_blank_line(cells: np.ndarray, ends_line: np.ndarray, is_crlf: bool) -> bool:
    width = 2 if is_crlf else 1
    # With CR LF throughout, line ends two bytes apart are a blank line.
    return bool(ends_line[:width].any() or (ends_line[width:] & ends_line[:-width]).any())


def _has_long_line(block: bytes) -> bool:
    """Whether a line may be too long: a stretch of half the limit without a line's end."""
    step = MAX_RECORD_BYTES // 2
    return any(
        block.find(b"\n", start, start + step) < 0
        for start in range(0, len(block) - step + 1, step)
    )


def _is_utf8(block: bytes) -> bool:
    if block.isascii():
        return True
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
