with

event_days as {{ read_anew() }} (

    select * from {{ ref('int_profile_event_days') }}
    where anchor_role = 'as_of'

),

message_events as (

    select * from {{ ref('int_profile_message_events') }}
    where is_reaction

),

event_weights as (

    select * from {{ ref('engagement_event_weights') }}

),

-- One message opened five times a day is one.
message_reactions as (

    select
        profile_id,
        event_date,
        channel,
        event_name,
        source_system,
        message_id
    from message_events
    group by profile_id, event_date, channel, event_name, source_system, message_id

),

actions as (

    select
        profile_id,
        event_date,
        event_name,
        channel,
        cast(event_count as decimal(18, 3)) as amount,
        1 as unit_amount
    from event_days

    union all

    select
        profile_id,
        event_date,
        'engaged_minutes' as event_name,
        channel,
        engaged_seconds as amount,
        60 as unit_amount
    from event_days

    union all

    select
        profile_id,
        event_date,
        'message_' || event_name as event_name,
        channel,
        cast(1 as decimal(18, 3)) as amount,
        1 as unit_amount
    from message_reactions

),

-- The row with the channel's own name goes before the one for all others.
weighted as (

    select
        actions.profile_id,
        actions.event_date,
        any_channel.event_name,
        coalesce(own_channel.channel, any_channel.channel) as rule_channel,
        coalesce(own_channel.weight, any_channel.weight) as weight,
        coalesce(own_channel.daily_cap, any_channel.daily_cap) as daily_cap,
        actions.amount,
        actions.unit_amount
    from actions
    inner join event_weights as any_channel
        on actions.event_name = any_channel.event_name
        and any_channel.channel = '*'
    left join event_weights as own_channel
        on actions.event_name = own_channel.event_name
        and actions.channel = own_channel.channel

),

-- A cap holds for all that a row of the table takes on a day.
counted as (

    select
        profile_id,
        event_date,
        weight,
        least(cast(floor(sum(amount) / unit_amount) as bigint), daily_cap) as counted
    from weighted
    group by
        profile_id, event_date, event_name, rule_channel, weight, daily_cap, unit_amount

),

final as (

    select
        profile_id,
        event_date,
        cast(sum(weight * counted) as decimal(18, 4)) as brand_points
    from counted
    where counted > 0
    group by profile_id, event_date

)

select * from final
