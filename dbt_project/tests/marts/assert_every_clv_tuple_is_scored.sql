{{ config(meta={'dagster': {'ref': {'name': 'stg_clv_order_scores'}}}) }}

-- Returns a combination that was to be scored and was not, where anything was scored at all.
select
    'orders' as purpose,
    wanted.customer_count
from {{ ref('int_clv_scoring_order_tuples') }} as wanted
left join {{ ref('stg_clv_order_scores') }} as scores
    on wanted.repeat_count = scores.repeat_count
    and wanted.first_to_last_days = scores.first_to_last_days
    and wanted.age_days = scores.age_days
where
    scores.repeat_count is null
    and exists (select 1 from {{ ref('stg_clv_order_scores') }})

union all

select
    'spend' as purpose,
    wanted.customer_count
from {{ ref('int_clv_scoring_spend_tuples') }} as wanted
left join {{ ref('stg_clv_spend_scores') }} as scores
    on wanted.order_count = scores.order_count
    and wanted.mean_order_value = scores.mean_order_value
where
    scores.order_count is null
    and exists (select 1 from {{ ref('stg_clv_spend_scores') }})
