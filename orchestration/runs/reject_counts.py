"""How many delivered rows were rejected, in a line each: of a run that failed, and as published."""

from __future__ import annotations

from decimal import Decimal

import duckdb

from orchestration.paths import Home
from orchestration.warehouse.duckdb_warehouse import Warehouse

_OVER_LIMIT = """
select
    input_name,
    rejected_row_count,
    delivered_row_count
from {schema}.int_input_row_counts
where rejected_row_count > ? * delivered_row_count
order by rejected_row_count desc, input_name
limit 1
"""

_MOST_FREQUENT_REASON = """
select
    reject_reason,
    coalesce(reject_column, '') as reject_column
from {schema}.int_rejected_rows
where input_name = ?
group by reject_reason, coalesce(reject_column, '')
order by count(*) desc, reject_reason, reject_column
limit 1
"""

_PUBLISHED = """
select
    rejected.input_name,
    rejected.row_count,
    delivered.row_count
from marts.data_quality_report as rejected
inner join marts.data_quality_report as delivered
    on rejected.input_name = delivered.input_name
where
    rejected.check_code = 'rejected_rows'
    and delivered.check_code = 'delivered_rows'
    and rejected.row_count > 0
order by rejected.input_name
"""


def is_stopped_by_rejects(failed: list[str]) -> bool:
    """Whether one of the dbt nodes that failed is a test of the share of rejected rows."""
    return any("reject_share_of_" in name for name in failed)


def too_many_rejects_told(warehouse: Warehouse, schema: str, max_share: float) -> str | None:
    """Which input has too many rejected rows, and for what most of them.

    Args:
        warehouse: what the run that failed has built.
        schema: of its intermediate models.
        max_share: the setting `max_reject_share`.

    Returns:
        One line without a value from any row; None where no input has too many.
    """
    # As dbt compares it: 0.142 of 1,000 rows is 142, and not a little less.
    limit = Decimal(str(max_share))
    with warehouse.connect() as connection:
        over = connection.execute(_OVER_LIMIT.format(schema=schema), [limit]).fetchone()
        if over is None:
            return None
        input_name, rejected, delivered = over
        most = connection.execute(
            _MOST_FREQUENT_REASON.format(schema=schema), [input_name]
        ).fetchone()
    told = f"{input_name}: {rejected:,} of {delivered:,} rows ({rejected / delivered:.1%}) rejected"
    if most is not None:
        reason, column = most
        told += f", most for {reason}" + (f" in {column}" if column else "")
    return f"{told}; limit max_reject_share {100 * max_share:g}%; nothing was published"


def published_rejects_told(home: Home) -> list[str]:
    """A line for each input of the published set that has rejected rows."""
    with duckdb.connect(str(home.published_db.resolve()), read_only=True) as connection:
        found = connection.execute(_PUBLISHED).fetchall()
    return [
        f"{input_name}: {rejected:,} of {delivered:,} rows rejected; see marts.rejected_records"
        for input_name, rejected, delivered in found
    ]
