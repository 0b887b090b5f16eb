with

event_days as (

    select * from {{ ref('int_event_days') }}
    where event_date <= {{ as_of_date() }}

),

-- What people do with messages. That one was sent is nothing that they did.
reactions as (

    select * from {{ ref('int_message_events') }}
    where
        event_date <= {{ as_of_date() }}
        and (
            event_name in ('click', 'unsubscribe', 'complaint')
            or (event_name = 'open' and not coalesce(is_machine_open, false))
        )

),

feedback as (

    select * from {{ ref('int_feedback') }}
    where feedback_date <= {{ as_of_date() }}

),

activities as (

    select
        identifier_kind,
        identifier_source,
        identifier_value,
        event_date as activity_date,
        event_count as activity_count
    from event_days

    union all

    select
        identifier_kind,
        identifier_source,
        identifier_value,
        event_date as activity_date,
        1 as activity_count
    from reactions

    union all

    select
        identifier_kind,
        identifier_source,
        identifier_value,
        feedback_date as activity_date,
        1 as activity_count
    from feedback

),

final as (

    select
        identifier_kind,
        identifier_source,
        identifier_value,
        max(activity_date) as last_activity_date,
        cast(sum(activity_count) as bigint) as activity_count
    from activities
    where identifier_kind is not null
    group by identifier_kind, identifier_source, identifier_value

)

select * from final
