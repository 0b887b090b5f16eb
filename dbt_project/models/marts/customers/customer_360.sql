with

profiles as (

    select * from {{ ref('int_profiles') }}

),

purchase_summaries as (

    select * from {{ ref('int_customer_purchase_summaries') }}

),

rfm_segments as (

    select * from {{ ref('rfm_segments') }}

),

probabilistic_segments as (

    select * from {{ ref('probabilistic_segments') }}

),

engagement_segments as (

    select * from {{ ref('engagement_segments') }}

),

loyalty_segments as (

    select * from {{ ref('loyalty_segments') }}

),

final as (

    select
        profiles.profile_id,
        profiles.as_of_date,
        profiles.profile_kind,

        -- what they bought, over all history
        purchase_summaries.first_order_date,
        purchase_summaries.last_order_date,
        purchase_summaries.order_count,
        purchase_summaries.renewal_count,
        purchase_summaries.zero_value_order_count,
        purchase_summaries.returned_order_count,
        purchase_summaries.cancelled_order_count,
        purchase_summaries.net_revenue,

        -- segments, exactly one of each type
        rfm_segments.segment_code as rfm_segment_code,
        rfm_segments.segment_name as rfm_segment_name,
        probabilistic_segments.segment_code as clv_tier,
        probabilistic_segments.segment_name as clv_tier_name,
        probabilistic_segments.churn_risk,
        probabilistic_segments.churn_risk_name,
        engagement_segments.segment_code as brand_engagement,
        engagement_segments.segment_name as brand_engagement_name,
        engagement_segments.preferred_channel,
        engagement_segments.preferred_channel_name,
        engagement_segments.usage_segment,
        engagement_segments.usage_segment_name,
        engagement_segments.channel_mix,
        engagement_segments.channel_mix_name,
        loyalty_segments.segment_code as loyalty_tier,
        loyalty_segments.segment_name as loyalty_tier_name,

        -- scores
        rfm_segments.recency_score,
        rfm_segments.frequency_score,
        rfm_segments.monetary_score,
        rfm_segments.recency_days,
        rfm_segments.order_count as order_count_in_window,
        rfm_segments.monetary_total as monetary_total_in_window,
        rfm_segments.average_order_value as average_order_value_in_window,
        engagement_segments.brand_score,
        engagement_segments.last_active_date,
        engagement_segments.trend as usage_trend,
        engagement_segments.visit_pattern,
        engagement_segments.top_content_topic,
        engagement_segments.top_content_format,
        loyalty_segments.loyalty_score,
        loyalty_segments.loyalty_quadrant,
        loyalty_segments.is_potential_loyalist,
        loyalty_segments.is_programme_member,

        -- predictions
        probabilistic_segments.p_alive,
        probabilistic_segments.p_active_365_days,
        probabilistic_segments.churn_probability,
        probabilistic_segments.expected_orders_365_days,
        probabilistic_segments.expected_order_value,
        probabilistic_segments.historic_clv,
        probabilistic_segments.predicted_clv_365_days,
        probabilistic_segments.total_clv
    from profiles
    left join purchase_summaries
        on profiles.profile_id = purchase_summaries.profile_id
    left join rfm_segments
        on profiles.profile_id = rfm_segments.profile_id
    left join probabilistic_segments
        on profiles.profile_id = probabilistic_segments.profile_id
    left join engagement_segments
        on profiles.profile_id = engagement_segments.profile_id
    left join loyalty_segments
        on profiles.profile_id = loyalty_segments.profile_id

)

select * from final
