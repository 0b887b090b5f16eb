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

months as (

    select
        event_month,
        max(last_arrival_seq) as last_arrival_seq
    from events
    group by event_month

),

days as (

    select
        identifier_kind,
        identifier_source,
        identifier_value,
        event_date,
        event_name,
        coalesce(channel, '') as channel,
        count(*) as event_count,
        sum(coalesce(engaged_seconds, 0)) as engaged_seconds,
        min(occurred_at) as first_occurred_at,
        max(occurred_at) as last_occurred_at,
        max(last_arrival_seq) as last_arrival_seq,
        event_month
    from events
    where exclusion_reason is null
    group by
        identifier_kind, identifier_source, identifier_value, event_date, event_name,
        coalesce(channel, ''), event_month

),

-- A month of which nothing is left keeps a row of nulls, or its former rows would stay.
final as (

    select
        days.identifier_kind,
        days.identifier_source,
        days.identifier_value,
        days.event_date,
        days.event_name,
        days.channel,
        days.event_count,
        cast(days.engaged_seconds as decimal(18, 3)) as engaged_seconds,
        days.first_occurred_at,
        days.last_occurred_at,
        coalesce(days.last_arrival_seq, months.last_arrival_seq) as last_arrival_seq,
        months.event_month
    from months
    left join days
        on months.event_month = days.event_month

)

select * from final
