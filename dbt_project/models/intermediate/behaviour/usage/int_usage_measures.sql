with

active_days as (

    select * from {{ ref('int_active_days') }}

),

units_bought as (

    select * from {{ ref('int_units_bought') }}

),

basis as (

    select * from {{ ref('int_usage_basis') }}

),

measures as (

    select
        anchor_role,
        profile_id,
        'events' as usage_basis,
        cast(count(*) as decimal(18, 4)) as usage_value
    from active_days
    where days_before_anchor < {{ var('usage_window_days') }}
    group by anchor_role, profile_id

    union all

    select
        anchor_role,
        profile_id,
        'units' as usage_basis,
        unit_count as usage_value
    from units_bought

),

final as (

    select
        measures.anchor_role,
        measures.profile_id,
        measures.usage_basis,
        measures.usage_value
    from measures
    inner join basis
        on measures.usage_basis = basis.usage_basis

)

select * from final
