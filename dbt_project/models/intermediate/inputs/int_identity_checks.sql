with

device_profiles as (

    select * from {{ ref('int_device_profiles') }}
    where anchor_role = 'as_of'

),

email_profiles as (

    select * from {{ ref('int_email_profiles') }}
    where anchor_role = 'as_of'

),

event_days as {{ read_anew() }} (

    select * from {{ ref('int_event_days') }}
    where event_date <= {{ as_of_date() }}

),

shared_devices as (

    select
        'anonymous' as identifier_kind,
        source_system as identifier_source,
        anonymous_id as identifier_value
    from device_profiles
    where is_shared

),

events_of_nobody as (

    select coalesce(sum(event_days.event_count), 0) as event_count
    from event_days
    inner join shared_devices
        on event_days.identifier_kind = shared_devices.identifier_kind
        and event_days.identifier_source = shared_devices.identifier_source
        and event_days.identifier_value = shared_devices.identifier_value

),

all_events as (

    select coalesce(sum(event_count), 0) as event_count
    from event_days

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
        cast(events_of_nobody.event_count as bigint) as row_count,
        cast(all_events.event_count as bigint) as of_row_count
    from events_of_nobody
    cross join all_events

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
