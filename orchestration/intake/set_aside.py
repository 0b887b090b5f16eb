"""Why a delivered file is left out whole. The others go on; the file is named with its reason."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Stable codes; what they mean is in `EXPLANATIONS`."""

    ODD_NAME = "odd_name"
    SYMBOLIC_LINK = "symbolic_link"
    NOT_A_FILE = "not_a_file"
    UNKNOWN_FORMAT = "unknown_format"
    EMPTY_FILE = "empty_file"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    NOT_UTF8 = "not_utf8"
    BAD_HEADER = "bad_header"
    DAMAGED_PARQUET = "damaged_parquet"
    CHANGED_WHILE_READ = "changed_while_read"
    PARSERS_DISAGREE = "parsers_disagree"


EXPLANATIONS: dict[Reason, str] = {
    Reason.ODD_NAME: "its name has characters other than letters, digits, blank and . _ - + = @",
    Reason.SYMBOLIC_LINK: "it is a symbolic link, or lies in a folder that is one",
    Reason.NOT_A_FILE: "it is no regular file",
    Reason.UNKNOWN_FORMAT: "its name ends neither in .csv, .tsv, .parquet, .ndjson nor .jsonl",
    Reason.EMPTY_FILE: "it has no bytes",
    Reason.TOO_LARGE: "it is larger than max_file_bytes, or unpacks to more than that"
    " or memory_limit allow",
    Reason.UNREADABLE: "the system refuses to open it",
    Reason.NOT_UTF8: "it is not UTF-8 text; declare its encoding in a map",
    Reason.BAD_HEADER: "its header is missing, too long, or names a column twice",
    Reason.DAMAGED_PARQUET: "its Parquet is half-written or damaged",
    Reason.CHANGED_WHILE_READ: "it changed while it was read; it is tried again at the next run",
    Reason.PARSERS_DISAGREE: "its rows can't be counted for certain",
}

# Not the file's own fault, so it is not remembered: the next run tries again.
PASSING = frozenset({Reason.CHANGED_WHILE_READ, Reason.UNREADABLE})


class SetAsideError(Exception):
    """This file can't be taken in; the next one can. Its one argument is the reason."""

    @property
    def reason(self) -> Reason:
        """Why."""
        return self.args[0]
