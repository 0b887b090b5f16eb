"""What the readers of all formats have in common: text columns, row numbers, what is no row."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

# A batch is handed on when it has this many rows or bytes.
BATCH_ROWS = 524_288
BATCH_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Rows as delivered.

    Attributes:
        rows: the columns asked for, all text.
        row_numbers: int64, each row's number in its file, from 1.
    """

    rows: pa.Table
    row_numbers: pa.Array


@dataclass(slots=True)
class RowFaults:
    """Rows that are none, by number and ascending, with reason codes."""

    row_numbers: array = field(default_factory=lambda: array("q"))
    reasons: list[str] = field(default_factory=list)

    def add(self, row_number: int, reason: str) -> None:
        """Note one."""
        self.row_numbers.append(row_number)
        self.reasons.append(reason)


class RowSource(Protocol):
    """A delivered file that can be read.

    All but the header may be known only when `batches` is at its end.

    Attributes:
        sha256: of the file as delivered.
        column_names: as in its header; blank where a column has no name.
        faults: what is no row.
        row_count: rows, faulty ones included.
    """

    sha256: str
    column_names: tuple[str, ...]
    faults: RowFaults
    row_count: int

    def batches(self, wanted: Sequence[str]) -> Iterator[RowBatch]:
        """The sound rows, with the columns named in `wanted`."""
        ...


def gathered(parts: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Small batches put together to such as are worth the work per batch."""
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for part in parts:
        waiting.append(part)
        rows += len(part)
        size += part.nbytes
        if rows >= BATCH_ROWS or size >= BATCH_BYTES:
            yield pa.Table.from_batches(waiting).combine_chunks()
            waiting, rows, size = [], 0, 0
    if rows:
        yield pa.Table.from_batches(waiting).combine_chunks()
