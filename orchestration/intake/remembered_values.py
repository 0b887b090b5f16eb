"""A memory of texts and what each became, for columns in which values come again.

Values are found by a 64-bit hash in a sorted array and then compared: the answer is exact. Arrow's
own look-up builds a hash table of everything remembered at each call, which took most of the time
of intake.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(slots=True)
class RememberedValues:
    """Values and their results, in order of arrival.

    Args:
        connection: a DuckDB connection that hashes; nobody else uses it at the same time.
    """

    connection: duckdb.DuckDBPyConnection
    _values: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    _results: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    _sorted_hashes: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint64))
    _places: np.ndarray = field(default_factory=lambda: np.empty(0, np.int32))

    def __len__(self) -> int:
        """How many values are remembered."""
        return len(self._values)

    def places(self, values: pa.Array) -> pa.Array:
        """Where each value is remembered, as int32; null for null and for what is new."""
        if not len(self) or not len(values):
            return pa.nulls(len(values), pa.int32())
        hashes = self._hashes(values)
        # Searching in ascending order stays in the cache: a quarter of the time.
        order = np.argsort(hashes)
        nearest = np.empty(len(hashes), np.int64)
        nearest[order] = np.searchsorted(self._sorted_hashes, hashes[order])
        found = pa.array(self._places[np.minimum(nearest, len(self) - 1)])
        is_it = pc.fill_null(pc.equal(self._values.take(found), values), False)
        return pc.if_else(is_it, found, pa.scalar(None, pa.int32()))

    def add(self, values: pa.Array, results: pa.Array) -> None:
        """Remember new values, each once, and what they became; results may be null."""
        hashes = self._hashes(values)
        order = np.argsort(hashes, kind="stable")
        sorted_hashes = hashes[order]
        before = np.searchsorted(self._sorted_hashes, sorted_hashes, side="right")
        new_places = (order + len(self)).astype(np.int32)
        self._sorted_hashes = np.insert(self._sorted_hashes, before, sorted_hashes)
        self._places = np.insert(self._places, before, new_places)
        self._values = pa.concat_arrays([self._values, values])
        self._results = pa.concat_arrays([self._results, results])

    def results(self, places: pa.Array) -> pa.Array:
        """What the values at these places became; null for null."""
        return pc.take(self._results, places)

    def _hashes(self, values: pa.Array) -> np.ndarray:
        self.connection.register("hashed_values", pa.table({"value": values}))
        hashes = self.connection.execute(
            "select hash(value) as value_hash from hashed_values"
        ).fetchnumpy()["value_hash"]
        self.connection.unregister("hashed_values")
        return np.asarray(hashes)
