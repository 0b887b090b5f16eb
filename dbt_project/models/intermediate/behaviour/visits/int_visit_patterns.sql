with

visit_times as (

    select * from {{ ref('int_visit_times') }}

),

visit_patterns as (

    select * from {{ ref('visit_patterns') }}

),

pattern_slots as (

    select * from {{ ref('visit_pattern_slots') }}

),

visits as (

    select
        profile_id,
        case when weekday >= 6 then 'weekend' else 'weekday' end as day_kind,
        weekday,
        daypart,
        first_hour,
        visit_count
    from visit_times

),

totals as (

    select
        profile_id,
        cast(sum(visit_count) as bigint) as visit_count,
        cast(sum(case when day_kind = 'weekend' then visit_count else 0 end) as bigint)
            as weekend_visit_count
    from visits
    group by profile_id

),

daypart_totals as (

    select
        profile_id,
        daypart,
        first_hour,
        sum(visit_count) as visit_count
    from visits
    group by profile_id, daypart, first_hour

),

top_dayparts as (

    select
        profile_id,
        daypart,
        row_number() over (
            partition by profile_id order by visit_count desc, first_hour
        ) as daypart_rank
    from daypart_totals

),

weekday_totals as (

    select
        profile_id,
        weekday,
        sum(visit_count) as visit_count
    from visits
    group by profile_id, weekday

),

top_weekdays as (

    select
        profile_id,
        weekday,
        row_number() over (
            partition by profile_id order by visit_count desc, weekday
        ) as weekday_rank
    from weekday_totals

),

fitting_visits as (

    select
        visits.profile_id,
        visit_patterns.pattern_code,
        visit_patterns.priority,
        visit_patterns.minimum_share,
        sum(visits.visit_count) as visit_count
    from visits
    inner join pattern_slots
        on pattern_slots.day_kind in (visits.day_kind, '*')
        and pattern_slots.daypart in (visits.daypart, '*')
    inner join visit_patterns
        on pattern_slots.pattern_code = visit_patterns.pattern_code
    group by
        visits.profile_id,
        visit_patterns.pattern_code,
        visit_patterns.priority,
        visit_patterns.minimum_share

),

patterns as (

    select
        fitting_visits.profile_id,
        fitting_visits.pattern_code,
        row_number() over (
            partition by fitting_visits.profile_id order by fitting_visits.priority
        ) as pattern_rank
    from fitting_visits
    inner join totals
        on fitting_visits.profile_id = totals.profile_id
        and fitting_visits.visit_count >= fitting_visits.minimum_share * totals.visit_count
    where totals.visit_count >= {{ var('pattern_min_visits') }}

),

final as (

    select
        totals.profile_id,
        totals.visit_count,
        {{ exact_ratio('totals.weekend_visit_count', 'totals.visit_count') }}
            as weekend_visit_share,
        top_dayparts.daypart as top_daypart,
        top_weekdays.weekday as top_weekday,
        case
            when totals.visit_count < {{ var('pattern_min_visits') }} then 'undetermined'
            else coalesce(patterns.pattern_code, 'mixed')
        end as visit_pattern
    from totals
    inner join top_dayparts
        on totals.profile_id = top_dayparts.profile_id
        and top_dayparts.daypart_rank = 1
    inner join top_weekdays
        on totals.profile_id = top_weekdays.profile_id
        and top_weekdays.weekday_rank = 1
    left join patterns
        on totals.profile_id = patterns.profile_id
        and patterns.pattern_rank = 1

)

select * from final
