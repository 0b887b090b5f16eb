with

profiles as (

    select * from {{ ref('int_profiles') }}

),

purchase_summaries as (

    select * from {{ ref('int_customer_purchase_summaries') }}

),

order_scores as (

    select * from {{ ref('stg_clv_order_scores') }}

),

spend_scores as (

    select * from {{ ref('stg_clv_spend_scores') }}

),

champion_runs as (

    select
        max(case when purpose = 'orders' then reason end) as orders_reason,
        max(case when purpose = 'spend' then reason end) as spend_reason
    from {{ ref('stg_clv_model_runs') }}
    where is_champion and run_status = 'insufficient_data'

),

tier_ranges as (

    select
        tier_code,
        tier_name,
        tier_rank,
        lower_bound,
        lead(lower_bound) over (order by lower_bound) as upper_bound
    from {{ ref('clv_tiers') }}

),

churn_ranges as (

    select
        band_code,
        band_name,
        lower_bound,
        lead(lower_bound) over (order by lower_bound) as upper_bound
    from {{ ref('churn_bands') }}

),

-- Doubles are rounded here, once; whatever is compared or added below is decimal.
predicted as (

    select
        profiles.profile_id,
        profiles.as_of_date,
        purchase_summaries.order_day_count,
        purchase_summaries.mean_order_value,
        order_scores.model_name is not null and spend_scores.model_name is not null as is_scored,
        cast(order_scores.p_alive as decimal(7, 6)) as p_alive,
        cast(order_scores.p_active_30_days as decimal(7, 6)) as p_active_30_days,
        cast(order_scores.p_active_90_days as decimal(7, 6)) as p_active_90_days,
        cast(order_scores.p_active_365_days as decimal(7, 6)) as p_active_365_days,
        cast(
            1 - order_scores.p_active_{{ var('churn_horizon_days') }}_days as decimal(7, 6)
        ) as churn_probability,
        cast(order_scores.expected_orders_30_days as decimal(18, 6)) as expected_orders_30_days,
        cast(order_scores.expected_orders_90_days as decimal(18, 6)) as expected_orders_90_days,
        cast(order_scores.expected_orders_365_days as decimal(18, 6))
            as expected_orders_365_days,
        cast(spend_scores.expected_order_value as decimal(18, 2)) as expected_order_value,
        cast(purchase_summaries.net_revenue as decimal(18, 2)) as historic_clv,
        cast(
            order_scores.discounted_expected_orders_365_days * spend_scores.expected_order_value
            as decimal(18, 2)
        ) as predicted_clv_365_days,
        order_scores.model_name || ' + ' || spend_scores.model_name as model_name
    from profiles
    left join purchase_summaries
        on profiles.profile_id = purchase_summaries.profile_id
    left join order_scores
        on purchase_summaries.repeat_count = order_scores.repeat_count
        and purchase_summaries.first_to_last_days = order_scores.first_to_last_days
        and purchase_summaries.age_days = order_scores.age_days
    left join spend_scores
        on purchase_summaries.order_day_count = spend_scores.order_count
        and purchase_summaries.mean_order_value = spend_scores.mean_order_value

),

-- How many are worth more decides: equal value, equal tier.
ranked as (

    select
        predicted.*,
        rank() over (partition by is_scored order by predicted_clv_365_days desc) - 1
            as higher_count,
        count(*) over (partition by is_scored) as scored_count,
        min(predicted_clv_365_days) over (partition by is_scored)
        < max(predicted_clv_365_days) over (partition by is_scored) as is_spread
    from predicted

),

final as (

    select
        ranked.profile_id,
        ranked.as_of_date,
        coalesce(tier_ranges.tier_code, 'insufficient_data') as segment_code,
        coalesce(tier_ranges.tier_name, 'Insufficient data') as segment_name,
        coalesce(tier_ranges.tier_rank, 99) as segment_rank,
        coalesce(churn_ranges.band_code, 'insufficient_data') as churn_risk,
        coalesce(churn_ranges.band_name, 'Insufficient data') as churn_risk_name,
        ranked.churn_probability,
        ranked.p_alive,
        ranked.p_active_30_days,
        ranked.p_active_90_days,
        ranked.p_active_365_days,
        ranked.expected_orders_30_days,
        ranked.expected_orders_90_days,
        ranked.expected_orders_365_days,
        ranked.expected_order_value,
        ranked.historic_clv,
        ranked.predicted_clv_365_days,
        cast(ranked.historic_clv + ranked.predicted_clv_365_days as decimal(18, 2)) as total_clv,
        '{{ var("clv_value_basis") }}' as value_basis,
        ranked.model_name,
        case
            when coalesce(ranked.order_day_count, 0) = 0 then 'no order that counts yet'
            when coalesce(ranked.mean_order_value, 0) <= 0 then 'no order with a value yet'
            when not ranked.is_scored
                then
                    coalesce(
                        champion_runs.orders_reason,
                        champion_runs.spend_reason,
                        'no prediction was made'
                    )
            when tier_ranges.tier_code is null
                then 'all customers are predicted to be worth the same'
            else
                cast(ranked.predicted_clv_365_days as string)
                || ' {{ var("shop_currency") }} expected in 365 days, '
                || cast(cast(100 * ranked.churn_probability as decimal(18, 0)) as string)
                || ' % risk of no order in {{ var("churn_horizon_days") }} days'
        end as reason
    from ranked
    cross join champion_runs
    left join tier_ranges
        on ranked.is_scored
        and ranked.is_spread
        and ranked.higher_count >= tier_ranges.lower_bound * ranked.scored_count
        and (
            tier_ranges.upper_bound is null
            or ranked.higher_count < tier_ranges.upper_bound * ranked.scored_count
        )
    left join churn_ranges
        on ranked.is_scored
        and ranked.churn_probability >= churn_ranges.lower_bound
        and (
            churn_ranges.upper_bound is null
            or ranked.churn_probability < churn_ranges.upper_bound
        )

)

select * from final
