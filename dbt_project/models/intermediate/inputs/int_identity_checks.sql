with

device_profiles as (

    select * from {{ ref('int_device_profiles') }}
    where anchor_role = 'as_of'

),

email_profiles as (

    select * from {{ ref('int_email_profiles') }}
    where anchor_role = 'as_of'

),

event_days as (

    select * from {{ ref('int_event_days') }}
    where event_date <= {{ as_of_date() }}

),

events_by_owner as (

    select
        coalesce(device_profiles.is_shared, false) as is_of_nobody,
        sum(event_days.event_count) as event_count
    from event_days
    left join device_profiles
        on event_days.identifier_kind = 'anonymous'
        and event_days.identifier_source = device_profiles.source_system
        and event_days.identifier_value = device_profiles.anonymous_id
        and device_profiles.is_shared
    group by coalesce(device_profiles.is_shared, false)

),

final as (

    select
        'events' as input_name,
        'shared_devices' as check_code,
        '' as detail,
        count(case when is_shared then 1 end) as row_count,
        count(*) as of_row_count
    from device_profiles

    union all

    select
        'events' as input_name,
        'profiles_over_device_limit' as check_code,
        '' as detail,
        count(distinct case when is_over_limit then seen_profile_id end) as row_count,
        count(distinct seen_profile_id) as of_row_count
    from device_profiles

    union all

    select
        'events' as input_name,
        'events_of_nobody' as check_code,
        '' as detail,
        cast(coalesce(sum(case when is_of_nobody then event_count end), 0) as bigint) as row_count,
        cast(coalesce(sum(event_count), 0) as bigint) as of_row_count
    from events_by_owner

    union all

    select
        'customers' as input_name,
        'shared_mailboxes' as check_code,
        '' as detail,
        count(case when is_shared then 1 end) as row_count,
        count(*) as of_row_count
    from email_profiles

)

select * from final
