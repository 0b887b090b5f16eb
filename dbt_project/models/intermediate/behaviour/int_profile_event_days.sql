with

anchors as (

    select * from {{ ref('int_anchors') }}

),

event_days as (

    select * from {{ ref('int_event_days') }}

),

identifier_profiles as (

    select * from {{ ref('int_identifier_profiles') }}
    where profile_id is not null

),

final as (

    select
        anchors.anchor_role,
        identifier_profiles.profile_id,
        event_days.event_date,
        {{ dbt.datediff('event_days.event_date', 'anchors.anchor_date', 'day') }}
            as days_before_anchor,
        event_days.event_name,
        event_days.channel,
        cast(sum(event_days.event_count) as bigint) as event_count,
        cast(coalesce(sum(event_days.engaged_seconds), 0) as decimal(18, 3)) as engaged_seconds
    from event_days
    inner join anchors
        on event_days.event_date <= anchors.anchor_date
        and event_days.event_date
        > {{ add_days('anchors.anchor_date', '-' ~ behaviour_window_days()) }}
    inner join identifier_profiles
        on anchors.anchor_role = identifier_profiles.anchor_role
        and event_days.identifier_kind = identifier_profiles.identifier_kind
        and event_days.identifier_source = identifier_profiles.identifier_source
        and event_days.identifier_value = identifier_profiles.identifier_value
    group by
        anchors.anchor_role,
        identifier_profiles.profile_id,
        event_days.event_date,
        anchors.anchor_date,
        event_days.event_name,
        event_days.channel

)

select * from final
