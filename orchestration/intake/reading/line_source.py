"""Read files line by line in Python: NDJSON, cells between blanks, cells of fixed width."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.intake.landing_files import sha256_of
from orchestration.intake.reading.csv_guard import MAX_RECORD_BYTES
from orchestration.intake.reading.row_source import RowBatch, RowFaults

_BATCH_ROWS = 65_536
_BATCH_BYTES = 32 << 20
_MAX_NESTING = 100
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')

# A line becomes its cells by column name; ValueError's text is a reason code.
LineParser = Callable[[str], dict[str, str | None]]


class LineSource:
    """One file whose rows are lines.

    Args:
        path: the file.
        parse: makes cells of a line.
        column_names: of the cells; empty where each line names its own, as in NDJSON: they are
            then known when `batches` is at its end.
        encoding: Python's name of it.
    """

    def __init__(  # noqa: D107
        self,
        path: Path,
        parse: LineParser,
        column_names: tuple[str, ...] = (),
        encoding: str = "utf-8",
    ) -> None:
        self._path = path
        self._parse = parse
        self._encoding = encoding
        self.column_names = column_names
        self.faults = RowFaults()
        self.row_count = 0
        self.sha256 = sha256_of(path)

    def batches(self, wanted: Sequence[str]) -> Iterator[RowBatch]:
        """The sound rows, with the columns named in `wanted`; null where a line lacks one."""
        seen = dict.fromkeys(self.column_names)
        columns: dict[str, list[str | None]] = {name: [] for name in wanted}
        numbers: list[int] = []
        size = 0
        for line in self._lines():
            try:
                cells = self._cells(line)
            except ValueError as error:
                self.faults.add(self.row_count, str(error))
                continue
            seen.update(dict.fromkeys(cells))
            for name, column in columns.items():
                column.append(cells.get(name) or None)
            numbers.append(self.row_count)
            size += len(line)
            if len(numbers) >= _BATCH_ROWS or size >= _BATCH_BYTES:
                yield _batch(columns, numbers)
                columns, numbers, size = {name: [] for name in wanted}, [], 0
        self.column_names = tuple(seen)
        if numbers:
            yield _batch(columns, numbers)

    def _lines(self) -> Iterator[bytes]:
        """Lines that aren't blank, counted; of an endless one its beginning."""
        with self._path.open("rb") as file:
            is_first = True
            while line := file.readline(MAX_RECORD_BYTES + 1):
                part = line
                while part and not part.endswith(b"\n"):
                    part = file.readline(MAX_RECORD_BYTES + 1)
                if is_first:
                    line, is_first = line.removeprefix(b"\xef\xbb\xbf"), False
                if line.strip():
                    self.row_count += 1
                    yield line

    def _cells(self, line: bytes) -> dict[str, str | None]:
        if len(line) > MAX_RECORD_BYTES:
            raise ValueError("line_too_long")
        if b"\0" in line:
            raise ValueError("control_character")
        try:
            text = line.decode(self._encoding)
        except UnicodeDecodeError:
            raise ValueError("invalid_encoding") from None
        return self._parse(text)


def parse_json_line(line: str) -> dict[str, str | None]:
    """Cells of a JSON object. Numbers keep the text they came in; what is nested stays JSON.

    Raises:
        ValueError: malformed_json, or repeated_key where a name comes twice.
    """
    if line.count("[") + line.count("{") > _MAX_NESTING and _nesting(line) > _MAX_NESTING:
        # Python's parser recurses; it is not let near its limit.
        raise ValueError("malformed_json")
    try:
        value = json.loads(
            line,
            parse_int=str,
            parse_float=str,
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_repeats,
        )
    except json.JSONDecodeError:
        raise ValueError("malformed_json") from None
    if not isinstance(value, dict):
        raise ValueError("malformed_json")
    return {name: _json_text(cell) for name, cell in value.items()}


def blank_separated(column_names: tuple[str, ...]) -> LineParser:
    """A parser of lines whose cells have blanks in between."""

    def parse(line: str) -> dict[str, str | None]:
        cells = line.split()
        if len(cells) != len(column_names):
            raise ValueError("wrong_column_count")
        return dict(zip(column_names, cells, strict=True))

    return parse


def fixed_width(places: dict[str, tuple[int, int]]) -> LineParser:
    """A parser of lines whose cells stand at fixed places.

    Args:
        places: name to first character, from 1, and width.
    """
    # The last cell's trailing blanks are often cut off.
    least = max((start for start, _ in places.values()), default=1)

    def parse(line: str) -> dict[str, str | None]:
        content = line.rstrip("\r\n")
        if len(content) < least:
            raise ValueError("wrong_column_count")
        return {
            name: content[start - 1 : start - 1 + width].strip()
            for name, (start, width) in places.items()
        }

    return parse


def _batch(columns: dict[str, list[str | None]], numbers: list[int]) -> RowBatch:
    rows = pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()})
    return RowBatch(rows, pa.array(numbers, pa.int64()))


def _nesting(line: str) -> int:
    """How deep brackets go, those in strings aside."""
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", _JSON_STRING.sub("", line)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    cells = dict(pairs)
    if len(cells) < len(pairs):
        raise ValueError("repeated_key")
    return cells


def _refuse_constant(_: str) -> str:
    # NaN and Infinity are no JSON.
    raise ValueError("malformed_json")


def _json_text(value: Any) -> str | None:  # noqa: ANN401 whatever JSON holds
    if value is None:
        return None
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return _storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _storable(text: str) -> str:
    """The text, unless escapes wrote into it what can't be stored."""
    if "\0" in text:
        raise ValueError("control_character")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("invalid_encoding") from None
    return text
