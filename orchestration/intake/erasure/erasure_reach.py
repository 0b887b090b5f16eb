"""How far an erasure reaches: which other identifiers are the erased person's own.

A request names a customer id or an e-mail address. The rest follows from rows that name several
identifiers at once:

- an erased address takes along the accounts opened with it, and customers with no other address;
- an erased customer takes along the addresses, numbers and devices that no other customer has.

What a household shares stays, and so do the other people in it.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from orchestration.intake.contract import ContractTable
from orchestration.intake.erasure.tombstones import ORDER_KIND, REQUESTS_TABLE, Tombstones

_KINDS = ("customer", "email", "phone", "anonymous", "member")
_OTHER_KINDS = _KINDS[1:]
_ERASED = "(select pseudonym from erased where kind = '{kind}')"
_ERASED_CUSTOMERS = _ERASED.format(kind="customer")
_ERASED_EMAILS = _ERASED.format(kind="email")

_ACCOUNTS_OF_ERASED_EMAILS = f"""
select distinct customer from person_links
where is_account and email in {_ERASED_EMAILS} and customer is not null
"""
_CUSTOMERS_WITHOUT_OTHER_EMAIL = f"""
select customer from person_links
where customer in (select customer from person_links where email in {_ERASED_EMAILS})
group by customer
having bool_and(email is null or email in {_ERASED_EMAILS})
"""
_OF_ERASED_CUSTOMERS_ALONE = f"""
select distinct {{kind}} from person_links
where customer in {_ERASED_CUSTOMERS} and {{kind}} is not null
except
select {{kind}} from person_links
where customer not in {_ERASED_CUSTOMERS}
"""


class PersonLinks:
    """Identifiers that stand in one row, over all of raw.

    Args:
        connection: a DuckDB connection that may read the files; gets the relations `person_links`
            and `erased`.
        tables: the input contract.
        relations: SQL of raw by table; those that have no files may be missing.
        left_out: identifiers of rows that did not get into raw because of an erasure.
    """

    def __init__(  # noqa: D107
        self,
        connection: duckdb.DuckDBPyConnection,
        tables: dict[str, ContractTable],
        relations: dict[str, str],
        left_out: list[pa.Table],
    ) -> None:
        self._connection = connection
        selects = [
            _links_of(table, relations[name])
            for name, table in tables.items()
            if name in relations and name != REQUESTS_TABLE and len(table.person_columns) > 1
        ]
        # A table and not the Arrow rows themselves: DuckDB can't push every filter into those.
        connection.register("left_out_rows", _as_links(left_out, tables))
        connection.execute("create or replace temp table left_out_links as from left_out_rows")
        connection.execute(
            "create or replace temp view person_links as "
            + " union all ".join([*selects, "select * from left_out_links"])
        )

    def extend(self, erased: Tombstones) -> None:
        """Add what belongs to the erased people, until nothing more is found."""
        grows = True
        while grows:
            self.tell(erased)
            found = [
                erased.add("customer", self._list(_ACCOUNTS_OF_ERASED_EMAILS)),
                erased.add("customer", self._list(_CUSTOMERS_WITHOUT_OTHER_EMAIL)),
            ]
            self.tell(erased)
            for kind in _OTHER_KINDS:
                found.append(
                    erased.add(kind, self._list(_OF_ERASED_CUSTOMERS_ALONE.format(kind=kind)))
                )
            grows = any(found)

    def tell(self, erased: Tombstones) -> None:
        """Make the relation `erased` (kind, pseudonym) what it is now."""
        rows = [
            (kind, text)
            for kind in (*_KINDS, ORDER_KIND)
            for text in erased.of_kind(kind).to_pylist()
        ]
        self._connection.register(
            "erased_rows",
            pa.table(
                {
                    "kind": pa.array([kind for kind, _ in rows], pa.string()),
                    "pseudonym": pa.array([text for _, text in rows], pa.string()),
                }
            ),
        )
        self._connection.execute("create or replace temp table erased as from erased_rows")

    def _list(self, sql: str) -> list[str]:
        return [row[0] for row in self._connection.execute(sql).fetchall()]


def _links_of(table: ContractTable, relation: str) -> str:
    by_kind = {table.by_name[name].identifier_kind: name for name in table.person_columns}
    columns = ", ".join(f"{by_kind.get(kind, 'null::varchar')} as {kind}" for kind in _KINDS)
    is_account = "true" if table.name == "customers" else "false"
    return f"select {columns}, {is_account} as is_account from {relation}"


def _as_links(left_out: list[pa.Table], tables: dict[str, ContractTable]) -> pa.Table:
    schema = pa.schema([*((kind, pa.string()) for kind in _KINDS), ("is_account", pa.bool_())])
    names = {
        column.name: column.identifier_kind
        for table in tables.values()
        for column in table.columns
        if column.identifier_kind and not column.is_clear
    }
    made = [schema.empty_table()]
    for rows in left_out:
        by_kind = {names[name]: rows[name] for name in rows.column_names}
        nothing = pa.nulls(len(rows), pa.string())
        made.append(
            pa.table(
                [
                    *(by_kind.get(kind, nothing) for kind in _KINDS),
                    # Only the table of accounts has members or telephones.
                    pa.repeat("member" in by_kind, len(rows)),
                ],
                schema=schema,
            )
        )
    return pa.concat_tables(made)
