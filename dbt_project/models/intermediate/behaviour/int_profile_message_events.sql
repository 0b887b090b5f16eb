with

message_events as (

    select * from {{ ref('int_message_events') }}
    where
        event_date <= {{ as_of_date() }}
        and event_date > {{ add_days(as_of_date(), '-' ~ behaviour_window_days()) }}

),

identifier_profiles as (

    select * from {{ ref('int_identifier_profiles') }}
    where anchor_role = 'as_of' and profile_id is not null

),

-- An open that a machine made is none; its click, which a person may have made, stays one.
final as (

    select
        identifier_profiles.profile_id,
        message_events.source_system,
        message_events.message_id,
        message_events.channel,
        message_events.event_name,
        message_events.occurred_at,
        message_events.event_date,
        message_events.event_name = 'click'
        or (message_events.event_name = 'open' and not coalesce(is_machine_open, false))
            as is_reaction
    from message_events
    inner join identifier_profiles
        on message_events.identifier_kind = identifier_profiles.identifier_kind
        and message_events.identifier_source = identifier_profiles.identifier_source
        and message_events.identifier_value = identifier_profiles.identifier_value

)

select * from final
