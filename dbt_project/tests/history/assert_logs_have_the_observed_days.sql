{{ config(meta={'dagster': {'ref': {'name': 'segment_days'}}}) }}

-- Returns days that a log was not compared on, or that it still has and nobody observed.
with

days as (

    select
        as_of_date,
        previous_observed_on,
        observation_key
    from {{ ref('segment_days') }}

),

logged as (

    select
        'segment_change_log' as log_name,
        changed_on,
        previous_observed_on,
        observation_key
    from {{ ref('segment_change_log') }}
    where profile_id is null and changed_on is not null

    union all

    select
        'profile_activity_log' as log_name,
        changed_on,
        previous_observed_on,
        observation_key
    from {{ ref('profile_activity_log') }}
    where profile_id is null and changed_on is not null

),

counted as (

    select
        days.as_of_date,
        count(logged.changed_on) as log_count
    from days
    left join logged
        on days.as_of_date = logged.changed_on
        and days.observation_key = logged.observation_key
        and days.previous_observed_on is not distinct from logged.previous_observed_on
    group by days.as_of_date

)

select as_of_date
from counted
where log_count <> 2

union all

select changed_on as as_of_date
from logged
where changed_on not in (select as_of_date from days)
