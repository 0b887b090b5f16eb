"""One delivered file becomes raw: read, judged, pseudonymised and written; not yet committed."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.errors import StrataError
from orchestration.intake.background import read_ahead
from orchestration.intake.contract import ContractTable
from orchestration.intake.delivery_book import Taken
from orchestration.intake.erasure.tombstones import Tombstones
from orchestration.intake.identifiers.identifier_vault import VaultAppender
from orchestration.intake.identifiers.pseudonyms import Pseudonymiser
from orchestration.intake.intake_ledger import RowCounts
from orchestration.intake.landing_files import LandingFile, shown
from orchestration.intake.mapping.mapped_rows import MAX_TEXT_BYTES, MappedRows
from orchestration.intake.mapping.source_maps import SourceMap, missing_columns
from orchestration.intake.raw_files.raw_rows import RawRows, pseudonymised
from orchestration.intake.raw_files.raw_writer import REJECTS_TABLE
from orchestration.intake.raw_files.rejected_rows import RejectedRows
from orchestration.intake.reading.csv_record import CsvDialect
from orchestration.intake.reading.csv_source import CsvSource
from orchestration.intake.reading.line_source import (
    LineSource,
    blank_separated,
    fixed_width,
    parse_json_line,
)
from orchestration.intake.reading.parquet_source import ParquetSource
from orchestration.intake.reading.row_source import RowBatch, RowSource
from orchestration.paths import Home

# Ids, numbers, stamps and flags are short; free text may be long.
_MAX_BYTES = {"text": MAX_TEXT_BYTES}
_MAX_SHORT_BYTES = 1_024


@dataclass(frozen=True, slots=True)
class Workplace:
    """What all files of one intake share.

    Attributes:
        reading: DuckDB connection of the thread that reads Parquet.
        scratch: a folder for copies, emptied by the caller.
        max_file_bytes: what a file may have.
    """

    home: Home
    tables: dict[str, ContractTable]
    pseudonymiser: Pseudonymiser
    tombstones: Tombstones
    vault: VaultAppender
    reading: duckdb.DuckDBPyConnection
    scratch: Path
    max_file_bytes: int


def open_source(work: Workplace, file: LandingFile, source_map: SourceMap | None) -> RowSource:
    """The reader that fits the file.

    Raises:
        SetAsideError: the file can't be read at all.
    """
    if file.file_format == "parquet":
        return ParquetSource(file.path, work.reading, work.max_file_bytes)
    if source_map is None:
        if file.file_format == "ndjson":
            return LineSource(file.path, parse_json_line)
        known = frozenset(work.tables[file.input_name].by_name)
        return CsvSource(file.path, work.scratch, known)
    names = tuple(source_map.columns)
    if file.file_format == "csv":
        options = source_map.csv
        return CsvSource(
            file.path,
            work.scratch,
            frozenset(names),
            CsvDialect(options.delimiter, options.quote, options.header),
            names,
            source_map.encoding,
        )
    if file.file_format == "ndjson":
        return LineSource(file.path, parse_json_line)
    if file.file_format == "whitespace":
        return LineSource(file.path, blank_separated(names), names, source_map.encoding)
    places = {
        name: (column.start or 1, column.width or 1) for name, column in source_map.columns.items()
    }
    return LineSource(file.path, fixed_width(places), names, source_map.encoding)


class FileIntake:
    """Takes one file in.

    Args:
        work: what is shared.
        file: which file.
        source: its reader.
        arrival_seq: its place among all deliveries.
    """

    def __init__(  # noqa: D107
        self, work: Workplace, file: LandingFile, source: RowSource, arrival_seq: int
    ) -> None:
        self._work = work
        self._file = file
        self._source = source
        self._arrival_seq = arrival_seq
        self._writers: list[RawRows] = []
        self._rejects = RejectedRows(
            work.home.raw / REJECTS_TABLE / f"{arrival_seq:08d}.parquet",
            arrival_seq,
            shown(file.name),
        )

    def take(self, mapped: MappedRows | None) -> Taken:
        """Write the file's rows.

        Raises:
            SetAsideError: the file can't be taken; nothing of it is left.
            StrataError: a required column is missing; nothing of the file is left.
        """
        try:
            taken = self._take_table() if mapped is None else self._take_mapped(mapped)
            # The hash is known now that all is read.
            name = f"{self._arrival_seq:08d}-{self._source.sha256[:12]}.parquet"
            taken.raw = [writer.finish(self._work.home.raw, name) for writer in self._writers]
            taken.raw += self._rejects.finish(self._work.home.raw, name)
            taken.vault_path = self._work.vault.finish()
            return taken
        except BaseException:
            self.abandon()
            raise

    def _take_table(self) -> Taken:
        table = self._work.tables[self._file.input_name]
        names = self._source.column_names
        if names:
            self._check_columns(table, names)
        wanted = [name for name in names if name in table.by_name] or list(table.by_name)
        writer = self._writer(table)
        too_long = 0
        with closing(read_ahead(lambda: self._source.batches(wanted))) as batches:
            for batch in batches:
                kept = self._without_long_cells(table, batch)
                too_long += len(batch.rows) - len(kept.rows)
                ones = pa.repeat(pa.scalar(1, pa.int64()), len(kept.rows))
                writer.put(kept.rows, kept.row_numbers, ones)
        if not names and writer.accepted_count + writer.erased_count:
            self._check_columns(table, self._source.column_names)
        faults = self._source.faults
        self._rejects.add_faults(faults, table.name)
        return Taken(
            counts=RowCounts(
                row_count=self._source.row_count,
                accepted=writer.accepted_count,
                rejected=len(faults.reasons) + too_long,
                erased=writer.erased_count,
            ),
            unknown_columns=tuple(
                shown(name)[:60]
                for name in self._source.column_names
                if name and name not in table.by_name
            ),
        )

    def _take_mapped(self, mapped: MappedRows) -> Taken:
        name = self._file.input_name
        mapped.load(self._source, self._file.name)
        erased = self._leave_out_erased(mapped)
        for target in mapped.targets:
            writer = self._writer(target.table)
            for rows in mapped.shaped(target):
                account = rows.select(["row_number", "source_row_count"])
                contract_rows = rows.drop_columns(["row_number", "source_row_count", "source_rows"])
                writer.put(contract_rows, account["row_number"], account["source_row_count"])
        counts = mapped.counts()
        faults = self._source.faults
        self._rejects.add_faults(faults, name)
        rejects = mapped.rejects()
        if len(rejects):
            self._rejects.add(rejects, name)
        accepted = sum(writer.accepted_count for writer in self._writers)
        if accepted != counts["taken"]:
            raise RuntimeError(f"rows of {name} do not add up: {accepted} of {counts['taken']}")
        return Taken(
            counts=RowCounts(
                row_count=self._source.row_count,
                accepted=accepted,
                duplicate=counts["duplicate"],
                rejected=counts["rejected"] + len(faults.reasons),
                erased=erased,
            ),
            unknown_columns=tuple(shown(name)[:60] for name in mapped.unknown(self._source)),
        )

    def _leave_out_erased(self, mapped: MappedRows) -> int:
        """Take the erased people's rows out before rows become headers; how many there were."""
        tombstones = self._work.tombstones
        if not tombstones:
            return 0
        erased = 0
        # Orders first: whose order it is decides about its lines.
        targets = sorted(mapped.targets, key=lambda target: target.table.name != "orders")
        for target in targets:
            numbers: list[pa.Array] = []
            for rows in mapped.shaped(target):
                made = pseudonymised(target.table, rows, self._work.pseudonymiser, "")
                mask = tombstones.erased_rows(target.table, made, self._work.pseudonymiser)
                if mask is not None:
                    source_rows = rows["source_rows"].filter(mask)
                    numbers.append(pc.list_flatten(source_rows).combine_chunks())
            if numbers:
                erased += mapped.leave_out(pa.concat_arrays(numbers))
        # The vault learns of those who stay when their rows are written.
        self._work.pseudonymiser.forget()
        return erased

    def _writer(self, table: ContractTable) -> RawRows:
        work = self._work
        writer = RawRows(
            table,
            work.home.raw / table.name / f"{self._arrival_seq:08d}.parquet",
            self._arrival_seq,
            shown(self._file.name),
            _file_time(self._file.state.mtime_ns),
            work.pseudonymiser,
            work.tombstones,
            work.vault,
        )
        self._writers.append(writer)
        return writer

    def _check_columns(self, table: ContractTable, names: tuple[str, ...]) -> None:
        missing = missing_columns(table, names)
        if missing:
            raise StrataError(
                f"{shown(self._file.name)}: table {table.name} needs {missing}; correct the file's"
                " header, or read it with a map"
            )

    def _without_long_cells(self, table: ContractTable, batch: RowBatch) -> RowBatch:
        """The batch without rows whose cells are longer than their column may have."""
        faulty: pa.Array | None = None
        for name in batch.rows.column_names:
            most = _MAX_BYTES.get(table.by_name[name].contract_type, _MAX_SHORT_BYTES)
            lengths = pc.binary_length(batch.rows[name])
            if (pc.max(lengths).as_py() or 0) <= most:
                continue
            mask = pc.fill_null(pc.greater(lengths, most), False).combine_chunks()
            fresh = mask if faulty is None else pc.and_(mask, pc.invert(faulty))
            self._reject_long_cells(table, batch, fresh, name)
            faulty = mask if faulty is None else pc.or_(faulty, mask)
        if faulty is None:
            return batch
        kept = pc.invert(faulty)
        return RowBatch(batch.rows.filter(kept), batch.row_numbers.filter(kept))

    def _reject_long_cells(
        self, table: ContractTable, batch: RowBatch, mask: pa.Array, column: str
    ) -> None:
        rows, count = batch.rows.filter(mask), pc.sum(mask).as_py()
        self._rejects.add(
            pa.table(
                {
                    "row_number": batch.row_numbers.filter(mask),
                    "key_pseudonym": self._keys(table, rows, column),
                    "column_name": pa.repeat(column, count),
                    "reason_code": pa.repeat("cell_too_long", count),
                }
            ),
            table.name,
        )

    def _keys(self, table: ContractTable, rows: pa.Table, faulty_column: str) -> pa.Array:
        """Pseudonyms of the rows' own ids; null where the id itself is at fault."""
        key, pseudonymiser = table.key_column, self._work.pseudonymiser
        if key is None or key == faulty_column or key not in rows.column_names:
            return pa.nulls(len(rows), pa.string())
        values = rows[key].combine_chunks()
        is_short = pc.less_equal(pc.binary_length(values), _MAX_SHORT_BYTES)
        values = pc.if_else(is_short, values, None)
        kind = table.by_name[key].identifier_kind
        if kind is None:
            return pseudonymiser.record_keys(key, values, rows["source_system"])
        keys = pseudonymiser.replace(kind, values, rows["source_system"])
        # The vault learns nothing of a rejected row.
        pseudonymiser.forget()
        return keys

    def abandon(self) -> None:
        """Leave nothing of the file behind."""
        for writer in self._writers:
            writer.abandon()
        self._writers.clear()
        self._rejects.abandon()
        self._work.vault.abandon()
        self._work.pseudonymiser.forget()


def _file_time(mtime_ns: int) -> str:
    """A file's own time as the contract writes instants."""
    seconds, nanoseconds = divmod(mtime_ns, 1_000_000_000)
    stamp = dt.datetime.fromtimestamp(seconds, dt.UTC).replace(microsecond=nanoseconds // 1000)
    return str(stamp.replace(tzinfo=None))
