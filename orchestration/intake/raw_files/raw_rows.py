"""Rows of one delivery on their way into one raw table: pseudonyms, erasure, then Parquet."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from orchestration.intake.background import WriteBehind
from orchestration.intake.contract import HASH_COLUMN_OF, ContractTable
from orchestration.intake.erasure.tombstones import REQUESTS_TABLE, Tombstones
from orchestration.intake.identifiers.identifier_vault import VaultAppender
from orchestration.intake.identifiers.pseudonyms import Pseudonymiser
from orchestration.intake.intake_ledger import RawFile
from orchestration.intake.raw_files.raw_writer import PrivateParquet, raw_schema


class RawRows:
    """Takes contract rows as text and writes them as raw.

    Args:
        table: which table.
        path: the Parquet file to be made.
        arrival_seq: of the delivery.
        file_name: its name in the landing folder.
        loaded_at: stands in where a row has none.
        pseudonymiser: replaces the identifiers.
        tombstones: whose rows are left out; learns from `erasure_requests`.
        vault: learns the identifiers of the rows that stay.
    """

    def __init__(  # noqa: D107
        self,
        table: ContractTable,
        path: Path,
        arrival_seq: int,
        file_name: str,
        loaded_at: str,
        pseudonymiser: Pseudonymiser,
        tombstones: Tombstones,
        vault: VaultAppender,
    ) -> None:
        self.table = table
        self.erased_count = 0
        self.accepted_count = 0
        self._arrival_seq = arrival_seq
        self._file_name = file_name
        self._loaded_at = loaded_at
        self._pseudonymiser = pseudonymiser
        self._tombstones = tombstones
        self._vault = vault
        self._schema = raw_schema(table)
        self._parquet = PrivateParquet(path, self._schema)
        self._writing: WriteBehind[tuple[pa.Table, pa.Table]] = WriteBehind(self._write)

    def put(self, rows: pa.Table, row_numbers: pa.Array, source_row_counts: pa.Array) -> None:
        """Pseudonymise and write rows.

        Args:
            rows: some of the contract's columns, all text.
            row_numbers: int64, in the delivered file.
            source_row_counts: int64, delivered rows that each row stands for in the accounts.
        """
        made = pseudonymised(self.table, rows, self._pseudonymiser, self._loaded_at)
        if self.table.name == REQUESTS_TABLE:
            self._tombstones.take_requests(self.table, made)
        made = self._tombstones.without_erased_referrers(self.table, made)
        made = pa.table(
            [
                *made.columns,
                pa.repeat(pa.scalar(self._arrival_seq, pa.int64()), len(made)),
                pa.repeat(self._file_name, len(made)),
                row_numbers,
                source_row_counts,
            ],
            schema=self._schema,
        )
        erased = self._tombstones.erased_rows(self.table, made, self._pseudonymiser)
        if erased is not None:
            self.erased_count += _total(made.filter(erased))
            made = made.filter(pc.invert(erased))
        pairs = self._pseudonymiser.fetch_pairs()
        if erased is not None:
            pairs = pairs.filter(pc.is_in(pairs["pseudonym"], value_set=self._pseudonyms(made)))
            # A pair left out now may be wanted for a later row.
            self._pseudonymiser.forget()
        self.accepted_count += _total(made)
        self._writing.put((made.select(self._written(rows.column_names)), pairs))

    def finish(self, relative_to: Path, name: str) -> RawFile:
        """Close the file and give it its name; it becomes raw when the ledger lists it."""
        self._writing.close()
        self._parquet.finish(name)
        return RawFile(
            self._parquet.path.relative_to(relative_to).as_posix(),
            self.table.name,
            self._arrival_seq,
            self._parquet.row_count,
        )

    def abandon(self) -> None:
        """Stop and delete what was written."""
        self._writing.abandon()
        self._parquet.abandon()

    def _write(self, rows_and_pairs: tuple[pa.Table, pa.Table]) -> None:
        rows, pairs = rows_and_pairs
        self._parquet.write(rows)
        self._vault.add(pairs, f"{self._arrival_seq:08d}.parquet")

    def _written(self, delivered: list[str]) -> list[str]:
        """The columns of the file: those without a value in it are left out."""
        filled = {HASH_COLUMN_OF.get(name, name) for name in delivered} | {"loaded_at"}
        unfilled = set(self.table.stored_columns) - filled
        return [name for name in self._schema.names if name not in unfilled]

    def _pseudonyms(self, rows: pa.Table) -> pa.Array:
        columns = [column.name for column in self.table.columns if column.identifier_kind]
        stored = [rows[name] for name in columns if name in rows.column_names]
        return pa.chunked_array(
            [chunk for column in stored for chunk in column.chunks], pa.string()
        ).combine_chunks()


def pseudonymised(
    table: ContractTable, rows: pa.Table, pseudonymiser: Pseudonymiser, loaded_at: str
) -> pa.Table:
    """Rows with pseudonyms in place of identifiers; columns that were not delivered are null.

    Args:
        table: what the rows are of.
        rows: some of the contract's columns, `source_system` among them; all text.
        pseudonymiser: makes the pseudonyms.
        loaded_at: stands in where a row has none.

    Returns:
        the table's stored columns.
    """
    kinds = {
        column.name: column.identifier_kind
        for column in table.columns
        if column.identifier_kind and column.name in rows.column_names
    }
    pseudonyms = pseudonymiser.replace_all(
        [(kind, rows[name]) for name, kind in kinds.items()], rows["source_system"]
    )
    nothing = pa.nulls(len(rows), pa.string())
    found = {name: rows[name] for name in rows.column_names}
    found |= dict(zip(kinds, pseudonyms, strict=True))
    for clear, name in HASH_COLUMN_OF.items():
        if clear in found:
            # What was delivered in clear goes before a delivered hash.
            found[name] = pc.coalesce(found[clear], found.get(name, nothing))
    found["loaded_at"] = pc.coalesce(found.get("loaded_at", nothing), loaded_at)
    return pa.table({name: found.get(name, nothing) for name in table.stored_columns})


def _total(rows: pa.Table) -> int:
    return pc.sum(rows["source_row_count"]).as_py() or 0
