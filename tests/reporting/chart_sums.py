"""By chart, a query on the published file with which the numbers that are drawn must agree.

The queries count people of groups that are large enough; which ones are not is known of the
made-up people: three with returned orders only, and two who went from at risk to hibernating.
"""

from __future__ import annotations

import math
from typing import Any

SUMS = {
    "rfm-map": "select count(*) from marts.rfm_segments where recency_score is not null",
    # The three who only returned are left out, and the smallest other group with them.
    "rfm-treemap": (
        "select count(*) from marts.rfm_segments"
        " where segment_code not in ('returned_only', 'prospect')"
    ),
    "clv-tenths": "select sum(predicted_clv_365_days) from marts.customer_360",
    "clv-distribution": (
        "select count(*) from marts.customer_360 where predicted_clv_365_days is not null"
    ),
    "clv-risk": "select sum(predicted_clv_365_days) from marts.customer_360",
    "migration": (
        "select sum(people) from marts.segment_migration"
        " where month_end = date '2024-06-30' and people > 7"
    ),
    "revenue": "select sum(net_revenue_between) from marts.segment_migration",
    "engagement-tiers": "select count(*) from marts.engagement_segments",
    "message-channels": (
        "select sum(rate) from (select sum(reacted_count) / sum(delivered_count) as rate"
        " from marts.engagement_channels group by channel)"
    ),
    "send-time": "select count(*) from marts.send_time where basis = 'own'",
    "interests": "select count(*) from marts.engagement_content where is_interest",
    "loyalty-scores": "select count(*) from marts.loyalty_segments",
    "loyalty-quadrants": (
        "select count(*) from marts.customer_360 where loyalty_score is not null"
    ),
    "input-rows": (
        "select sum(share) from (select sum(row_count) filter (check_code in"
        " ('duplicate_rows', 'rejected_rows', 'erased_rows'))"
        " / sum(row_count) filter (check_code = 'delivered_rows') as share"
        " from marts.data_quality_report group by input_name)"
    ),
    "reject-reasons": "select count(*) from marts.rejected_records",
    # Of both days together. The sizes without the three and the ten on each of them.
    "sizes": (
        "select 2 * count(*) from marts.rfm_segments"
        " where segment_code not in ('returned_only', 'prospect')"
    ),
    "watched": (
        "select 2 * (select count(*) from marts.rfm_segments where segment_code = 'champions')"
        " - (select count(*) from marts.segment_changes where to_segment = 'champions')"
        " + 2 * (select count(*) from marts.customer_360 where churn_risk = 'high')"
    ),
}


def drawn_numbers(data: list[dict[str, Any]]) -> list[float]:
    """The finite numbers that the traces of a chart stand for."""
    numbers: list[Any] = []
    for trace in data:
        if trace["type"] == "heatmap":
            numbers += [value for row in trace["z"] for value in row]
        elif trace["type"] == "treemap":
            numbers += trace["values"]
        elif trace["type"] == "sankey":
            numbers += trace["link"]["value"]
        else:
            numbers += trace["x" if trace.get("orientation") == "h" else "y"]
    return [float(value) for value in numbers if value is not None and math.isfinite(value)]
