"""Identifiers become pseudonyms: HMAC-SHA256 under the home's key, cut to 128 bits.

    e-mail, phone       HMAC(key, hex(sha256(normalised value))), so that a delivered SHA-256 joins
    customer, member    HMAC(key, kind ␟ source_system ␟ id), so that shops never collide
    anonymous           HMAC(key, kind ␟ ␟ id): one cookie is one device, whatever system saw it

Truncation is that of RFC 2104, section 5: half the hash. With a thousand million identifiers the
chance that any two share a pseudonym is below 1e-20.

Work is done on whole columns; a value is hashed once as far as a bounded memory reaches.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.intake.identifiers.identifier_text import (
    SHA256_PATTERN,
    normalised_emails,
    normalised_phones,
    trimmed,
)
from orchestration.intake.identifiers.nobodies import Nobodies
from orchestration.intake.identifiers.remembered_values import TEXT_LENGTH, RememberedValues

_SEPARATOR = "\x1f"

Texts = pa.Array | pa.ChunkedArray

VAULT_SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("source_system", pa.string()),
        ("pseudonym", pa.string()),
        ("clear_value", pa.string()),
    ]
)


class Pseudonymiser:
    """Replaces identifiers, and keeps what the vault must learn until it is fetched.

    Args:
        key: the secret.
        nobodies: values that name nobody; they become null.
    """

    def __init__(self, key: bytes, nobodies: Nobodies) -> None:  # noqa: D107
        block = key if len(key) <= 64 else hashlib.sha256(key).digest()
        block = block.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))
        self._nobodies = nobodies
        # Values as delivered, and their pseudonyms; null where a value names nobody.
        self._memories: dict[tuple[str, str], RememberedValues] = {}
        self._hashing = duckdb.connect(config={"threads": "1"})
        # Columns of one kind share their memories; those of different kinds don't wait.
        self._turns: dict[str, threading.Lock] = {}
        self._pool = ThreadPoolExecutor(max_workers=2)
        self._pairs: list[pa.Table] = []
        # For keys that are made of whole rows: as secret as the key, so that no row can be guessed.
        self.row_key_salt = hmac.new(key, b"strata row key", hashlib.sha256).hexdigest()

    def replace(self, kind: str, values: Texts, sources: Texts) -> pa.Array:
        """Pseudonyms of a column.

        Args:
            kind: customer, member, email, phone or anonymous.
            values: the column as delivered, text.
            sources: `source_system` of the same rows.

        Returns:
            text of 32 hexadecimal digits; null where a value names nobody.
        """
        if kind in ("email", "phone"):
            return self._remembered(kind, "", values)
        if kind == "anonymous":
            return self._remembered(kind, _SEPARATOR, values)
        return self._replace_scoped(kind, values, sources)

    def replace_all(self, columns: Iterable[tuple[str, Texts]], sources: Texts) -> list[pa.Array]:
        """The same for several columns, side by side.

        Args:
            columns: kind and values of each.
            sources: `source_system` of the same rows.
        """
        return list(self._pool.map(lambda column: self.replace(*column, sources), columns))

    def record_keys(self, kind: str, values: Texts, sources: Texts) -> pa.Array:
        """Pseudonyms of records such as orders, by their own ids; the vault does not learn them."""
        return self._replace_scoped(f"record:{kind}", values, sources)

    def fetch_pairs(self) -> pa.Table:
        """What the vault must learn since the last call; may repeat what it knows."""
        pairs, self._pairs = self._pairs, []
        return pa.concat_tables(pairs) if pairs else VAULT_SCHEMA.empty_table()

    def forget(self) -> None:
        """Drop what is remembered, so that the next value seen goes to the vault again."""
        self._memories.clear()
        self._pairs.clear()

    def _replace_scoped(self, kind: str, values: Texts, sources: Texts) -> pa.Array:
        distinct = pc.unique(trimmed(pc.fill_null(sources, "")))
        if len(distinct) <= 1:
            source = distinct[0].as_py() if len(distinct) else ""
            return self._remembered(kind, f"{source}{_SEPARATOR}", values)
        ids = trimmed(values)
        known = pc.if_else(self._nobodies.found_in(kind, ids), None, ids)
        joined = pc.binary_join_element_wise(trimmed(pc.fill_null(sources, "")), known, _SEPARATOR)
        return self._remembered(kind, "", joined)

    def _remembered(self, kind: str, scope: str, values: Texts) -> pa.Array:
        """Pseudonyms of values, hashing only those that are new. `scope` is put before each."""
        if isinstance(values, pa.ChunkedArray):
            values = values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()
        with self._turns.setdefault(kind, threading.Lock()):
            memory = self._memories.get((kind, scope))
            if memory is None or memory.is_full:
                memory = self._memories[kind, scope] = RememberedValues(self._hashing.cursor())
            return memory.pseudonyms_of(values, lambda new: self._hashed(kind, scope, new))

    def _hashed(self, kind: str, scope: str, values: pa.Array) -> pa.Array:
        """Hash distinct values and note the pairs."""
        if kind == "email":
            return self._hashed_contacts(kind, normalised_emails(values))
        if kind == "phone":
            return self._hashed_contacts(kind, normalised_phones(values))
        written = trimmed(values)
        is_nobody = self._nobodies.found_in(kind, written)
        inner = self._inner.copy()
        inner.update(f"{kind}{_SEPARATOR}{scope}".encode())
        texts = pc.if_else(is_nobody, None, self._macs(inner, written))
        if not kind.startswith("record:"):
            sources, ids = _scope_and_id(scope, written)
            self._note(pa.repeat(kind, len(texts)), sources, texts, ids)
        return texts

    def _hashed_contacts(self, kind: str, normalised: pa.Array) -> pa.Array:
        is_sha256 = pc.match_substring_regex(normalised, SHA256_PATTERN)
        # DuckDB hashes while other threads run Python.
        hashed = self._hashing.cursor().from_arrow(pa.table({"value": normalised}))
        hashed = hashed.project("sha256(value) as sha256").to_arrow_table()["sha256"]
        messages = pc.if_else(is_sha256, normalised, hashed)
        is_nobody = self._nobodies.found_in(kind, normalised)
        texts = pc.if_else(is_nobody, None, self._macs(self._inner, messages))
        self._note(
            pc.if_else(is_sha256, f"{kind}_sha256", kind),
            pa.repeat("", len(texts)),
            texts,
            normalised,
        )
        return texts

    def _macs(self, inner: hashlib._Hash, messages: Texts) -> pa.Array:
        copy_inner, copy_outer = inner.copy, self._outer.copy
        digests = []
        for message in messages.cast(pa.binary()).to_pylist():
            first = copy_inner()
            first.update(message)
            second = copy_outer()
            second.update(first.digest())
            digests.append(second.digest())
        whole = np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, 32)
        text = whole[:, : TEXT_LENGTH // 2].tobytes().hex().encode()
        offsets = np.arange(len(digests) + 1, dtype=np.int32) * TEXT_LENGTH
        return pa.StringArray.from_buffers(len(digests), pa.py_buffer(offsets), pa.py_buffer(text))

    def _note(self, kinds: pa.Array, sources: pa.Array, texts: pa.Array, clear: pa.Array) -> None:
        pairs = pa.table([kinds, sources, texts, clear], schema=VAULT_SCHEMA)
        self._pairs.append(pairs.filter(pc.is_valid(texts)) if texts.null_count else pairs)


def _scope_and_id(scope: str, values: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The sources and ids of scoped values; without a scope each value begins with its source."""
    if scope:
        return pa.repeat(scope.removesuffix(_SEPARATOR), len(values)), values
    parts = pc.split_pattern(values, _SEPARATOR, max_splits=1)
    return pc.list_element(parts, 0), pc.list_element(parts, 1)
