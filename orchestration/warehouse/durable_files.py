"""Files that survive a power cut: flushed to disk, put in place in one move, with fitting modes."""

from __future__ import annotations

import os
from pathlib import Path

# What readers get: the group of the BI tools may read it; nobody else.
READERS_FOLDER_MODE, READERS_FILE_MODE = 0o750, 0o640


def make_folder(folder: Path, mode: int) -> None:
    """Make a folder and its parents where missing; what is made gets the mode, whatever the umask.

    A folder that is already there keeps the mode its owner gave it.
    """
    missing = [folder, *folder.parents]
    missing = missing[: next(i for i, path in enumerate(missing) if path.exists())]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        path.chmod(mode)


def flush_file(path: Path) -> None:
    """Wait until the file's bytes are on the disk."""
    _flush(path, os.O_RDONLY)


def flush_folder(folder: Path) -> None:
    """Wait until the folder's entries, thus renames in it, are on the disk."""
    _flush(folder, os.O_RDONLY | os.O_DIRECTORY)


def put_in_place(made: Path, final: Path) -> None:
    """Rename a finished file over its final name, in one move that outlasts a power cut."""
    flush_file(made)
    made.replace(final)
    flush_folder(final.parent)


def point_link(link: Path, target: Path) -> None:
    """Make `link` a relative symbolic link to `target` in one move: a reader meets old or new.

    Calls for one link must not overlap; the caller holds a lock.
    """
    made = link.with_name(f".{link.name}.new")
    made.unlink(missing_ok=True)
    made.symlink_to(os.path.relpath(target, link.parent))
    made.replace(link)
    flush_folder(link.parent)


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
