with

session_days as (

    select * from {{ ref('int_session_days') }}
    where
        is_first_day
        and session_date <= {{ as_of_date() }}
        and session_date > {{ add_days(as_of_date(), -var('usage_window_days')) }}

),

identifier_profiles as (

    select * from {{ ref('int_identifier_profiles') }}
    where anchor_role = 'as_of'

),

time_zones as (

    select * from {{ ref('int_profile_time_zones') }}

),

dayparts as (

    select
        daypart,
        first_hour,
        lead(first_hour, 1, 24) over (order by first_hour) as end_hour
    from {{ ref('dayparts') }}

),

local_visits as (

    select
        time_zones.profile_id,
        {{ local_time_in('session_days.session_started_at', 'time_zones.time_zone') }}
            as local_started_at
    from session_days
    inner join identifier_profiles
        on session_days.identifier_kind = identifier_profiles.identifier_kind
        and session_days.identifier_source = identifier_profiles.identifier_source
        and session_days.identifier_value = identifier_profiles.identifier_value
    inner join time_zones
        on identifier_profiles.profile_id = time_zones.profile_id

),

final as (

    select
        local_visits.profile_id,
        cast({{ iso_weekday('local_visits.local_started_at') }} as integer) as weekday,
        dayparts.daypart,
        dayparts.first_hour,
        count(*) as visit_count
    from local_visits
    inner join dayparts
        on extract(hour from local_visits.local_started_at) >= dayparts.first_hour
        and extract(hour from local_visits.local_started_at) < dayparts.end_hour
    group by
        local_visits.profile_id,
        {{ iso_weekday('local_visits.local_started_at') }},
        dayparts.daypart,
        dayparts.first_hour

)

select * from final
