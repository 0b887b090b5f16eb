with

intervals as (

    select * from {{ ref('int_loyalty_order_days') }}
    where interval_days is not null

),

-- The lower median: of an even number of intervals the shorter one of the middle, a whole number.
ranked as (

    select
        intervals.*,
        row_number() over (
            partition by profile_id, days_back order by interval_days, ordered_date
        ) as interval_rank,
        count(*) over (partition by profile_id, days_back) as interval_count
    from intervals

),

medians as (

    select
        profile_id,
        days_back,
        interval_count,
        interval_days as median_interval_days
    from ranked
    where interval_rank * 2 in (interval_count, interval_count + 1)

),

final as (

    select
        medians.profile_id,
        medians.days_back,
        medians.interval_count,
        medians.median_interval_days,
        cast(
            sum(abs(intervals.interval_days - medians.median_interval_days)) as bigint
        ) as deviation_days
    from medians
    inner join intervals
        on medians.profile_id = intervals.profile_id
        and medians.days_back = intervals.days_back
    group by
        medians.profile_id,
        medians.days_back,
        medians.interval_count,
        medians.median_interval_days

)

select * from final
