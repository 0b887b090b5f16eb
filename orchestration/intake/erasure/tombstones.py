"""Who and what is to be forgotten, by pseudonym, and which delivered rows that concerns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from orchestration.intake.contract import ContractTable, is_other_person
from orchestration.intake.identifiers.pseudonyms import Pseudonymiser

# Tables whose rows belong to an order, thus to the order's person.
ORDER_TABLES = frozenset({"orders", "order_items", "refunds"})
ORDER_KIND = "order_id"
REQUESTS_TABLE = "erasure_requests"


class Tombstones:
    """The set of erased pseudonyms, by kind, as intake goes on.

    Args:
        found: (kind, pseudonym) known so far. Kinds are those of the contract's identifiers, and
            order_id.
    """

    def __init__(self, found: Iterable[tuple[str, str]]) -> None:  # noqa: D107
        self._by_kind: dict[str, set[str]] = defaultdict(set)
        self._arrays: dict[str, pa.Array] = {}
        self.new: set[tuple[str, str]] = set()
        # Identifiers of rows that were left out: they may show more of the person.
        self.links: list[pa.Table] = []
        for kind, pseudonym in found:
            self._by_kind[kind].add(pseudonym)

    def __bool__(self) -> bool:
        """Whether anybody is to be forgotten."""
        return any(self._by_kind.values())

    def __len__(self) -> int:
        """How many pseudonyms are erased."""
        return sum(map(len, self._by_kind.values()))

    def add(self, kind: str, pseudonyms: Iterable[str | None]) -> bool:
        """Erase more; whether any was not erased before."""
        fresh = {text for text in pseudonyms if text} - self._by_kind[kind]
        if not fresh:
            return False
        self._by_kind[kind] |= fresh
        self._arrays.pop(kind, None)
        self.new |= {(kind, text) for text in fresh}
        return True

    def of_kind(self, kind: str) -> pa.Array:
        """The erased pseudonyms of a kind."""
        if kind not in self._arrays:
            self._arrays[kind] = pa.array(sorted(self._by_kind[kind]), pa.string())
        return self._arrays[kind]

    def take_requests(self, table: ContractTable, rows: pa.Table) -> None:
        """Erase whom these rows of `erasure_requests` name."""
        for column in table.person_columns:
            kind = table.by_name[column].identifier_kind or ""
            self.add(kind, pc.unique(rows[column]).to_pylist())

    def erased_rows(
        self, table: ContractTable, rows: pa.Table, pseudonymiser: Pseudonymiser
    ) -> pa.Array | None:
        """Which pseudonymised rows belong to erased people; None where none does.

        An erased order's number is erased from now on, and so are its lines and refunds.
        """
        if not self or table.name == REQUESTS_TABLE:
            return None
        masks = [
            pc.is_in(rows[column], value_set=self.of_kind(kind))
            for column in table.person_columns
            if len(self.of_kind(kind := table.by_name[column].identifier_kind or ""))
        ]
        keys = None
        if table.name in ORDER_TABLES:
            keys = pseudonymiser.record_keys(
                ORDER_KIND, rows["order_id"].combine_chunks(), rows["source_system"]
            )
            masks.append(pc.is_in(keys, value_set=self.of_kind(ORDER_KIND)))
        masks = [_flat(mask) for mask in masks]
        if not masks:
            return None
        erased = masks[0]
        for mask in masks[1:]:
            erased = pc.or_(erased, mask)
        if not pc.any(erased).as_py():
            return None
        self.links.append(rows.filter(erased).select(table.person_columns))
        if table.name == "orders" and keys is not None:
            self.add(ORDER_KIND, keys.filter(erased).to_pylist())
        return erased

    def without_erased_referrers(self, table: ContractTable, rows: pa.Table) -> pa.Table:
        """Rows that no longer name an erased person as somebody else's referrer."""
        for column in table.stored_columns:
            kind = table.by_name[column].identifier_kind
            if kind and is_other_person(column) and len(self.of_kind(kind)):
                is_erased = pc.is_in(rows[column], value_set=self.of_kind(kind))
                place = rows.schema.get_field_index(column)
                rows = rows.set_column(place, column, pc.if_else(is_erased, None, rows[column]))
        return rows


def _flat(mask: pa.Array | pa.ChunkedArray) -> pa.Array:
    return mask.combine_chunks() if isinstance(mask, pa.ChunkedArray) else mask
