"""Faults of disk and database, told in one line that holds no value from a row.

DuckDB quotes the offending value in conversion, range and constraint errors; those texts are
withheld. Errors in the SQL itself are the project's own bugs and pass unchanged.
"""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.errors import StrataError

_FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_DAMAGE = re.compile(
    r"corrupt database|not a valid duckdb database|could not read enough bytes"
    r"|database file with version number|serialization error|failed to deserialize"
    r"|failed to load metadata|checksum|database does not exist",
    re.IGNORECASE,
)
_QUOTES_VALUES = (
    duckdb.ConversionException,
    duckdb.ConstraintException,
    duckdb.DataError,
    duckdb.InvalidInputException,
    duckdb.TypeMismatchException,
)


class DamagedFileError(StrataError):
    """A database file that can't be read: torn, overwritten, or of an unknown version."""


@contextmanager
def told_in_one_line(doing: str, path: Path, reading: Path | None = None) -> Iterator[None]:
    """Turn faults of disk, SQLite and DuckDB into a StrataError.

    Args:
        doing: what is going on, as in "publishing a set".
        path: the file or folder that it concerns.
        reading: the database that is read meanwhile, where it is another one.

    Raises:
        DamagedFileError: the database can't be read.
        StrataError: the disk is full, access is denied, a limit is reached, the file is in use.
    """
    try:
        yield
    except OSError as error:
        raise StrataError(_disk_fault(doing, path, error)) from None
    except sqlite3.OperationalError as error:
        raise StrataError(f"{doing}: {error} at {path}") from None
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:
            raise
        raise StrataError(
            f"{doing}: {path} is damaged ({error}); move it away, and what the published sets tell"
            " is read back into a new one"
        ) from None
    except duckdb.Error as error:
        raise _duckdb_fault(doing, path, reading or path, error) from None


def _disk_fault(doing: str, path: Path, error: OSError) -> str:
    where = error.filename or path
    if error.errno in _FULL_DISK:
        return _full_disk(doing, where)
    if error.errno in _FORBIDDEN:
        return _forbidden(doing, where)
    return f"{doing}: {error.strerror or type(error).__name__} at {where}"


def _duckdb_fault(doing: str, path: Path, read: Path, error: duckdb.Error) -> Exception:
    text = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        return StrataError(_limit_reached(doing, text))
    if "No space left" in text or "File too large" in text or "Disk quota exceeded" in text:
        return StrataError(_full_disk(doing, path))
    if "Permission denied" in text or "Read-only file system" in text:
        return StrataError(_forbidden(doing, path))
    holder = re.search(r"Conflicting lock is held in (?:\S+ )?\(?PID (\d+)", text)
    if holder:
        return StrataError(
            f"{doing}: process {holder[1]} has {path} open; close it there and run again"
        )
    if "already attached" in text or "different configuration" in text:
        return StrataError(f"{doing}: {path} is still open in this process")
    if _DAMAGE.search(text):
        return DamagedFileError(f"{doing}: {read} can't be read: {_first_sentence(text)}")
    if isinstance(error, _QUOTES_VALUES):
        return StrataError(
            f"{doing}: {type(error).__name__} in {read}; the text is withheld, it may quote a row"
        )
    if isinstance(error, duckdb.IOException):
        return StrataError(f"{doing}: {_first_sentence(text)}")
    return error


def _limit_reached(doing: str, text: str) -> str:
    used = re.search(r"\(([^()]* used)\)", text)
    amount = f" ({used[1]})" if used else ""
    if "max_temp_directory_size" in text:
        return f"{doing}: DuckDB's max_temp_directory_size is used up{amount}; raise it"
    return (
        f"{doing}: DuckDB's memory_limit is used up{amount}; raise memory_limit or lower threads"
        " in strata.yml"
    )


def _full_disk(doing: str, where: object) -> str:
    return f"{doing}: the disk or quota is full at {where}; free some space and run again"


def _forbidden(doing: str, where: object) -> str:
    return f"{doing}: no permission to write {where}; give it to the user who runs strata"


def _first_sentence(text: str) -> str:
    return " ".join(text.split("\n", 1)[0].split()).removeprefix("IO Error: ")
