with

profiles as (

    select * from {{ ref('int_profiles') }}

),

message_channels as (

    select * from {{ ref('int_message_channels') }}

),

final as (

    select
        profiles.profile_id,
        message_channels.channel,
        profiles.as_of_date,
        message_channels.sent_count,
        message_channels.bounced_count,
        message_channels.delivered_count,
        message_channels.opened_count,
        message_channels.clicked_count,
        message_channels.reacted_count,
        message_channels.response_rate,
        message_channels.channel_response_rate,
        message_channels.is_preferred
    from profiles
    inner join message_channels
        on profiles.profile_id = message_channels.profile_id

)

select * from final
