"""Random numbers in SQL that depend on nothing but seed, concern, person and place.

Counter-based like `random_streams`: a number is a hash of what it is drawn for, so threads, order
and chunks change nothing. Hashed twice: once, `hash(a, b)` hardly varies with its last argument.
"""

from __future__ import annotations

from enum import IntEnum

import duckdb


class Draw(IntEnum):
    """What numbers are drawn for. Part of the seed: never reuse or renumber one."""

    VISIT = 11
    PATH = 12
    ACT = 13
    MESSAGE = 14
    FEEDBACK = 15
    DEVICE = 16
    FACTS = 17
    DIRT = 18
    MACHINE = 19


_MACROS = """
create macro mixed(key, number) as hash(hash(key::ubigint, number::ubigint));
create macro unit(key, number) as (mixed(key, number) >> 11) / 9007199254740992.0;
create macro id_text(key) as lpad(lower(hex(key::ubigint)), 16, '0');
create macro drawn_for(concern, number) as mixed(mixed({seed}, concern), number);
"""


def create_random_macros(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Make `mixed`, `unit` (a number in [0, 1)), `id_text` and `drawn_for` for one shop."""
    connection.execute(_MACROS.format(seed=seed))


def pick_case(options: tuple[tuple[str, float], ...], uniform: str) -> str:
    """SQL that picks one of the options, each with its share, by a uniform number."""
    total = sum(share for _, share in options)
    arms, upper = [], 0.0
    for name, share in options[:-1]:
        upper += share / total
        arms.append(f"when {uniform} < {upper:.6f} then '{name}'")
    last = f"'{options[-1][0]}'"
    return f"case {' '.join(arms)} else {last} end" if arms else last


def pick_even(options: tuple[object, ...], uniform: str) -> str:
    """SQL that picks one of the options, all as likely, by a uniform number."""
    listed = ", ".join(
        f"'{option}'" if isinstance(option, str) else str(option) for option in options
    )
    return f"[{listed}][1 + floor({uniform} * {len(options)})::int]"
