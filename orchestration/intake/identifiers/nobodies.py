"""Which delivered identifiers name nobody: guest ids, and blocked ones such as noreply@.

They become null before anything is made of them, so neither raw nor the vault ever holds them.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from orchestration.intake.identifiers.identifier_text import normalised_phones, trimmed

_CONTACT_KINDS = frozenset({"email", "phone"})


@dataclass(frozen=True, slots=True)
class Nobodies:
    """Values that name nobody. Blank ones never name anybody.

    Attributes:
        guest_ids: in lower case, for identifiers of every kind.
        blocked: normalised values by kind. An e-mail address that ends in its @ is that mailbox at
            every domain.
    """

    guest_ids: tuple[str, ...]
    blocked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def found_in(self, kind: str, values: pa.Array) -> pa.Array:
        """Which of the normalised values name nobody.

        Args:
            kind: customer, member, email, phone or anonymous.
            values: text without blanks at the ends; of an address or number also its SHA-256.
        """
        lowered = pc.utf8_lower(values)
        blocked = self.blocked.get(kind, ())
        named = ["", *self.guest_ids, *blocked]
        if kind in _CONTACT_KINDS:
            named += [hashlib.sha256(value.encode()).hexdigest() for value in blocked]
        mask = pc.is_in(lowered, value_set=pa.array(named, pa.string()))
        mailboxes = [re.escape(value) for value in blocked if value.endswith("@")]
        if kind == "email" and mailboxes:
            at_any_domain = f"^({'|'.join(mailboxes)})[^@]*$"
            mask = pc.or_(mask, pc.match_substring_regex(lowered, at_any_domain))
        return mask


def read_nobodies(guest_ids: Path, blocked_identifiers: Path) -> Nobodies:
    """Read both tables.

    Args:
        guest_ids: CSV with the header `customer_id`.
        blocked_identifiers: CSV with the header `kind,value`.
    """
    blocked: dict[str, list[str]] = {}
    for row in _rows(blocked_identifiers):
        blocked.setdefault(row["kind"], []).append(row["value"])
    return Nobodies(
        _written("customer", [row["customer_id"] for row in _rows(guest_ids)]),
        {kind: _written(kind, values) for kind, values in blocked.items()},
    )


def _written(kind: str, values: list[str]) -> tuple[str, ...]:
    """The values as they are compared, each once."""
    texts = pa.array(values, pa.string())
    written = normalised_phones(texts) if kind == "phone" else pc.utf8_lower(trimmed(texts))
    return tuple(sorted(set(written.to_pylist())))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))
