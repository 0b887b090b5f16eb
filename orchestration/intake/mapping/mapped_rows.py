"""Rows of one foreign file, judged and shaped by a map in DuckDB.

Every delivered row has one fate: duplicate, rejected with a reason, or taken by at least one table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from orchestration.errors import StrataError
from orchestration.intake.contract import ContractTable
from orchestration.intake.mapping.map_expressions import compiled
from orchestration.intake.mapping.source_maps import SourceMap, TargetTable
from orchestration.intake.mapping.source_types import AMBIGUOUS_DATE, INVALID, value_sql
from orchestration.intake.reading.row_source import RowSource
from orchestration.warehouse.duckdb_warehouse import literal, quoted

# Bytes of a cell; what is longer is no text that a shop wrote.
MAX_TEXT_BYTES = 65_536
_FETCH_ROWS = 122_880


@dataclass(frozen=True, slots=True)
class ShapedTable:
    """How one table of the contract is selected.

    Attributes:
        table: the contract's table.
        sql: gives row_number, source_row_count, source_rows (the numbers of the delivered rows) and
            the contract's columns as text.
    """

    table: ContractTable
    sql: str


class MappedRows:
    """Applies one map, file by file.

    Args:
        source_map: the map.
        name: what it is called in messages.
        tables: the input contract.
        connection: a DuckDB connection of its own; its temporary tables are made anew.
        row_key_salt: makes row keys secret.

    Raises:
        StrataError: an expression doesn't fit the types of its columns.
    """

    def __init__(  # noqa: D107
        self,
        source_map: SourceMap,
        name: str,
        tables: dict[str, ContractTable],
        connection: duckdb.DuckDBPyConnection,
        row_key_salt: str,
    ) -> None:
        self._map = source_map
        self._name = name
        self._connection = connection
        self._salt = row_key_salt
        self._conditions = {
            target.table: f"coalesce({self._sql(target.where)}, false)" if target.where else "true"
            for target in source_map.tables
        }
        self._make_delivered(tuple(source_map.columns))
        self._tell_file("")
        self._judge(tuple(source_map.columns))
        self.targets = [
            self._shaped(place, target, tables[target.table])
            for place, target in enumerate(source_map.tables)
        ]

    def load(self, source: RowSource, file_name: str) -> None:
        """Read a file and judge its rows.

        Raises:
            StrataError: a declared column is missing, or dates need a declared format.
            SetAsideError: as the source says.
        """
        is_known = bool(source.column_names)
        names = tuple(name for name in source.column_names if name) or tuple(self._map.columns)
        if is_known:
            self._check_columns(source.column_names, file_name)
        if self._map.exact_duplicates == "keep" or not is_known:
            names = tuple(name for name in names if name in self._map.columns)
        self._make_delivered(names)
        for batch in source.batches(names):
            # Names that differ in case alone are one to DuckDB: by place they are told apart.
            rows = batch.rows.rename_columns(list(_places(names).values()))
            self._connection.register(
                "arriving_rows", rows.add_column(0, "row_number", batch.row_numbers)
            )
            self._connection.execute("insert into delivered from arriving_rows")
            self._connection.unregister("arriving_rows")
        if not is_known and source.row_count:
            self._check_columns(source.column_names, file_name)
        self._check_dates(names, file_name)
        self._tell_file(source.sha256)
        self._judge(names)

    def counts(self) -> dict[str, int]:
        """Rows by fate: taken, duplicate, rejected."""
        rows = self._connection.execute(
            "select case when reason is null then 'taken' when reason = 'duplicate' then reason"
            " else 'rejected' end as fate, count(*) from judged group by fate"
        ).fetchall()
        return dict.fromkeys(("taken", "duplicate", "rejected"), 0) | dict(rows)

    def rejects(self) -> pa.Table:
        """row_number, column_name and reason_code of the rejected rows, by number."""
        return self._connection.execute(
            "select row_number, reject_column as column_name, reason as reason_code from judged"
            " where reason is not null and reason <> 'duplicate' order by row_number"
        ).to_arrow_table()

    def shaped(self, target: ShapedTable) -> Iterator[pa.Table]:
        """The table's rows, in the order of the delivered ones.

        Raises:
            StrataError: an expression can't be computed.
        """
        try:
            reader = self._connection.execute(
                f"select * from ({target.sql}) order by row_number"
            ).to_arrow_reader(_FETCH_ROWS)
            for batch in reader:
                yield pa.Table.from_batches([batch])
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            # DuckDB's text quotes the value.
            raise StrataError(
                f"map {self._name}: {target.table.name}: an expression can't be computed"
                f" ({type(error).__name__}); a number may be too large"
            ) from None

    def unknown(self, source: RowSource) -> list[str]:
        """Columns of the file that the map doesn't declare."""
        return [name for name in source.column_names if name and name not in self._map.columns]

    def leave_out(self, row_numbers: pa.Array) -> int:
        """Take rows out of the accounts of what is taken; how many there were."""
        self._connection.register("leaving", pa.table({"row_number": row_numbers}))
        before = self.counts()["taken"]
        self._connection.execute(
            "delete from judged where reason is null and row_number in (from leaving)"
        )
        return before - self.counts()["taken"]

    def _sql(self, text: str, target: TargetTable | None = None) -> str:
        group_by = target.group_by if target and target.group_by else None
        return compiled(text, self._map.sql_names, group_by=group_by)

    def _make_delivered(self, names: tuple[str, ...]) -> None:
        columns = ", ".join(f"{place} varchar" for place in _places(names).values())
        self._connection.execute(
            f"create or replace temp table delivered (row_number bigint, {columns})"
        )

    def _tell_file(self, sha256: str) -> None:
        self._connection.register(
            "delivered_file", pa.table({"file_sha256": [sha256], "salt": [self._salt]})
        )

    def _check_columns(self, names: tuple[str, ...], file_name: str) -> None:
        for name, column in self._map.columns.items():
            if name not in names and not column.optional:
                raise StrataError(
                    f"map {self._name}: {file_name} has no column '{name}'; declare it optional"
                    " or correct its name"
                )

    def _check_dates(self, names: tuple[str, ...], file_name: str) -> None:
        for name, place in _places(names).items():
            column = self._map.columns.get(name)
            if column is None or column.type not in ("timestamp", "date") or column.format:
                continue
            found = self._connection.execute(
                f"select 1 from delivered where regexp_matches(trim({place}),"
                f" {literal(AMBIGUOUS_DATE)}) limit 1"
            ).fetchone()
            if found:
                raise StrataError(
                    f"map {self._name}: {file_name}: column '{name}' has dates in which day and"
                    " month can't be told apart; declare its format, such as %d/%m/%Y"
                )

    def _judge(self, names: tuple[str, ...]) -> None:
        """Make the relation `judged`: typed values, row key, reason and column of each row."""
        places = _places(names)
        cells = {name: places.get(name, "null::varchar") for name in self._map.columns}
        values = ", ".join(
            f"{value_sql(cells[name], column, self._map.numbers, self._map.timezone)} as v{place}"
            for place, (name, column) in enumerate(self._map.columns.items())
        )
        key_parts = " || ".join(
            f"coalesce(length({cell}) || ':' || {cell}, '-')" for cell in cells.values()
        )
        rules = self._rules(places)
        numbered = " ".join(f"when {rule} then {place}" for place, (*_, rule) in enumerate(rules))
        reasons = " ".join(
            f"when {place} then {literal(reason)}" for place, (_, reason, _) in enumerate(rules)
        )
        columns = " ".join(
            f"when {place} then {literal(name)}" for place, (name, *_) in enumerate(rules) if name
        )
        first_of_equals = "row_number"
        if self._map.exact_duplicates == "drop":
            everything = ", ".join(places.values())
            first_of_equals = f"min(row_number) over (partition by {everything})"
        own_values = ", ".join(f"v{place}" for place in range(len(self._map.columns)))
        self._connection.execute(
            f"""
            create or replace temp table judged as
            with

            typed as (

                select
                    delivered.*,
                    delivered_file.file_sha256,
                    left(sha256(delivered_file.salt || {key_parts}), 32) as row_key,
                    {first_of_equals} as first_of_equals,
                    {values}
                from delivered
                cross join delivered_file

            ),

            ruled as (

                select
                    *,
                    case when first_of_equals < row_number then -1 {numbered} end as rule
                from typed

            )

            select
                row_number,
                file_sha256,
                row_key,
                {own_values},
                case rule when -1 then 'duplicate' {reasons} end as reason,
                case rule when -1 then null {columns} end as reject_column
            from ruled
            """
        )

    def _rules(self, places: dict[str, str]) -> list[tuple[str | None, str, str]]:
        """Column, reason code and condition of what makes a row a reject; the first one tells."""
        too_long = [
            (name, "cell_too_long", f"strlen({cell}) > {MAX_TEXT_BYTES}")
            for name, cell in places.items()
        ]
        invalid = [
            (name, INVALID[column.type], f"v{place} is null and trim({places[name]}) <> ''")
            for place, (name, column) in enumerate(self._map.columns.items())
            if column.type != "text" and name in places
        ]
        left_out = [
            (None, rule.reason, f"coalesce({self._sql(rule.where)}, false)")
            for rule in self._map.leave_out
        ]
        no_table = [(None, "no_table", f"not ({' or '.join(self._conditions.values())})")]
        return [*too_long, *invalid, *left_out, *no_table]

    def _shaped(self, place: int, target: TargetTable, table: ContractTable) -> ShapedTable:
        counted_before = self._counted_before(place)
        is_counted = f"case when {counted_before} then 0 else 1 end"
        columns = {name: self._sql(text, target) for name, text in target.columns.items()}
        if target.group_by:
            keys = ", ".join(quoted(self._map.sql_names[name]) for name in target.group_by)
            account = (
                f"min(row_number) as row_number, sum({is_counted})::bigint as source_row_count,"
                " list(row_number) as source_rows"
            )
            tail = f" group by {keys}"
        else:
            account = (
                f"row_number, {is_counted}::bigint as source_row_count, [row_number] as source_rows"
            )
            tail = ""
        source = f"from judged where reason is null and {self._conditions[target.table]}{tail}"
        values = ", ".join(f"{sql} as {quoted(name)}" for name, sql in columns.items())
        try:
            described = self._connection.execute(f"describe select {values} {source}").fetchall()
        except duckdb.Error as error:
            said = " ".join(str(error).split("\n", 1)[0].split())
            raise StrataError(f"map {self._name}: {target.table}: {said}") from None
        texts = ", ".join(
            f"{_canonical(columns[name], column_type)} as {quoted(name)}"
            for name, column_type, *_ in described
        )
        return ShapedTable(table, f"select {account}, {texts} {source}")

    def _counted_before(self, place: int) -> str:
        """Whether another table accounts for the row: first those row by row, then in map order."""
        targets = self._map.tables
        order = sorted(
            range(len(targets)), key=lambda other: (bool(targets[other].group_by), other)
        )
        before = [self._conditions[targets[other].table] for other in order[: order.index(place)]]
        return f"({' or '.join(before)})" if before else "false"


def _places(names: tuple[str, ...]) -> dict[str, str]:
    return {name: f"c{place}" for place, name in enumerate(names)}


def _canonical(sql: str, column_type: str) -> str:
    """The contract's text: no trailing zeros; instants as YYYY-MM-DD HH:MM:SS[.ffffff]."""
    text = f"({sql})::varchar"
    if column_type.startswith("DECIMAL"):
        return (
            f"case when contains({text}, '.') then rtrim(rtrim({text}, '0'), '.') else {text} end"
        )
    return f"nullif({text}, '')"
