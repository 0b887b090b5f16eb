"""What a run made of a demo shop, side by side with what was planted in it.

Tests alone may know both: the way back from pseudonyms leads through the home's vault.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb
import numpy as np

from orchestration.demo_shop.demo_maker import DemoShop
from orchestration.paths import Home

_TRUTH_IDS = {"customer_id": "varchar", "order_id": "varchar"}

# One row per known or anonymous identifier: its clear value, and the profile it belongs to.
_IDENTIFIERS = """
create temp table identifiers as
select
    known.identifier_kind,
    known.identifier_source,
    clear.clear_value,
    known.profile_id,
    known.is_shared
from build.intermediate.int_identifier_profiles as known
inner join (select distinct kind, source_system, pseudonym, clear_value from vault) as clear
    on known.identifier_value = clear.pseudonym
where known.anchor_role = 'as_of'
"""

# A person's own profile: the account's in the web shop, else the address's.
_PEOPLE = """
create temp table people as
select
    planted_customers.*,
    coalesce(accounts.profile_id, addresses.profile_id) as profile_id
from planted_customers
left join identifiers as accounts
    on planted_customers.customer_id = accounts.clear_value
    and accounts.identifier_kind = 'customer'
    and accounts.identifier_source = 'webshop'
left join identifiers as addresses
    on planted_customers.customer_id is null
    and planted_customers.email = addresses.clear_value
    and addresses.identifier_kind = 'email'
"""


def open_both(shop: DemoShop, home: Home) -> duckdb.DuckDBPyConnection:
    """A connection with the truth's tables, `build` attached, `identifiers` and `people`."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"attach '{home.build_db}' as build (read_only)")
    for file in sorted(shop.truth.glob("*.csv")):
        _read_csv(connection, file)
    connection.execute(
        f"create table planted_visits as from '{shop.truth}/planted_visits/*.parquet'"
    )
    connection.execute(f"create view vault as from '{home.vault}/*.parquet'")
    connection.execute(_IDENTIFIERS)
    connection.execute(_PEOPLE)
    return connection


def _read_csv(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    with closing(connection.cursor()) as cursor:
        names = [name for name, *_ in cursor.execute(f"describe from '{file}'").fetchall()]
    types = {name: _TRUTH_IDS[name] for name in names if name in _TRUTH_IDS}
    connection.execute(
        f"create table {file.stem} as from read_csv('{file}'"
        + (f", types = {types})" if types else ")")
    )


def columns(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, np.ndarray]:
    """The result of a query, an array a column."""
    return connection.execute(query).fetchnumpy()


def area_under_curve(score: np.ndarray, is_positive: np.ndarray) -> float:
    """Chance that one of the positives scores above one of the others; ties count half."""
    values, place = np.unique(score, return_inverse=True)
    positive = np.bincount(place, is_positive, minlength=len(values))
    negative = np.bincount(place, ~is_positive, minlength=len(values))
    below = np.cumsum(negative) - negative
    wins = float((positive * (below + negative / 2)).sum())
    return wins / (float(positive.sum()) * float(negative.sum()))


def of_the_possible(reached: float, best: float, floor: float) -> float:
    """How much of the way from guessing to the best was gone: 0 to 1."""
    return (reached - floor) / (best - floor)
