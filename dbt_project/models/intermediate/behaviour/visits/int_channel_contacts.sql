with

event_days as (

    select * from {{ ref('int_profile_event_days') }}
    where
        anchor_role = 'as_of'
        and days_before_anchor < {{ var('engagement_window_days') }}

),

orders as (

    select * from {{ ref('int_orders_as_of') }}
    where
        anchor_role = 'as_of'
        and order_outcome = 'valid'
        and not is_renewal
        and days_before_anchor < {{ var('engagement_window_days') }}

),

channel_kinds as (

    select * from {{ ref('channel_kinds') }}

),

contacts as (

    select
        profile_id,
        event_date as contact_date,
        event_name,
        channel
    from event_days

    union all

    select
        profile_id,
        ordered_date as contact_date,
        'order' as event_name,
        channel
    from orders

),

-- What happened tells more than the channel it was reported through.
kinds as (

    select
        contacts.profile_id,
        contacts.contact_date,
        coalesce(by_event.channel_kind, by_channel.channel_kind) as channel_kind
    from contacts
    left join channel_kinds as by_event
        on by_event.field = 'event_name'
        and contacts.event_name = by_event.value
    left join channel_kinds as by_channel
        on by_channel.field = 'channel'
        and contacts.channel = by_channel.value

),

final as (

    select
        profile_id,
        count(distinct case when channel_kind = 'online' then contact_date end)
            as online_day_count,
        count(distinct case when channel_kind = 'store' then contact_date end)
            as store_day_count
    from kinds
    where channel_kind is not null
    group by profile_id

)

select * from final
