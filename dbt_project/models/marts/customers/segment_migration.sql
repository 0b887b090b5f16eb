with

as_of as (

    select * from {{ ref('as_of') }}

),

month_ends as (

    select * from {{ ref('segment_month_ends') }}
    where
        segment_type is not null
        and previous_observed_on is not null
        and changed_on <= {{ as_of_date() }}

),

final as (

    select
        as_of.as_of_date,
        month_ends.segment_type,
        month_ends.from_segment,
        month_ends.to_segment,
        month_ends.change_month as migration_month,
        month_ends.changed_on as month_end,
        month_ends.previous_observed_on as previous_month_end,
        month_ends.people,
        month_ends.net_revenue,
        month_ends.net_revenue_between
    from month_ends
    cross join as_of

)

select * from final
