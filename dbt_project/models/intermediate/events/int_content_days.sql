{{ config(
    materialized='incremental',
    unique_key='event_month',
    incremental_strategy=month_strategy(),
    partition_by=month_partition('event_month'),
) }}

with

events as {{ read_anew() }} (

    select * from {{ ref('int_events') }}
    {{ of_changed_months(ref('int_events')) }}

),

event_names as (

    select * from {{ ref('event_names') }}

),

months as (

    select
        event_month,
        max(last_arrival_seq) as last_arrival_seq
    from events
    group by event_month

),

days as (

    select
        events.identifier_kind,
        events.identifier_source,
        events.identifier_value,
        events.event_date,
        coalesce(events.content_topic, '') as content_topic,
        coalesce(events.content_format, '') as content_format,
        count(*) as signal_count,
        max(events.last_arrival_seq) as last_arrival_seq,
        events.event_month
    from events
    inner join event_names
        on events.event_name = event_names.event_name
        and event_names.is_content_signal
    where
        events.exclusion_reason is null
        and (events.content_topic is not null or events.content_format is not null)
    group by
        events.identifier_kind, events.identifier_source, events.identifier_value,
        events.event_date, coalesce(events.content_topic, ''),
        coalesce(events.content_format, ''), events.event_month

),

-- A month of which nothing is left keeps a row of nulls, or its former rows would stay.
final as (

    select
        days.identifier_kind,
        days.identifier_source,
        days.identifier_value,
        days.event_date,
        days.content_topic,
        days.content_format,
        days.signal_count,
        coalesce(days.last_arrival_seq, months.last_arrival_seq) as last_arrival_seq,
        months.event_month
    from months
    left join days
        on months.event_month = days.event_month

)

select * from final
