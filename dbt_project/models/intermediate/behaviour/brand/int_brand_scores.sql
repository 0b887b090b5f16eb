with

evaluation_days as (

    select * from {{ ref('int_evaluation_days') }}

),

brand_points as (

    select * from {{ ref('int_brand_points') }}

),

aged as (

    select
        brand_points.profile_id,
        evaluation_days.days_back,
        brand_points.brand_points,
        {{ dbt.datediff('brand_points.event_date', 'evaluation_days.evaluated_date', 'day') }}
            as age_days
    from brand_points
    inner join evaluation_days
        on brand_points.event_date <= evaluation_days.evaluated_date
        and brand_points.event_date
        > {{ add_days('evaluation_days.evaluated_date', -var('engagement_window_days')) }}

),

final as (

    select
        profile_id,
        days_back,
        cast(sum(brand_points * {{ half_life_decay('age_days') }}) as decimal(18, 4))
            as brand_score
    from aged
    group by profile_id, days_back

)

select * from final
