with

profiles as (

    select * from {{ ref('int_profiles') }}

),

channel_contacts as (

    select * from {{ ref('int_channel_contacts') }}

),

known_channels as (

    select count(*) > 0 as has_channels
    from channel_contacts

),

contacts as (

    select
        profiles.profile_id,
        known_channels.has_channels,
        coalesce(channel_contacts.online_day_count, 0) as online_day_count,
        coalesce(channel_contacts.store_day_count, 0) as store_day_count
    from profiles
    cross join known_channels
    left join channel_contacts
        on profiles.profile_id = channel_contacts.profile_id

),

final as (

    select
        profile_id,
        case
            when not has_channels then 'insufficient_data'
            when online_day_count > 0 and store_day_count > 0 then 'omnichannel'
            when online_day_count > 0 then 'online_only'
            when store_day_count > 0 then 'store_only'
            else 'none'
        end as channel_mix,
        case when has_channels then online_day_count end as online_day_count,
        case when has_channels then store_day_count end as store_day_count
    from contacts

)

select * from final
