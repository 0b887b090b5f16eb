"""Take the landing folder's new files into raw: the one way in, without Dagster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration.errors import StrataError
from orchestration.intake.contract import contract_tables
from orchestration.intake.delivery_book import DeliveryBook
from orchestration.intake.erasure.raw_erasure import apply_erasures
from orchestration.intake.erasure.tombstones import REQUESTS_TABLE, Tombstones
from orchestration.intake.file_intake import FileIntake, Workplace, open_source
from orchestration.intake.identifiers.identifier_vault import VaultAppender
from orchestration.intake.identifiers.nobodies import Nobodies, read_nobodies
from orchestration.intake.identifiers.pseudonym_key import key_check, load_key
from orchestration.intake.identifiers.pseudonyms import Pseudonymiser
from orchestration.intake.intake_database import intake_database
from orchestration.intake.intake_ledger import (
    RowCounts,
    delete_unlisted,
    intake_ledger,
    latest_seq,
    latest_seq_in,
    raw_files,
    refuse_lost_ledger,
    tombstones,
    vault_paths,
)
from orchestration.intake.landing_files import (
    FileState,
    Landing,
    LandingFile,
    file_state,
    lacks_final_line_end,
    list_mapped_files,
    list_table_files,
    sha256_of,
    shown,
)
from orchestration.intake.mapping.mapped_rows import MappedRows
from orchestration.intake.mapping.source_maps import SourceMap, load_map, map_name
from orchestration.intake.raw_files.raw_views import last_order_day
from orchestration.intake.set_aside import EXPLANATIONS, PASSING, Reason, SetAsideError
from orchestration.paths import Home, Project
from orchestration.warehouse.fault_messages import told_in_one_line

__all__ = ["IntakeReport", "last_order_day", "latest_seq", "take_in"]

_GLOB_SIGNS = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What one intake did.

    Attributes:
        latest_seq: the largest arrival sequence in the home now.
        files_taken: new files that became raw.
        files_known: files whose content was taken in, or set aside, before.
        files_set_aside: (name, reason) of every file in the folder that can't be taken.
        rows_in: rows of the files taken; the sum of the four that follow.
        warnings: what somebody should look at, a line each.
    """

    latest_seq: int
    files_taken: int
    files_known: int
    files_set_aside: list[tuple[str, str]]
    rows_in: int
    rows_accepted: int
    rows_duplicate: int
    rows_rejected: int
    rows_erased: int
    warnings: list[str] = field(default_factory=list)


def take_in(
    home: Home,
    landing: Path,
    *,
    map_path: Path | None,
    guest_ids: Path,
    blocked_identifiers: Path,
    max_file_bytes: int,
    memory_limit: str,
    retake: bool = False,
    progress: Callable[[str], None] | None = None,
) -> IntakeReport:
    """Take in what is new in the landing folder. The caller holds the run lock.

    Each file is committed by itself: what a killed intake has not committed is taken by the next.

    Args:
        home: where raw, vault and ledger lie.
        landing: a folder with a subfolder per contract table, or whatever the map says.
        map_path: how foreign files become contract rows; None where the files are in the
            contract's own shape.
        guest_ids: CSV of ids that mean nobody.
        blocked_identifiers: CSV of addresses, devices and the like that mean nobody, by kind.
        max_file_bytes: larger files are set aside.
        memory_limit: DuckDB's, as in "4GB".
        retake: take files again that were taken before; their older rows go.
        progress: told what goes on, a line at a time.

    Raises:
        StrataError: a required column is missing, the map or the key doesn't fit, the disk is full.
    """
    say = progress or (lambda line: None)
    with told_in_one_line("taking files in", home.root):
        nobodies = read_nobodies(guest_ids, blocked_identifiers)
        return _Intake(
            home, landing, map_path, nobodies, max_file_bytes, memory_limit, retake, say
        ).run()


class _Intake:
    """One call of `take_in`."""

    def __init__(
        self,
        home: Home,
        landing: Path,
        map_path: Path | None,
        nobodies: Nobodies,
        max_file_bytes: int,
        memory_limit: str,
        retake: bool,
        say: Callable[[str], None],
    ) -> None:
        self._home = home
        self._landing = landing
        self._map_path = map_path
        self._nobodies = nobodies
        self._max_file_bytes = max_file_bytes
        self._memory_limit = memory_limit
        self._retake = retake
        self._say = say
        self._tables = contract_tables(Project.here().raw_sources)
        self._scratch = home.scratch / "intake"
        self._taken: list[RowCounts] = []
        self._known = 0
        self._seq_before = 0
        self._set_aside: list[tuple[str, str]] = []
        self._warnings: list[str] = []
        self._without_line_end: list[str] = []
        self._unknown_columns: dict[str, set[str]] = defaultdict(set)

    def run(self) -> IntakeReport:
        self._refuse_glob_signs()
        source_map = None
        if self._map_path:
            source_map = load_map(self._map_path, self._tables)
            if map_name(self._map_path) in self._tables:
                raise StrataError(f"{self._map_path}: a table has this name; rename the map")
        landing = self._list(source_map)
        self._warnings += landing.warnings
        key = self._start(source_map)
        largest = max((file.state.size for file in landing.files), default=0)
        with intake_database(
            self._home, self._landing, self._scratch, self._memory_limit, largest
        ) as connection:
            work = self._workplace(connection, key)
            mapped = self._mapped(source_map, connection, work.pseudonymiser)
            book = DeliveryBook(self._home, work.tombstones)
            try:
                for refused in landing.refused:
                    self._tell_set_aside(refused.name, refused.reason)
                    book.add_set_aside(
                        refused.name, refused.input_name, refused.stand_in_hash, refused.reason
                    )
                files = sorted(landing.files, key=_erasures_first)
                for number, file in enumerate(files, start=1):
                    position = f"{number} of {len(files)}"
                    if file.input_name in self._tables:
                        self._take_file(work, book, file, None, None, position)
                    else:
                        self._take_file(work, book, file, source_map, mapped, position)
            finally:
                # What was taken before a fault stays taken.
                book.commit()
            erased = apply_erasures(
                self._home,
                self._tables,
                connection,
                work.pseudonymiser,
                work.tombstones,
                self._say,
            )
        if erased:
            self._say(f"erasure: {erased} rows taken out of raw")
        self._finish_map(source_map, files)
        for table, names in sorted(self._unknown_columns.items()):
            self._warnings.append(
                f"{table}: columns that the input contract or the map doesn't have are not stored:"
                f" {', '.join(sorted(names))}"
            )
        if self._without_line_end:
            self._warnings.append(
                f"{len(self._without_line_end)} files end without a line end, such as"
                f" {self._without_line_end[0]}: if they are half-written, their last cell is cut"
            )
        return IntakeReport(
            latest_seq=latest_seq(self._home),
            files_taken=len(self._taken),
            files_known=self._known,
            files_set_aside=self._set_aside,
            rows_in=sum(counts.row_count for counts in self._taken),
            rows_accepted=sum(counts.accepted for counts in self._taken),
            rows_duplicate=sum(counts.duplicate for counts in self._taken),
            rows_rejected=sum(counts.rejected for counts in self._taken),
            rows_erased=sum(counts.erased for counts in self._taken),
            warnings=self._warnings,
        )

    def _refuse_glob_signs(self) -> None:
        for folder in (self._landing.absolute(), self._home.root.absolute()):
            if _GLOB_SIGNS & set(str(folder)):
                raise StrataError(f"{folder}: *, ? and [ can't be in a folder's name; rename it")

    def _list(self, source_map: SourceMap | None) -> Landing:
        if source_map is None or self._map_path is None:
            return list_table_files(self._landing, self._tables, self._max_file_bytes)
        return list_mapped_files(
            self._landing,
            source_map.files,
            map_name(self._map_path),
            source_map.format,
            self._tables,
            self._max_file_bytes,
        )

    def _start(self, source_map: SourceMap | None) -> bytes:
        """Check key and map against the ledger; clean up after a killed intake; give the key."""
        with intake_ledger(self._home) as ledger:
            row = ledger.execute("select key_check from pseudonym_keys").fetchone()
        if row is None:
            refuse_lost_ledger(self._home.raw)
        key = load_key(self._home, row["key_check"] if row else None)
        with intake_ledger(self._home) as ledger:
            ledger.execute(
                "insert into pseudonym_keys values (?) on conflict do nothing", (key_check(key),)
            )
            if source_map is not None and self._map_path is not None:
                name = map_name(self._map_path)
                known = ledger.execute(
                    "select digest from source_maps where map_name = ?", (name,)
                ).fetchone()
                if known is None:
                    ledger.execute(
                        "insert into source_maps values (?, ?)", (name, source_map.digest)
                    )
                elif known["digest"] != source_map.digest and not self._retake:
                    raise StrataError(
                        f"map {name} has changed since files were taken in with it; run once with"
                        " --retake to take them in again"
                    )
            self._seq_before = latest_seq_in(ledger)
            listed = [file.path for file in raw_files(ledger)]
            vault = vault_paths(ledger)
        delete_unlisted(self._home.raw, listed)
        delete_unlisted(self._home.vault, vault)
        return key

    def _workplace(self, connection: duckdb.DuckDBPyConnection, key: bytes) -> Workplace:
        with intake_ledger(self._home) as ledger:
            erased = Tombstones(tombstones(ledger))
            vault = VaultAppender(self._home, connection.cursor(), vault_paths(ledger))
        return Workplace(
            home=self._home,
            tables=self._tables,
            pseudonymiser=Pseudonymiser(key, self._nobodies),
            tombstones=erased,
            vault=vault,
            reading=connection.cursor(),
            scratch=self._scratch,
            max_file_bytes=self._max_file_bytes,
        )

    def _mapped(
        self,
        source_map: SourceMap | None,
        connection: duckdb.DuckDBPyConnection,
        pseudonymiser: Pseudonymiser,
    ) -> MappedRows | None:
        if source_map is None or self._map_path is None:
            return None
        return MappedRows(
            source_map,
            map_name(self._map_path),
            self._tables,
            connection.cursor(),
            pseudonymiser.row_key_salt,
        )

    def _take_file(
        self,
        work: Workplace,
        book: DeliveryBook,
        file: LandingFile,
        source_map: SourceMap | None,
        mapped: MappedRows | None,
        position: str,
    ) -> None:
        name = shown(file.name)
        try:
            sha256 = book.known_sha256(file)
            if sha256 is None and book.has_met_size(file):
                # Reading all of it would tell as well, but take longer.
                sha256 = sha256_of(file.path)
            if sha256 is not None and self._is_known(book, file, sha256):
                return
            state = file_state(file.path)
            source = open_source(work, file, source_map)
            self._say(f"taking in {name} ({position})")
            intake = FileIntake(work, file, source, book.next_seq)
            taken = intake.take(mapped)
            if not _is_as_it_was(file.path, state):
                intake.abandon()
                raise SetAsideError(Reason.CHANGED_WHILE_READ)
        except SetAsideError as error:
            self._set_file_aside(book, file, error.reason)
            return
        sha256 = source.sha256
        if self._is_known(book, file, sha256):
            intake.abandon()
            return
        book.add_taken(file, name, sha256, taken)
        if taken.vault_path:
            work.vault.finished(taken.vault_path)
        self._taken.append(taken.counts)
        if lacks_final_line_end(file):
            self._without_line_end.append(name)
        if taken.unknown_columns:
            self._unknown_columns[file.input_name] |= set(taken.unknown_columns)

    def _is_known(self, book: DeliveryBook, file: LandingFile, sha256: str) -> bool:
        """Whether this content was met before; says so in the report."""
        delivery = book.delivery_of(file.input_name, sha256)
        if delivery is None or (self._retake and delivery.arrival_seq <= self._seq_before):
            return False
        book.see(file, sha256)
        self._known += 1
        if delivery.reason is not None:
            self._tell_set_aside(shown(file.name), Reason(delivery.reason))
        return True

    def _set_file_aside(self, book: DeliveryBook, file: LandingFile, reason: Reason) -> None:
        self._tell_set_aside(shown(file.name), reason)
        if reason in PASSING:
            return
        try:
            sha256 = sha256_of(file.path)
        except SetAsideError:
            return
        book.add_set_aside(shown(file.name), file.input_name, sha256, reason)
        book.see(file, sha256)

    def _tell_set_aside(self, name: str, reason: Reason) -> None:
        self._set_aside.append((name, reason.value))
        self._say(f"set aside {name}: {EXPLANATIONS[reason]}")

    def _finish_map(self, source_map: SourceMap | None, files: list[LandingFile]) -> None:
        if source_map is None or self._map_path is None:
            return
        name = map_name(self._map_path)
        with intake_ledger(self._home) as ledger:
            if self._retake:
                present = {shown(file.name) for file in files}
                known = ledger.execute(
                    "select file_name from deliveries where input_name = ?", (name,)
                ).fetchall()
                gone = sum(row["file_name"] not in present for row in known)
                if gone:
                    self._warnings.append(
                        f"map {name}: {gone} files taken in earlier are no longer in the landing"
                        " folder; their rows are still as the former map made them"
                    )
            ledger.execute(
                "insert or replace into source_maps values (?, ?)", (name, source_map.digest)
            )


def _is_as_it_was(path: Path, state: FileState) -> bool:
    try:
        return file_state(path) == state
    except SetAsideError:
        return False


def _erasures_first(file: LandingFile) -> tuple[bool, str]:
    """Requests before all else, so that no file of the same intake brings anybody back."""
    return file.input_name != REQUESTS_TABLE, file.name
