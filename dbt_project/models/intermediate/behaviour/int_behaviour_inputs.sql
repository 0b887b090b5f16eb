with

as_of as (

    select * from {{ ref('as_of') }}

),

event_days as (

    select min(event_date) as first_date
    from {{ ref('int_event_days') }}

),

content_days as (

    select min(event_date) as first_date
    from {{ ref('int_content_days') }}
    where content_topic <> '' or content_format <> ''

),

message_events as (

    select min(event_date) as first_date
    from {{ ref('int_message_events') }}

),

feedback as (

    select min(feedback_date) as first_date
    from {{ ref('int_feedback') }}

),

-- Known from its first day on, so that a day before it is built as if the input were not there.
final as (

    select
        as_of.as_of_date,
        coalesce(event_days.first_date <= as_of.as_of_date, false) as has_events,
        coalesce(content_days.first_date <= as_of.as_of_date, false) as has_content,
        coalesce(message_events.first_date <= as_of.as_of_date, false) as has_messages,
        coalesce(feedback.first_date <= as_of.as_of_date, false) as has_feedback
    from as_of
    cross join event_days
    cross join content_days
    cross join message_events
    cross join feedback

)

select * from final
