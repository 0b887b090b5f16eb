with

content_days as (

    select * from {{ ref('int_content_days') }}
    where
        event_date <= {{ as_of_date() }}
        and event_date > {{ add_days(as_of_date(), '-' ~ behaviour_window_days()) }}

),

identifier_profiles as (

    select * from {{ ref('int_identifier_profiles') }}
    where anchor_role = 'as_of' and profile_id is not null

),

final as (

    select
        identifier_profiles.profile_id,
        content_days.event_date,
        content_days.content_topic,
        content_days.content_format,
        cast(sum(content_days.signal_count) as bigint) as signal_count
    from content_days
    inner join identifier_profiles
        on content_days.identifier_kind = identifier_profiles.identifier_kind
        and content_days.identifier_source = identifier_profiles.identifier_source
        and content_days.identifier_value = identifier_profiles.identifier_value
    group by
        identifier_profiles.profile_id,
        content_days.event_date,
        content_days.content_topic,
        content_days.content_format

)

select * from final
