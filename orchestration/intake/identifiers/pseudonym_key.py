"""The secret that pseudonyms are made with: where it comes from, and whether it is still the same.

It never leaves this process: not into the warehouse, the ledger, a log or dbt.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from orchestration.errors import StrataError
from orchestration.paths import Home
from orchestration.warehouse.durable_files import flush_folder, make_folder

KEY_VARIABLE = "STRATA_PSEUDONYM_KEY"
KEY_FILE_VARIABLE = "STRATA_PSEUDONYM_KEY_FILE"
_LEAST_BYTES = 16
_MADE_BYTES = 32


def load_key(home: Home, known_check: str | None) -> bytes:
    """The key from the environment, else from the file it names, else the home's own.

    The home's own is made once, when nothing has been pseudonymised yet.

    Args:
        home: whose key.
        known_check: `key_check` of the key used so far; None where there is none.

    Raises:
        StrataError: no usable key, or another one than that used so far.
    """
    text, where = os.environ.get(KEY_VARIABLE), KEY_VARIABLE
    if not text:
        named = os.environ.get(KEY_FILE_VARIABLE)
        path = Path(named) if named else home.pseudonym_key
        where = f"{KEY_FILE_VARIABLE} ({path})" if named else str(path)
        text = _read(path, where) if named or path.exists() or known_check else _make(path)
    key = _decoded(text, where)
    if known_check is not None and not hmac.compare_digest(key_check(key), known_check):
        raise StrataError(
            f"{where}: not the key that this home's pseudonyms were made with; set the former one,"
            " or start an empty home and take everything in again"
        )
    return key


def key_check(key: bytes) -> str:
    """A value that tells keys apart and nothing about them, for the ledger."""
    return hmac.new(key, b"strata pseudonym key check", hashlib.sha256).hexdigest()[:16]


def _read(path: Path, where: str) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise StrataError(
            f"{where}: can't read the pseudonym key; put the file back or set {KEY_VARIABLE}"
        ) from None


def _make(path: Path) -> str:
    text = secrets.token_hex(_MADE_BYTES)
    make_folder(path.parent, 0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    flush_folder(path.parent)
    return text


def _decoded(text: str, where: str) -> bytes:
    try:
        if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", text):
            key = bytes.fromhex(text)
        else:
            key = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) < _LEAST_BYTES:
        raise StrataError(
            f"{where}: a pseudonym key is at least {_LEAST_BYTES} bytes as hexadecimal or base64"
            " text; `openssl rand -hex 32` makes one"
        )
    return key
