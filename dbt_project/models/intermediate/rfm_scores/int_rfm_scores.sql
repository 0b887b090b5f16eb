with

purchase_windows as (

    select * from {{ ref('int_purchase_windows') }}
    where anchor_role = 'as_of'

),

measures as (

    select * from {{ ref('int_rfm_measures') }}
    where anchor_role = 'as_of'

),

bands as (

    select * from {{ ref('int_rfm_bands') }}
    where is_reachable

),

population as (

    select
        count(*) as customer_count,
        min(recency_days) = max(recency_days)
        and min(order_count) = max(order_count)
        and min(monetary_total) = max(monetary_total) as is_alike
    from purchase_windows
    where is_in_window

),

-- A quantile's band holds its upper bound, an absolute one its lower: equal value, equal score.
measure_scores as (

    select
        measures.profile_id,
        max(case when measures.measure = 'recency' then bands.score end) as recency_score,
        max(case when measures.measure = 'frequency' then bands.score end) as frequency_score,
        max(case when measures.measure = 'monetary' then bands.score end) as monetary_score
    from measures
    inner join bands
        on measures.measure = bands.measure
        and (
            bands.lower_bound is null
            or measures.measure_value > bands.lower_bound
            or (bands.includes_lower_bound and measures.measure_value = bands.lower_bound)
        )
        and (
            bands.upper_bound is null
            or measures.measure_value < bands.upper_bound
            or (not bands.includes_lower_bound and measures.measure_value = bands.upper_bound)
        )
    group by measures.profile_id

),

told as (

    select
        purchase_windows.profile_id,
        population.customer_count,
        case
            when population.customer_count < {{ var('rfm_min_customers') }}
                then 'too_few_customers'
            when population.is_alike then 'all_alike'
        end as insufficient_reason
    from purchase_windows
    cross join population

),

-- Joined by the profile alone: with a condition on the population beside it DuckDB would compare
-- everybody with everybody.
final as (

    select
        told.profile_id,
        {%- for measure in ['recency', 'frequency', 'monetary'] %}
        case when told.insufficient_reason is null then measure_scores.{{ measure }}_score end
            as {{ measure }}_score,
        {%- endfor %}
        told.customer_count,
        told.insufficient_reason
    from told
    left join measure_scores
        on told.profile_id = measure_scores.profile_id

)

select * from final
