"""Rows that intake could not take: where they stand and why, never what was in them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from orchestration.intake.intake_ledger import RawFile
from orchestration.intake.raw_files.raw_writer import REJECTS_SCHEMA, REJECTS_TABLE, PrivateParquet
from orchestration.intake.reading.row_source import RowFaults


class RejectedRows:
    """The rejects of one delivery; its file is made with the first of them.

    Args:
        path: the Parquet file.
        arrival_seq: of the delivery.
        file_name: its name in the landing folder.
    """

    def __init__(self, path: Path, arrival_seq: int, file_name: str) -> None:  # noqa: D107
        self._path = path
        self._arrival_seq = arrival_seq
        self._file_name = file_name
        self._parquet: PrivateParquet | None = None

    def add(self, rows: pa.Table, table_name: str) -> None:
        """Add rejects.

        Args:
            rows: row_number and reason_code; key_pseudonym and column_name where known.
            table_name: the contract's table, or the map that the file is read with.
        """
        if self._parquet is None:
            self._parquet = PrivateParquet(self._path, REJECTS_SCHEMA)
        nothing = pa.nulls(len(rows), pa.string())
        given = {name: rows[name] for name in rows.column_names}
        self._parquet.write(
            pa.table(
                [
                    pa.repeat(pa.scalar(self._arrival_seq, pa.int64()), len(rows)),
                    pa.repeat(self._file_name, len(rows)),
                    pa.repeat(table_name, len(rows)),
                    given["row_number"],
                    given.get("key_pseudonym", nothing),
                    given.get("column_name", nothing),
                    given["reason_code"],
                ],
                schema=REJECTS_SCHEMA,
            )
        )

    def add_faults(self, faults: RowFaults, table_name: str) -> None:
        """Add what was no row at all."""
        if faults.reasons:
            self.add(
                pa.table(
                    {
                        "row_number": pa.array(faults.row_numbers, pa.int64()),
                        "reason_code": pa.array(faults.reasons, pa.string()),
                    }
                ),
                table_name,
            )

    def finish(self, relative_to: Path, name: str) -> list[RawFile]:
        """Close the file and give it its name; empty without rejects."""
        if self._parquet is None:
            return []
        made, self._parquet = self._parquet, None
        made.finish(name)
        path = made.path.relative_to(relative_to).as_posix()
        return [RawFile(path, REJECTS_TABLE, self._arrival_seq, made.row_count)]

    def abandon(self) -> None:
        """Delete what was written."""
        if self._parquet is not None:
            self._parquet.abandon()
            self._parquet = None
