with

message_events as (

    select * from {{ ref('int_profile_message_events') }}

),

messages as (

    select
        profile_id,
        source_system,
        message_id,
        channel,
        min(event_date) as message_date,
        {{ dbt.bool_or("event_name = 'bounce'") }} as is_bounced,
        {{ dbt.bool_or("event_name = 'open' and is_reaction") }} as is_opened,
        {{ dbt.bool_or("event_name = 'click'") }} as is_clicked,
        min(case when is_reaction then occurred_at end) as first_reacted_at
    from message_events
    group by profile_id, source_system, message_id, channel

),

final as (

    select
        profile_id,
        source_system,
        message_id,
        channel,
        message_date,
        is_bounced,
        is_opened,
        is_clicked,
        first_reacted_at
    from messages
    where
        message_date
        > {{ add_days(as_of_date(), '-' ~ var('engagement_window_days')) }}

)

select * from final
