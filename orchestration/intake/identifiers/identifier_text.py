"""How identifiers are written before they are compared or hashed, whole columns at a time."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

SHA256_PATTERN = "^[0-9a-f]{64}$"
_BLANKS = " \t\r\n\v\f"


def trimmed(values: pa.Array) -> pa.Array:
    """Without blanks at the ends."""
    return pc.utf8_trim(values, characters=_BLANKS)


def normalised_emails(values: pa.Array) -> pa.Array:
    """Trimmed and in lower case, nothing else: `a+b@x` is not `a@x`."""
    return pc.utf8_lower(trimmed(values))


def normalised_phones(values: pa.Array) -> pa.Array:
    """Digits with a leading plus where the number is international; a delivered hash stays."""
    lowered = pc.utf8_lower(trimmed(values))
    is_international = pc.match_substring_regex(lowered, "^([+]|00)")
    digits = pc.replace_substring_regex(lowered, "[^0-9]", "")
    digits = pc.replace_substring_regex(digits, "^00", "")
    has_plus = pc.and_(is_international, pc.not_equal(digits, ""))
    numbers = pc.if_else(has_plus, pc.binary_join_element_wise("+", digits, ""), digits)
    return pc.if_else(pc.match_substring_regex(lowered, SHA256_PATTERN), lowered, numbers)
