"""Read a delivered Parquet file as text. What is half-written, damaged or a bomb is set aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.intake.landing_files import sha256_of
from orchestration.intake.reading.row_source import RowBatch, RowFaults, gathered
from orchestration.intake.set_aside import Reason, SetAsideError
from orchestration.warehouse.duckdb_warehouse import literal, quoted

_FETCH_ROWS = 16_384
# A column chunk may unpack to this many times the largest file that is let in.
_MAX_EXPANSION = 20


class ParquetSource:
    """One Parquet file.

    Args:
        path: the file.
        connection: a DuckDB connection of its own for as long as the file is read.
        max_file_bytes: what a file may have; bounds rows and unpacked bytes too.

    Raises:
        SetAsideError: no sound Parquet, or far larger inside than outside.
    """

    def __init__(  # noqa: D107
        self, path: Path, connection: duckdb.DuckDBPyConnection, max_file_bytes: int
    ) -> None:
        self._connection = connection
        self._path = path
        self.faults = RowFaults()
        try:
            metadata = pq.read_metadata(path)
        except (OSError, pa.ArrowException):
            raise SetAsideError(Reason.DAMAGED_PARQUET) from None
        groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
        unpacked = sum(group.total_byte_size for group in groups)
        # A row of CSV has at least a byte, so more rows than bytes allowed can't be meant.
        if metadata.num_rows > max_file_bytes or unpacked > _MAX_EXPANSION * max_file_bytes:
            raise SetAsideError(Reason.TOO_LARGE)
        self.row_count = metadata.num_rows
        with _damage_told():
            described = connection.execute(f"describe from {self._relation()}").fetchall()
        self._types = {name: column_type for name, column_type, *_ in described}
        self.column_names = tuple(self._types)
        self.sha256 = sha256_of(path)

    def batches(self, wanted: Sequence[str]) -> Iterator[RowBatch]:
        """The rows, with the columns named in `wanted`.

        Raises:
            SetAsideError: the file turns out to be damaged.
        """
        columns = ", ".join(
            f"{_as_text(quoted(name), self._types[name])} as {quoted(name)}" for name in wanted
        )
        count = 0
        with _damage_told():
            reader = self._connection.execute(
                f"select {columns} from {self._relation()}"
            ).to_arrow_reader(_FETCH_ROWS)
            for rows in gathered(reader):
                numbers = np.arange(count + 1, count + 1 + len(rows))
                yield RowBatch(rows, pa.array(numbers))
                count += len(rows)
        if count != self.row_count:
            raise SetAsideError(Reason.DAMAGED_PARQUET)

    def _relation(self) -> str:
        return f"read_parquet({literal(str(self._path))})"


@contextmanager
def _damage_told() -> Iterator[None]:
    """Whatever the reader says of a damaged file becomes one reason."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        # A page of a size that no memory holds is as likely a lie as the truth: name the file.
        raise SetAsideError(Reason.TOO_LARGE) from None
    except (duckdb.Error, pa.ArrowException, OSError):
        raise SetAsideError(Reason.DAMAGED_PARQUET) from None


def _as_text(column: str, column_type: str) -> str:
    """The contract's text of a typed value."""
    if column_type == "TIMESTAMP WITH TIME ZONE":
        return f"({column} at time zone 'UTC')::varchar"
    if column_type == "BLOB":
        # Text that a writer did not mark as such.
        return f"try(decode({column}))"
    if column_type.startswith(("STRUCT", "MAP")) or column_type.endswith("]"):
        return f"to_json({column})::varchar"
    return f"nullif({column}::varchar, '')"
