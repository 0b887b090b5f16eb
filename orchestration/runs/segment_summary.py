"""The published RFM segments in a few numbers: people, share, revenue, CLV."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from orchestration.paths import Home

_ROWS = """
select
    rfm_segments.segment_code,
    rfm_segments.segment_name,
    count(*) as people,
    sum(customer_360.net_revenue) as net_revenue,
    sum(customer_360.predicted_clv_365_days) as predicted_clv
from marts.rfm_segments
inner join marts.customer_360 on rfm_segments.profile_id = customer_360.profile_id
group by rfm_segments.segment_code, rfm_segments.segment_name, rfm_segments.segment_rank
order by rfm_segments.segment_rank, rfm_segments.segment_name
"""


_REJECTED = """
select coalesce(sum(row_count), 0) from marts.data_quality_report where check_code = 'rejected_rows'
"""

# Dagster's pages show a longer text in a window of its own instead of where it stands.
LONGEST_INLINE_TEXT = 1000


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One RFM segment."""

    segment_code: str
    segment_name: str
    people: int
    people_share: float
    net_revenue: Decimal
    predicted_clv: Decimal | None


@dataclass(frozen=True, slots=True)
class SegmentSummary:
    """All RFM segments of the published set."""

    set_id: str
    as_of_date: dt.date
    currency: str
    rows: list[SegmentRow]
    rejected_rows: int = 0

    @property
    def people(self) -> int:
        """Profiles in the set."""
        return sum(row.people for row in self.rows)

    def plottable(self) -> dict[str, int | float]:
        """Numbers that are worth a trend line."""
        numbers: dict[str, int | float] = {
            "people": self.people,
            "net_revenue": float(sum(row.net_revenue for row in self.rows)),
            "predicted_clv": float(sum(row.predicted_clv or 0 for row in self.rows)),
            "rejected_rows": self.rejected_rows,
        }
        return numbers | {f"people_{row.segment_code}": row.people for row in self.rows}

    def markdown(self) -> str:
        """The rows as a Markdown table, short enough to show inline on Dagster's pages.

        Of many segments or large numbers the columns that follow from others are left out.
        """
        for columns in (5, 4, 2):
            table = self._markdown(columns)
            if len(table) < LONGEST_INLINE_TEXT:
                break
        return table

    def _markdown(self, columns: int) -> str:
        lines = [["segment", "people", "CLV", "net revenue", "share"]]
        for row in self.rows:
            clv = "–" if row.predicted_clv is None else f"{row.predicted_clv:,.0f}"
            # A bar in a name from a config table would begin a cell of its own.
            name = row.segment_name.replace("|", "/")
            net_revenue, share = f"{row.net_revenue:,.0f}", f"{row.people_share:.1%}"
            lines.append([name, f"{row.people:,}", clv, net_revenue, share])
        lines.insert(1, ["---", *["---:"] * 4])
        return "\n".join(f"|{'|'.join(line[:columns])}|" for line in lines)


def segment_summary(home: Home, currency: str) -> SegmentSummary | None:
    """Read the published set; None where nothing is published yet."""
    if not home.published_db.exists():
        return None
    with duckdb.connect(str(home.published_db.resolve()), read_only=True) as connection:
        published = connection.execute(
            "select set_id, as_of_date from marts.published_set"
        ).fetchone()
        found = connection.execute(_ROWS).fetchall()
        [rejected_rows] = connection.execute(_REJECTED).fetchone() or [0]
    if published is None:
        return None
    total = sum(row[2] for row in found)
    rows = [
        SegmentRow(code, name, people, people / total, net, clv)
        for code, name, people, net, clv in found
    ]
    return SegmentSummary(published[0], published[1], currency, rows, int(rejected_rows))
