"""Whether something new lies in the landing folder, without opening a file."""

from __future__ import annotations

import hashlib
from pathlib import Path


def landing_fingerprint(landing: Path) -> str | None:
    """A short hash of names, sizes and times of the files; None without a folder or files."""
    if not landing.is_dir():
        return None
    seen = []
    for path in sorted(landing.rglob("*")):
        if path.is_file() and not path.is_symlink():
            stat = path.stat()
            seen.append(f"{path.relative_to(landing)}\0{stat.st_size}\0{stat.st_mtime_ns}")
    if not seen:
        return None
    return hashlib.sha256("\n".join(seen).encode("utf-8", "surrogateescape")).hexdigest()[:16]
