"""What lies in the landing folder: which files may be opened, in what order, and their hashes.

A file whose name or kind is not as it should be is named and never opened.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from orchestration.errors import StrataError
from orchestration.intake.set_aside import Reason, SetAsideError
from orchestration.settings.suggestions import did_you_mean

FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
}
# Letters of any script, digits and these signs: nothing that a shell, SQL or a glob reads.
_SOUND_NAME = re.compile(r"\w[\w .+=@-]*")
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", "~")
_HASH_BLOCK = 1 << 20
_TAIL_BYTES = 8


@dataclass(frozen=True, slots=True)
class FileState:
    """What tells that a file is still the one that was looked at."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class LandingFile:
    """A file that may be opened.

    Attributes:
        path: where it lies.
        name: its path inside the landing folder, with slashes.
        input_name: the contract's table, or the map, that it is read for.
        file_format: csv, parquet, ndjson, whitespace or fixed_width.
        state: when it was listed.
    """

    path: Path
    name: str
    input_name: str
    file_format: str
    state: FileState


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that is not even opened. Its name is fit to be shown."""

    name: str
    input_name: str
    reason: Reason

    @property
    def stand_in_hash(self) -> str:
        """Tells refused files apart where the content is not read."""
        return hashlib.sha256(f"{self.name}\n{self.reason}".encode()).hexdigest()


@dataclass(slots=True)
class Landing:
    """What was found."""

    files: list[LandingFile] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def list_table_files(landing: Path, tables: Iterable[str], max_file_bytes: int) -> Landing:
    """Files in the subfolders that are named like the contract's tables, in name order.

    Raises:
        StrataError: the landing folder isn't there.
    """
    found = Landing()
    known = set(tables)
    for entry in _entries(landing):
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name in known and entry.is_symlink():
            found.refused.append(RefusedFile(entry.name, entry.name, Reason.SYMBOLIC_LINK))
        elif entry.name in known and is_folder:
            for path in _walk(Path(entry.path)):
                file_format = FORMATS.get(path.suffix.lower())
                _admit(found, landing, path, entry.name, file_format, max_file_bytes)
        elif is_folder:
            found.warnings.append(
                f"landing folder {shown(entry.name)}: no table of the input contract has this name"
                f"{did_you_mean(entry.name, known)}; left alone"
            )
        else:
            found.warnings.append(
                f"file {shown(entry.name)} lies beside the tables' folders; left alone: name a map"
                " or put it into its table's folder"
            )
    return found


def list_mapped_files(
    landing: Path,
    patterns: Iterable[str],
    map_name: str,
    file_format: str,
    tables: Iterable[str],
    max_file_bytes: int,
) -> Landing:
    """Files that match one of the map's patterns, and files of the contract's own tables.

    A pattern is a path inside the landing folder; `*` stands for anything but a slash. What matches
    none but lies in a folder named like a table, such as erasure_requests, is read as that table.

    Raises:
        StrataError: the landing folder isn't there.
    """
    found = Landing()
    known = set(tables)
    unmatched = 0
    for path in _walk(landing):
        parts = path.relative_to(landing).parts
        if any(_matches(parts, tuple(pattern.split("/"))) for pattern in patterns):
            _admit(found, landing, path, map_name, file_format, max_file_bytes)
        elif len(parts) > 1 and parts[0] in known:
            table_format = FORMATS.get(path.suffix.lower())
            _admit(found, landing, path, parts[0], table_format, max_file_bytes)
        else:
            unmatched += 1
    if unmatched:
        found.warnings.append(
            f"{unmatched} files match no pattern of the map {map_name}; left alone"
        )
    return found


def _matches(parts: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


def shown(name: str) -> str:
    """A file's name fit for a terminal and a log: no control characters, one line."""
    return name.encode("unicode_escape").decode("ascii") if not name.isprintable() else name


def file_state(path: Path) -> FileState:
    """The file's state now.

    Raises:
        SetAsideError: it is a link, no regular file, or can't be asked.
    """
    try:
        status = path.lstat()
    except OSError:
        raise SetAsideError(Reason.UNREADABLE) from None
    if stat.S_ISLNK(status.st_mode):
        raise SetAsideError(Reason.SYMBOLIC_LINK)
    if not stat.S_ISREG(status.st_mode):
        raise SetAsideError(Reason.NOT_A_FILE)
    return FileState(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def lacks_final_line_end(file: LandingFile) -> bool:
    """Whether a text file ends within a line: nobody can see whether its last cell is cut."""
    if file.file_format == "parquet":
        return False
    try:
        with file.path.open("rb") as content:
            content.seek(max(0, file.state.size - _TAIL_BYTES))
            # In UTF-16 and UTF-32 zero bytes follow.
            return not content.read().rstrip(b"\0").endswith((b"\n", b"\r"))
    except OSError:
        # It was read whole a moment ago, and is gone now.
        return False


def sha256_of(path: Path) -> str:
    """The file's hash.

    Raises:
        SetAsideError: it can't be opened, or became a link.
    """
    digest = hashlib.sha256()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            while block := file.read(_HASH_BLOCK):
                digest.update(block)
    except OSError:
        raise SetAsideError(Reason.UNREADABLE) from None
    return digest.hexdigest()


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            listed = [entry for entry in entries if not entry.name.startswith(".")]
    except NotADirectoryError:
        raise StrataError(f"{folder} is a file; name the folder that your files land in") from None
    except FileNotFoundError:
        raise StrataError(
            f"no landing folder {folder}; name the folder that your files land in"
        ) from None
    except PermissionError:
        raise StrataError(f"{folder}: no permission to list it") from None
    return sorted(listed, key=lambda entry: entry.name)


def _walk(folder: Path) -> Iterator[Path]:
    """Files and links below a folder in path order; what is hidden or unfinished is passed over."""
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))
        elif not entry.name.lower().endswith(_UNFINISHED):
            yield Path(entry.path)


def _admit(
    found: Landing,
    landing: Path,
    path: Path,
    input_name: str,
    file_format: str | None,
    max_file_bytes: int,
) -> None:
    relative = path.relative_to(landing)
    name = relative.as_posix()
    try:
        if not all(_SOUND_NAME.fullmatch(part) for part in relative.parts):
            raise SetAsideError(Reason.ODD_NAME)
        state = file_state(path)
        if file_format is None:
            raise SetAsideError(Reason.UNKNOWN_FORMAT)
        if state.size == 0:
            raise SetAsideError(Reason.EMPTY_FILE)
        if state.size > max_file_bytes:
            raise SetAsideError(Reason.TOO_LARGE)
    except SetAsideError as error:
        found.refused.append(RefusedFile(shown(name), input_name, error.reason))
        return
    found.files.append(LandingFile(path, name, input_name, file_format, state))
