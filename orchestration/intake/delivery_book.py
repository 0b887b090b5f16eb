"""What was delivered, kept at hand while one intake goes on, and committed in groups.

A commit waits for the disk. Of many small files, such as a file a day, a group shares the wait; a
killed intake loses at most the group that was not committed, and the next one takes it again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from orchestration.intake.erasure.tombstones import Tombstones
from orchestration.intake.intake_ledger import (
    SET_ASIDE,
    TAKEN,
    RawFile,
    RowCounts,
    add_tombstones,
    drop_delivery,
    intake_ledger,
    latest_seq_in,
    record_delivery,
    remember_state,
)
from orchestration.intake.landing_files import FileState, LandingFile
from orchestration.intake.raw_files.raw_writer import flush_all
from orchestration.intake.set_aside import Reason
from orchestration.paths import Home

_GROUP_FILES = 64
_GROUP_ROWS = 500_000
_GROUP_SECONDS = 5.0


@dataclass(slots=True)
class Taken:
    """What became of a file, ready to be committed."""

    counts: RowCounts = field(default_factory=RowCounts)
    raw: list[RawFile] = field(default_factory=list)
    vault_path: str | None = None
    unknown_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery of some content for some input.

    Attributes:
        status: taken or set_aside.
        reason: why it was set aside.
    """

    arrival_seq: int
    status: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Pending:
    arrival_seq: int
    file_name: str
    input_name: str
    sha256: str
    taken: Taken
    reason: str | None
    replaces: int | None


class DeliveryBook:
    """Deliveries of a home, with those of this intake that are still to be committed.

    Args:
        home: whose.
        tombstones: committed along with the deliveries that they come from.
    """

    def __init__(self, home: Home, tombstones: Tombstones) -> None:  # noqa: D107
        self._home = home
        self._tombstones = tombstones
        self._pending: list[_Pending] = []
        self._seen: list[tuple[LandingFile, str]] = []
        self._group_began = 0.0
        with intake_ledger(home) as ledger:
            self._latest_seq = latest_seq_in(ledger)
            self._deliveries = {
                (row["input_name"], row["sha256"]): Delivery(
                    row["arrival_seq"], row["status"], row["reason"]
                )
                for row in ledger.execute(
                    "select input_name, sha256, arrival_seq, status, reason from deliveries"
                )
            }
            self._states = {
                (row["input_name"], row["file_name"]): (
                    FileState(row["size"], row["mtime_ns"], row["ctime_ns"], row["inode"]),
                    row["sha256"],
                )
                for row in ledger.execute("select * from known_files")
            }
        self._sizes = {
            (input_name, state.size) for (input_name, _), (state, _) in self._states.items()
        }

    @property
    def next_seq(self) -> int:
        """The sequence that the next delivery gets."""
        return self._latest_seq + 1

    def known_sha256(self, file: LandingFile) -> str | None:
        """The hash of a file that is as it was when it was hashed; else None."""
        state, sha256 = self._states.get((file.input_name, file.name), (None, None))
        return sha256 if state == file.state else None

    def has_met_size(self, file: LandingFile) -> bool:
        """Whether a file of this size was seen for this input; if not, the content is new."""
        return (file.input_name, file.state.size) in self._sizes

    def delivery_of(self, input_name: str, sha256: str) -> Delivery | None:
        """The delivery of this content for this input, if there was one."""
        return self._deliveries.get((input_name, sha256))

    def see(self, file: LandingFile, sha256: str) -> None:
        """Keep the file's hash, so that it need not be read again while it is untouched."""
        if self.known_sha256(file) != sha256:
            self._states[file.input_name, file.name] = (file.state, sha256)
            self._sizes.add((file.input_name, file.state.size))
            self._seen.append((file, sha256))

    def add_taken(self, file: LandingFile, file_name: str, sha256: str, taken: Taken) -> None:
        """Note a file that became raw; what the same content made before goes."""
        self._add(file_name, file.input_name, sha256, taken, None)
        self.see(file, sha256)

    def add_set_aside(self, file_name: str, input_name: str, sha256: str, reason: Reason) -> None:
        """Note a file that was set aside, unless this was noted before."""
        before = self.delivery_of(input_name, sha256)
        if before is None or before.reason != reason.value:
            self._add(file_name, input_name, sha256, Taken(), reason.value)

    def commit(self) -> None:
        """Bring everything noted so far to the disk, files first, then the ledger."""
        if not self._pending and not self._seen:
            return
        pending, self._pending = self._pending, []
        seen, self._seen = self._seen, []
        flush_all(
            [
                *(self._home.raw / raw.path for entry in pending for raw in entry.taken.raw),
                *(
                    self._home.vault / entry.taken.vault_path
                    for entry in pending
                    if entry.taken.vault_path
                ),
            ]
        )
        old_paths = []
        with intake_ledger(self._home) as ledger:
            for entry in pending:
                if entry.replaces is not None:
                    old_paths += drop_delivery(ledger, entry.replaces)
                record_delivery(
                    ledger,
                    arrival_seq=entry.arrival_seq,
                    file_name=entry.file_name,
                    input_name=entry.input_name,
                    sha256=entry.sha256,
                    counts=entry.taken.counts,
                    raw=entry.taken.raw,
                    reason=entry.reason,
                    unknown_columns=entry.taken.unknown_columns,
                )
                if entry.taken.vault_path:
                    ledger.execute("insert into vault_files values (?)", (entry.taken.vault_path,))
            # An erasure that is committed but not applied goes on at the next intake.
            add_tombstones(ledger, self._tombstones.new)
            for file, sha256 in seen:
                remember_state(ledger, file, sha256)
        for path in old_paths:
            (self._home.raw / path).unlink(missing_ok=True)

    def _add(
        self, file_name: str, input_name: str, sha256: str, taken: Taken, reason: str | None
    ) -> None:
        before = self.delivery_of(input_name, sha256)
        if not self._pending:
            self._group_began = time.monotonic()
        entry = _Pending(
            self.next_seq,
            file_name,
            input_name,
            sha256,
            taken,
            reason,
            before.arrival_seq if before else None,
        )
        self._pending.append(entry)
        self._latest_seq = entry.arrival_seq
        self._deliveries[input_name, sha256] = Delivery(
            entry.arrival_seq, SET_ASIDE if reason else TAKEN, reason
        )
        if (
            len(self._pending) >= _GROUP_FILES
            or sum(made.taken.counts.row_count for made in self._pending) >= _GROUP_ROWS
            or time.monotonic() - self._group_began >= _GROUP_SECONDS
        ):
            self.commit()
