with

rfm_segments as (

    select * from {{ ref('rfm_segments') }}

),

probabilistic_segments as (

    select * from {{ ref('probabilistic_segments') }}

),

-- One line per segment type: a new slice adds its own.
final as (

    {{ memberships_of('rfm_segments', 'rfm') }}
    union all
    {{ memberships_of('probabilistic_segments', 'clv_tier') }}
    union all
    {{ memberships_of('probabilistic_segments', 'churn_risk', 'churn_risk', 'churn_risk_name') }}

)

select * from final
