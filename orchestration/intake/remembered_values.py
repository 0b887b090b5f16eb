"""A memory of texts and their pseudonyms, for columns in which values come again.

Values are found by a 64-bit hash in an open-addressed table and then compared: the answer is exact.
Arrow's own look-up builds a hash table of everything remembered at each call, which took most of
the time of intake.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Hexadecimal digits of a pseudonym.
TEXT_LENGTH = 32
# With either of these a memory is full: some 70 bytes a value beside the value itself.
_MAX_VALUES = 2_000_000
_MAX_BYTES = 64 << 20
_LEAST_SLOTS = 1 << 12
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
        self._hashes = np.empty(0, np.uint64)
        # As in Arrow: the values one after the other, and where each of them ends.
        self._bytes = np.empty(0, np.uint8)
        self._offsets = np.zeros(1, np.int32)
        self._texts = np.empty((0, TEXT_LENGTH), np.uint8)
        self._is_somebody = np.empty(0, np.bool_)
        # A place stands in the slot that the hash names, or in the next free one; -1: free.
        self._slots = np.full(_LEAST_SLOTS, -1, np.int32)

    def __len__(self) -> int:
        """How many values are remembered."""
        return self._count

    @property
    def is_full(self) -> bool:
        """Whether it is time to begin anew."""
        return self._count >= _MAX_VALUES or self._offsets[self._count] >= _MAX_BYTES

    def places(self, values: pa.Array) -> np.ndarray:
        """Where each value is remembered, as int32; -1 for null and for what is new."""
        found = np.full(len(values), -1, np.int32)
        if not self._count:
            return found
        hashes = self._hashes_of(values)
        asking, slots = np.arange(len(values)), self._first_slots(hashes)
        for _ in range(_MAX_PROBES):
            places = self._slots[slots]
            is_taken = places >= 0
            is_hit = is_taken & (self._hashes[places] == hashes[asking])
            found[asking[is_hit]] = places[is_hit]
            goes_on = is_taken & ~is_hit
            asking, slots = asking[goes_on], self._next_slots(slots[goes_on])
            if not len(asking):
                break
        # Two values of one hash are so rare that the second may as well be new each time.
        is_same = pc.equal(self._values().take(pa.array(np.maximum(found, 0))), values)
        found[~pc.fill_null(is_same, False).to_numpy(zero_copy_only=False)] = -1
        return found

    def add(self, values: pa.Array, texts: pa.Array) -> None:
        """Remember new values, each once, and their pseudonyms; null where one names nobody."""
        first, last = self._count, self._count + len(values)
        start = self._offsets[first]
        ends = start + np.cumsum(pc.binary_length(values), dtype=np.int32)
        self._bytes = _extended(self._bytes, start, _bytes_of(values))
        self._offsets = _extended(self._offsets, first + 1, ends)
        self._hashes = _extended(self._hashes, first, self._hashes_of(values))
        padded = _bytes_of(pc.fill_null(texts, " " * TEXT_LENGTH))
        self._texts = _extended(self._texts, first, padded.reshape(-1, TEXT_LENGTH))
        is_somebody = texts.is_valid().to_numpy(zero_copy_only=False)
        self._is_somebody = _extended(self._is_somebody, first, is_somebody)
        self._count = last
        if 2 * last > len(self._slots):
            self._slots = np.full(1 << (3 * last).bit_length(), -1, np.int32)
            first = 0
        self._settle(np.arange(first, last, dtype=np.int32))

    def pseudonyms(self, places: np.ndarray) -> pa.Array:
        """The pseudonyms of the values at these places; null for -1 and where one names nobody."""
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

    def _settle(self, places: np.ndarray) -> None:
        """Give places their slots."""
        slots = self._first_slots(self._hashes[places])
        for _ in range(_MAX_PROBES):
            is_free = self._slots[slots] < 0
            # Where several want one slot, the last of them gets it.
            self._slots[slots[is_free]] = places[is_free]
            goes_on = self._slots[slots] != places
            places, slots = places[goes_on], self._next_slots(slots[goes_on])
            if not len(places):
                break

    def _first_slots(self, hashes: np.ndarray) -> np.ndarray:
        return (hashes & np.uint64(len(self._slots) - 1)).astype(np.int64)

    def _next_slots(self, slots: np.ndarray) -> np.ndarray:
        return (slots + 1) & (len(self._slots) - 1)

    def _values(self) -> pa.Array:
        return pa.StringArray.from_buffers(
            self._count, pa.py_buffer(self._offsets), pa.py_buffer(self._bytes)
        )

    def _hashes_of(self, values: pa.Array) -> np.ndarray:
        self._connection.register("hashed_values", pa.table({"value": values}))
        hashes = self._connection.execute(
            "select hash(value) as value_hash from hashed_values"
        ).fetchnumpy()["value_hash"]
        self._connection.unregister("hashed_values")
        return np.asarray(hashes)


def _bytes_of(values: pa.Array) -> np.ndarray:
    """The values' bytes one after the other; none of them is null."""
    _, offsets, content = values.buffers()
    ends = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
    if content is None:
        return np.empty(0, np.uint8)
    return np.frombuffer(content, np.uint8)[ends[0] : ends[-1]]


def _extended(array: np.ndarray, used: int, new: np.ndarray) -> np.ndarray:
    """The array with new entries after those in use; room is made for twice as many."""
    needed = used + len(new)
    if needed > len(array):
        larger = np.empty((2 * needed, *array.shape[1:]), array.dtype)
        larger[:used] = array[:used]
        array = larger
    array[used:needed] = new
    return array
