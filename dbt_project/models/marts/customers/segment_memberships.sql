with

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

-- One line per segment type: a new slice adds its own.
final as (

    {{ memberships_of('rfm_segments', 'rfm') }}
    union all
    {{ memberships_of('probabilistic_segments', 'clv_tier') }}
    union all
    {{ memberships_of('probabilistic_segments', 'churn_risk', 'churn_risk', 'churn_risk_name') }}
    union all
    {{ memberships_of('engagement_segments', 'brand_engagement') }}
    union all
    {{ memberships_of(
        'engagement_segments', 'preferred_channel', 'preferred_channel', 'preferred_channel_name'
    ) }}
    union all
    {{ memberships_of('engagement_segments', 'usage', 'usage_segment', 'usage_segment_name') }}
    union all
    {{ memberships_of('engagement_segments', 'channel_mix', 'channel_mix', 'channel_mix_name') }}
    union all
    {{ memberships_of('loyalty_segments', 'loyalty') }}

)

select * from final
