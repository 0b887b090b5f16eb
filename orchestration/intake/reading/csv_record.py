"""One CSV record, judged by the standard library's strict reader: sound, faulty or unfinished."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """How the cells of a file are told apart.

    Attributes:
        delimiter: one ASCII character.
        quote: one ASCII character, doubled inside a quoted cell; None where cells are never quoted.
        has_header: whether the first record names the columns.
    """

    delimiter: str = ","
    quote: str | None = '"'
    has_header: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a record is: sound with an end, faulty with a reason, or unfinished with neither."""

    end: int | None = None
    reason: str | None = None


def record_reader(lines: Iterable[str], dialect: CsvDialect) -> Any:  # noqa: ANN401 csv hides its type
    """The standard library's reader for this dialect, strict about quotes."""
    if dialect.quote is None:
        return csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)


def judge_record(
    block: bytes, start: int, dialect: CsvDialect, column_count: int, max_bytes: int
) -> Verdict:
    """Judge the record that begins at `start`.

    Args:
        block: whole lines, the last one ended.
        start: where a line begins that is not blank.
        dialect: how cells are told apart.
        column_count: cells that a sound record has.
        max_bytes: what a record may have.

    Returns:
        unfinished where a quoted cell is still open at the block's end.
    """
    end = block.index(b"\n", start) + 1
    line = block[start:end]
    if len(line) > max_bytes:
        return Verdict(reason="line_too_long")
    if dialect.quote is None or dialect.quote.encode() not in line:
        fault = _fault_of_bytes(line)
        if fault:
            return Verdict(reason=fault)
        if line.count(dialect.delimiter.encode()) + 1 != column_count:
            return Verdict(reason="wrong_column_count")
        return Verdict(end=end)
    lines = _RecordLines(block, start, max_bytes)
    try:
        cells = next(record_reader(lines, dialect))
    except csv.Error as error:
        if lines.fault:
            return Verdict(reason=lines.fault)
        # The reader also gives up where the block ends inside a quoted cell.
        if lines.position == len(block) and "unexpected end" in str(error):
            return Verdict()
        too_long = "field limit" in str(error)
        return Verdict(reason="line_too_long" if too_long else "bad_quoting")
    if lines.fault:
        return Verdict(reason=lines.fault)
    if len(cells) != column_count:
        return Verdict(reason="wrong_column_count")
    return Verdict(end=lines.position)


class _RecordLines:
    """Lines of a block as text, as many as one record may have."""

    def __init__(self, block: bytes, start: int, max_bytes: int) -> None:
        self._block = block
        self._limit = start + max_bytes
        self.position = start
        self.fault: str | None = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.position >= len(self._block):
            raise StopIteration
        if self.position >= self._limit:
            self.fault = "bad_quoting"
            raise StopIteration
        end = self._block.index(b"\n", self.position) + 1
        line = self._block[self.position : end]
        self.fault = self.fault or _fault_of_bytes(line, in_quotes=True)
        self.position = end
        return line.decode("utf-8", "replace")


def _fault_of_bytes(line: bytes, *, in_quotes: bool = False) -> str | None:
    if b"\0" in line:
        return "control_character"
    # A lone carriage return would end the record for the parser.
    if not in_quotes and b"\r" in line.removesuffix(b"\n").removesuffix(b"\r"):
        return "control_character"
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return "invalid_encoding"
    return None
