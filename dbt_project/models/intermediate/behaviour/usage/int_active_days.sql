with

event_days as (

    select * from {{ ref('int_profile_event_days') }}

),

event_weights as (

    select * from {{ ref('engagement_event_weights') }}

),

final as (

    select
        event_days.anchor_role,
        event_days.profile_id,
        event_days.event_date,
        event_days.days_before_anchor
    from event_days
    inner join event_weights as any_channel
        on event_days.event_name = any_channel.event_name
        and any_channel.channel = '*'
    left join event_weights as own_channel
        on event_days.event_name = own_channel.event_name
        and event_days.channel = own_channel.channel
    where coalesce(own_channel.is_usage, any_channel.is_usage)
    group by
        event_days.anchor_role,
        event_days.profile_id,
        event_days.event_date,
        event_days.days_before_anchor

)

select * from final
