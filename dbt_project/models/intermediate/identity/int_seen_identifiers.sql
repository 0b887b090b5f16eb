with

event_days as (

    select * from {{ ref('int_event_days') }}
    where identifier_kind is not null

),

message_events as (

    select * from {{ ref('int_message_events') }}
    where identifier_kind is not null

),

feedback as (

    select * from {{ ref('int_feedback') }}
    where identifier_kind is not null

),

sightings as (

    select
        identifier_kind,
        identifier_source,
        identifier_value,
        event_date as seen_date
    from event_days

    union all

    select
        identifier_kind,
        identifier_source,
        identifier_value,
        event_date as seen_date
    from message_events

    union all

    select
        identifier_kind,
        identifier_source,
        identifier_value,
        feedback_date as seen_date
    from feedback

),

final as (

    select
        identifier_kind,
        identifier_source,
        identifier_value,
        min(seen_date) as first_seen_date
    from sightings
    group by identifier_kind, identifier_source, identifier_value

)

select * from final
