"""A memory of texts and their pseudonyms, for columns in which values come again.

Values are found by a 64-bit hash in an open-addressed table and then compared: the answer is exact.
Arrow's own look-up builds a hash table of everything remembered at each call, which took most of
the time of intake.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Hexadecimal digits of a pseudonym.
TEXT_LENGTH = 32
# With either of these a memory is full: some 70 bytes a value beside the value itself.
_MAX_VALUES = 2_000_000
_MAX_BYTES = 64 << 20
_LEAST_SLOT_BITS = 12
# An entry of the table: a hash, with the value's place instead of its low bits.
_PLACE_BITS = np.uint64(24)
_PLACE_MASK = (np.uint64(1) << _PLACE_BITS) - np.uint64(1)
_FREE = np.uint64(2**64 - 1)
# At least half of the slots are free: a value that would need more of them is not remembered.
_MAX_PROBES = 128


class RememberedValues:
    """Values and their pseudonyms, each at a place of its own, in order of arrival.

    Args:
        connection: a DuckDB connection that hashes; nobody else uses it at the same time.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:  # noqa: D107
        self._connection = connection
        self._count = 0
        # As in Arrow: the values one after the other, and where each of them ends.
        self._bytes = np.empty(0, np.uint8)
        self._offsets = np.zeros(1, np.int32)
        self._texts = np.empty((0, TEXT_LENGTH), np.uint8)
        self._is_somebody = np.empty(0, np.bool_)
        # An entry stands in the slot that the hash's high bits name, or in the next free one.
        self._slot_bits = _LEAST_SLOT_BITS
        self._slots = np.full(1 << self._slot_bits, _FREE)

    @property
    def is_full(self) -> bool:
        """Whether it is time to begin anew."""
        return self._count >= _MAX_VALUES or self._offsets[self._count] >= _MAX_BYTES

    def pseudonyms_of(self, values: pa.Array, make: Callable[[pa.Array], pa.Array]) -> pa.Array:
        """The pseudonyms of values, which are remembered from now on.

        Args:
            values: text.
            make: gives the pseudonyms of values that are new, each once; null for nobody's.

        Returns:
            text; null for null and where a value names nobody.
        """
        hashes = self._hashes_of(values)
        places = self._places(values, hashes)
        is_new = (places < 0) & values.is_valid().to_numpy(zero_copy_only=False)
        if is_new.any():
            arrived = values.filter(pa.array(is_new)).dictionary_encode()
            numbers = arrived.indices.to_numpy()
            places[is_new] = self._count + numbers
            # Each value's number is the next one where it stands first.
            is_first = np.diff(np.maximum.accumulate(numbers), prepend=-1) > 0
            self._add(arrived.dictionary, hashes[is_new][is_first], make(arrived.dictionary))
        return self._pseudonyms_at(places)

    def _places(self, values: pa.Array, hashes: np.ndarray) -> np.ndarray:
        """Where each value is remembered, as int32; -1 for null and for what is new."""
        if not self._count:
            return np.full(len(values), -1, np.int32)
        slots = self._first_slots(hashes)
        found = self._slots[slots]
        asking = np.flatnonzero(((found ^ hashes) > _PLACE_MASK) & (found != _FREE))
        slots = slots[asking]
        for _ in range(_MAX_PROBES):
            if not len(asking):
                break
            slots = self._next_slots(slots)
            found[asking] = entries = self._slots[slots]
            goes_on = ((entries ^ hashes[asking]) > _PLACE_MASK) & (entries != _FREE)
            asking, slots = asking[goes_on], slots[goes_on]
        places = (found & _PLACE_MASK).astype(np.int32)
        places[places >= self._count] = 0
        # Two values of one hash are so rare that the second may as well be new each time.
        is_same = pc.equal(self._values().take(pa.array(places)), values)
        places[~pc.fill_null(is_same, False).to_numpy(zero_copy_only=False)] = -1
        return places

    def _add(self, values: pa.Array, hashes: np.ndarray, texts: pa.Array) -> None:
        """Remember new values, each once."""
        first, last = self._count, self._count + len(values)
        start = self._offsets[first]
        ends = start + np.cumsum(pc.binary_length(values), dtype=np.int32)
        self._bytes = _extended(self._bytes, start, _bytes_of(values))
        self._offsets = _extended(self._offsets, first + 1, ends)
        padded = _bytes_of(pc.fill_null(texts, " " * TEXT_LENGTH))
        self._texts = _extended(self._texts, first, padded.reshape(-1, TEXT_LENGTH))
        is_somebody = texts.is_valid().to_numpy(zero_copy_only=False)
        self._is_somebody = _extended(self._is_somebody, first, is_somebody)
        self._count = last
        entries = (hashes & ~_PLACE_MASK) | np.arange(first, last, dtype=np.uint64)
        if 2 * last > len(self._slots):
            entries = np.concatenate([self._slots[self._slots != _FREE], entries])
            self._slot_bits = (3 * last).bit_length()
            self._slots = np.full(1 << self._slot_bits, _FREE)
        self._settle(entries)

    def _pseudonyms_at(self, places: np.ndarray) -> pa.Array:
        if not self._count:
            return pa.nulls(len(places), pa.string())
        inside = np.maximum(places, 0)
        is_somebody = pa.array(self._is_somebody[inside] & (places >= 0))
        offsets = np.arange(len(places) + 1, dtype=np.int32) * TEXT_LENGTH
        return pa.StringArray.from_buffers(
            len(places),
            pa.py_buffer(offsets),
            pa.py_buffer(np.take(self._texts, inside, axis=0)),
            is_somebody.buffers()[1],
        )

    def _settle(self, entries: np.ndarray) -> None:
        """Put entries into their slots."""
        slots = self._first_slots(entries)
        for _ in range(_MAX_PROBES):
            is_free = self._slots[slots] == _FREE
            # Where several want one slot, the last of them gets it.
            self._slots[slots[is_free]] = entries[is_free]
            goes_on = self._slots[slots] != entries
            entries, slots = entries[goes_on], self._next_slots(slots[goes_on])
            if not len(entries):
                break

    def _first_slots(self, hashes: np.ndarray) -> np.ndarray:
        return (hashes >> np.uint64(64 - self._slot_bits)).astype(np.int64)

    def _next_slots(self, slots: np.ndarray) -> np.ndarray:
        return (slots + 1) & (len(self._slots) - 1)

    def _values(self) -> pa.Array:
        return pa.StringArray.from_buffers(
            self._count, pa.py_buffer(self._offsets), pa.py_buffer(self._bytes)
        )

    def _hashes_of(self, values: pa.Array) -> np.ndarray:
        relation = self._connection.from_arrow(pa.table({"value": values}))
        return np.asarray(relation.project("hash(value) as hashed").fetchnumpy()["hashed"])


def _bytes_of(values: pa.Array) -> np.ndarray:
    """The values' bytes one after the other; none of them is null."""
    _, offsets, content = values.buffers()
    ends = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
    if content is None:
        return np.empty(0, np.uint8)
    return np.frombuffer(content, np.uint8)[ends[0] : ends[-1]]


def _extended(array: np.ndarray, used: int, new: np.ndarray) -> np.ndarray:
    """The array with new entries after those in use."""
    needed = used + len(new)
    if needed > len(array):
        # Room that isn't used yet takes no memory.
        larger = np.empty((4 * needed, *array.shape[1:]), array.dtype)
        larger[:used] = array[:used]
        array = larger
    array[used:needed] = new
    return array
