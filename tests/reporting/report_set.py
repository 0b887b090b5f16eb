"""A published set of 240 made-up people, in tables with the columns of the marts' contracts."""

from __future__ import annotations

from pathlib import Path

import duckdb
import yaml

from orchestration.paths import Home, Project

SET_ID = "5e7f00d5e7f00d00"
# Markup in a name that comes from data: no reader may get it as markup.
EVIL_TOPIC = "<img src=x onerror=alert(1)>"

PEOPLE = """
create temp table people as
select
    i,
    'person' || lpad(i::varchar, 4, '0') as profile_id,
    date '2024-06-30' as as_of_date,
    i < 230 as is_buyer,
    case when i < 227 then i % 5 + 1 end as r,
    case when i < 227 then (i // 5) % 5 + 1 end as f,
    case
        when i >= 230 then 12
        when i >= 227 then 11
        else [10, 9, 7, 2, 1][i % 5 + 1]
    end as segment_rank,
    case
        when i >= 230 then 'prospect'
        when i >= 227 then 'returned_only'
        else ['hibernating', 'at_risk', 'about_to_sleep', 'loyal_customers', 'champions'][i % 5 + 1]
    end as segment_code,
    case when i < 227 then ((i * i) % 880 + 20.25)::decimal(18, 2) end as clv,
    i % 3 as risk,
    (i // 80)::integer as tier
from range(240) as numbers(i)
"""

ROWS = (
    """
insert into marts.rfm_segments by name
select
    profile_id, as_of_date, segment_code, segment_code || ' name' as segment_name, segment_rank,
    r as recency_score, f as frequency_score, i * 1.5 as monetary_total,
    'do something' as recommended_action
from people
""",
    """
insert into marts.customer_360 by name
select
    profile_id, as_of_date, if(is_buyer, i % 4 + 1, 0) as order_count,
    if(is_buyer, i * 2.25, 0) as net_revenue, clv as predicted_clv_365_days,
    ['low', 'medium', 'high'][risk + 1] as churn_risk,
    ['Low churn risk', 'Medium churn risk', 'High churn risk'][risk + 1] as churn_risk_name,
    if(clv is null, null, (risk + 0.5) / 4) as churn_probability,
    ['high', 'medium', 'low'][tier + 1] as clv_tier,
    ['High CLV', 'Medium CLV', 'Low CLV'][tier + 1] as clv_tier_name,
    if(is_buyer, (i * 7) % 101, null) as loyalty_score,
    ['true', 'latent', 'spurious', 'none'][i % 4 + 1] as loyalty_quadrant
from people
""",
    """
insert into marts.probabilistic_segments by name
select profile_id, as_of_date, tier + 1 as segment_rank from people
""",
    """
insert into marts.segment_memberships by name
select profile_id, as_of_date, 'rfm' as segment_type, segment_code from people
union all by name
select profile_id, as_of_date, 'churn_risk' as segment_type,
    ['low', 'medium', 'high'][risk + 1] as segment_code
from people
""",
    """
insert into marts.rfm_thresholds by name
select measure, score::integer as score, lower_bound, lower_bound + 10 as upper_bound,
    true as includes_lower_bound
from (values ('recency'), ('frequency')) as measures(measure),
    (values (1, 0), (2, 10), (3, 20), (4, 30), (5, 40)) as scores(score, lower_bound)
""",
    """
insert into marts.segment_changes by name
select profile_id, as_of_date, 'rfm' as segment_type, 'at_risk' as from_segment,
    segment_code as to_segment, date '2024-06-30' as changed_on,
    date '2024-05-31' as previous_observed_on, 'time' as cause
from people where i < 60 and segment_code <> 'at_risk'
""",
    """
insert into marts.segment_migration by name
select date '2024-06-30' as as_of_date, 'rfm' as segment_type, from_segment, to_segment,
    month_end, previous_month_end, people, people * 10.5 as net_revenue,
    people * 1.25 as net_revenue_between
from (values
    ('champions', 'champions', date '2024-05-31', date '2024-04-30', 40),
    ('champions', 'champions', date '2024-06-30', date '2024-05-31', 30),
    ('champions', 'at_risk', date '2024-06-30', date '2024-05-31', 12),
    ('at_risk', 'champions', date '2024-06-30', date '2024-05-31', 9),
    ('at_risk', 'hibernating', date '2024-06-30', date '2024-05-31', 2),
    (null, 'prospect', date '2024-06-30', date '2024-05-31', 7)
) as moves(from_segment, to_segment, month_end, previous_month_end, people)
""",
    """
insert into marts.engagement_segments by name
select profile_id, as_of_date, ['high', 'medium', 'low'][least(i // 50, 2) + 1] as segment_code,
    ['High', 'Medium', 'Low'][least(i // 50, 2) + 1] || ' engagement' as segment_name,
    least(i // 50, 2)::integer + 1 as segment_rank
from people
""",
    """
insert into marts.engagement_channels by name
select profile_id, as_of_date, channel, 10 as delivered_count,
    if(channel = 'email', 3, 5) as reacted_count
from people, (values ('email'), ('sms')) as channels(channel)
where i < 100
""",
    """
insert into marts.send_time by name
select profile_id, as_of_date, if(i < 200, 'own', 'population') as basis,
    i % 2 + 1 as best_weekday, if(i % 5 = 0, 9, 20) as best_hour
from people
""",
    f"""
insert into marts.engagement_content by name
select profile_id, as_of_date, 'topic' as content_kind,
    if(i % 3 = 0, '{EVIL_TOPIC}', 'gardens') as content_value, 4 as signal_count,
    true as is_interest
from people where i < 90
""",
    """
insert into marts.loyalty_segments by name
select profile_id, as_of_date, (i * 7) % 101 as loyalty_score,
    case when (i * 7) % 101 >= 70 then 1 when (i * 7) % 101 >= 40 then 2 else 3 end as segment_rank,
    case when (i * 7) % 101 >= 70 then 'High loyalty' when (i * 7) % 101 >= 40
        then 'Medium loyalty' else 'Low loyalty' end as segment_name,
    i % 9 = 0 as is_potential_loyalist
from people where is_buyer
""",
    """
insert into marts.data_quality_report by name
select input_name, check_code, '' as detail, row_count, 0.1 as share, 'told' as description
from (values
    ('orders', 'delivered_rows', 1000), ('orders', 'accepted_rows', 940),
    ('orders', 'duplicate_rows', 40), ('orders', 'rejected_rows', 20),
    ('orders', 'erased_rows', 0), ('refunds', 'delivered_rows', 100),
    ('refunds', 'accepted_rows', 99), ('refunds', 'duplicate_rows', 0),
    ('refunds', 'rejected_rows', 1), ('refunds', 'erased_rows', 0),
    ('orders', 'renewal_orders', 3)
) as checks(input_name, check_code, row_count)
""",
    """
insert into marts.rejected_records by name
select 'orders' as input_name, if(i < 12, 'missing_id', 'invalid_amount') as reason_code,
    if(i < 12, 'order_id', 'total_amount') as column_name
from range(20) as numbers(i)
""",
    """
insert into marts.capabilities by name
select * from (values
    ('rfm_segments', 'RFM segments', 'rfm', true, '1000 rows with orders.order_id'),
    ('brand_engagement', 'Brand engagement', 'engagement', false,
        'no row with events.event_name: there is no brand score')
) as features(feature_code, feature_name, slice, is_on, reason)
""",
    """
insert into marts.clv_model_runs by name
select 'mbg_nbd' as model_name, 'orders' as purpose, 'fitted' as run_status,
    true as is_champion, 227 as customer_count, date '2024-06-24' as fit_date
""",
)


def make_home(root: Path, *, is_empty: bool = False) -> Home:
    """A home whose published set has the made-up people, or the same tables without a row."""
    home = Home(root)
    home.sets.mkdir(parents=True)
    path = home.set_file(SET_ID)
    with duckdb.connect(path) as connection:
        connection.execute("create schema marts")
        for file in sorted((Project.here().models / "marts").rglob("_*__models.yml")):
            for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
                columns = ", ".join(
                    f"{column['name']} {column['data_type']}" for column in model["columns"]
                )
                connection.execute(f"create table marts.{model['name']} ({columns})")
        connection.execute(
            "create table marts.published_set as"
            f" select date '2024-06-30' as as_of_date, '{SET_ID}' as set_id"
        )
        if not is_empty:
            connection.execute(PEOPLE)
            for insert in ROWS:
                connection.execute(insert)
    home.published_db.symlink_to(path)
    return home
