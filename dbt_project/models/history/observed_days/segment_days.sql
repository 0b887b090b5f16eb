with

as_of as (

    select * from {{ ref('as_of') }}

),

observed_days as (

    select * from {{ ref('stg_observed_days') }}
    where as_of_date <> {{ as_of_date() }}

),

anchors as (

    select * from {{ ref('int_anchors') }}

),

customers as (

    select * from {{ ref('customer_360') }}

),

cut_points as (

    select
        coalesce(
            max(case when anchor_role = 'cut_points' then anchor_date end), max(anchor_date)
        ) as cut_points_date
    from anchors

),

people as (

    select count(*) as profile_count
    from customers

),

days as (

    select
        as_of_date,
        intake_seq,
        definition_hash,
        cut_points_date,
        profile_count
    from observed_days

    union all

    select
        as_of.as_of_date,
        as_of.intake_seq,
        as_of.definition_hash,
        cut_points.cut_points_date,
        people.profile_count
    from as_of
    cross join cut_points
    cross join people

),

final as (

    select
        as_of_date,
        lag(as_of_date) over (order by as_of_date) as previous_observed_on,
        intake_seq,
        definition_hash,
        {{ observation_key('definition_hash', 'intake_seq') }} as observation_key,
        cut_points_date,
        profile_count,
        cast({{ dbt.date_trunc('month', 'as_of_date') }} as date) as change_month
    from days

)

select * from final
