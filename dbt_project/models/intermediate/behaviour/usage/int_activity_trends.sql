with

active_days as (

    select * from {{ ref('int_active_days') }}
    where anchor_role = 'as_of'

),

trends as (

    select
        trend_code,
        lower_bound,
        lead(lower_bound) over (order by lower_bound) as upper_bound
    from {{ ref('usage_trends') }}

),

counts as (

    select
        profile_id,
        max(event_date) as last_active_date,
        count(case when days_before_anchor < {{ var('trend_window_days') }} then 1 end)
            as recent_active_day_count,
        count(
            case
                when
                    days_before_anchor >= {{ var('trend_window_days') }}
                    and days_before_anchor < {{ 2 * var('trend_window_days') }}
                    then 1
            end
        ) as earlier_active_day_count
    from active_days
    group by profile_id

),

-- One day is added to both, so that nothing before is no division by zero and one day no trend.
ratios as (

    select
        counts.*,
        {{ exact_ratio('(recent_active_day_count + 1)', '(earlier_active_day_count + 1)') }}
            as activity_ratio
    from counts

),

final as (

    select
        ratios.profile_id,
        ratios.last_active_date,
        ratios.recent_active_day_count,
        ratios.earlier_active_day_count,
        ratios.activity_ratio,
        case
            when
                ratios.recent_active_day_count + ratios.earlier_active_day_count
                >= {{ var('trend_min_active_days') }}
                then trends.trend_code
            else 'undetermined'
        end as trend
    from ratios
    inner join trends
        on ratios.activity_ratio >= trends.lower_bound
        and (trends.upper_bound is null or ratios.activity_ratio < trends.upper_bound)

)

select * from final
