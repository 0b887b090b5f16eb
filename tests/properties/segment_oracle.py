"""The segment tables in plain Python, one after the other against those that dbt made.

What a table must say is in `rfm_oracle`, `engagement_oracle`, `preference_oracle` and
`loyalty_oracle`; here every row and column of theirs is compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.properties import engagement_oracle, loyalty_oracle, preference_oracle, rfm_oracle
from tests.properties.segment_facts import Facts, Record
from tests.properties.world_build import Built

# Mart, columns of its key, what it must say.
TABLES: tuple[tuple[str, tuple[str, ...], Callable[[Facts], dict[Any, Record]]], ...] = (
    ("rfm_segments", ("profile_id",), rfm_oracle.rfm_segments),
    ("engagement_segments", ("profile_id",), engagement_oracle.engagement_segments),
    ("engagement_channels", ("profile_id", "channel"), preference_oracle.channels),
    (
        "engagement_content",
        ("profile_id", "content_kind", "content_value"),
        preference_oracle.interests,
    ),
    ("send_time", ("profile_id",), preference_oracle.send_times),
    ("loyalty_segments", ("profile_id",), loyalty_oracle.loyalty_segments),
)
# Names, texts and the day itself: looked up by what is compared, or the same in all rows.
NOT_COMPARED = frozenset(
    {
        *("as_of_date", "segment_name", "segment_rank", "recommended_action", "reason"),
        *("preferred_channel_name", "channel_mix_name", "usage_segment_name"),
    }
)


def differences(built: Built) -> list[str]:
    """Where a mart says something else than plain Python: table, key, column, both values."""
    facts = Facts(built)
    found = []
    for table, key_columns, oracle in TABLES:
        expected = oracle(facts)
        rows = facts.records(f"marts.{table}")
        keyed = {_key(row, key_columns): row for row in rows}
        assert len(keyed) == len(rows), f"{table} has a key twice"
        found += [f"{table} {key}: only one has it" for key in expected.keys() ^ keyed.keys()]
        for key in expected.keys() & keyed.keys():
            compared = keyed[key].keys() - NOT_COMPARED - set(key_columns)
            assert compared == expected[key].keys(), (
                f"{table}: {compared ^ expected[key].keys()} is told by one of them"
            )
            found += [
                f"{table} {key} {column}: {keyed[key][column]} is not {expected[key][column]}"
                for column in compared
                if keyed[key][column] != expected[key][column]
            ]
    return sorted(found)


def _key(row: Record, columns: tuple[str, ...]) -> Any:
    return row[columns[0]] if len(columns) == 1 else tuple(row[column] for column in columns)
