{{ config(
    materialized='incremental',
    unique_key='link_month',
    incremental_strategy=month_strategy(),
    partition_by=month_partition('link_month'),
) }}

with

events as {{ read_anew() }} (

    select * from {{ ref('int_events') }}
    {{ of_changed_months(ref('int_events')) }}

),

months as (

    select
        event_month as link_month,
        max(last_arrival_seq) as last_arrival_seq
    from events
    group by event_month

),

links as (

    select
        identifier_kind as known_kind,
        identifier_source as known_source,
        identifier_value as known_value,
        source_system as anonymous_source,
        anonymous_id as anonymous_value,
        min(occurred_at) as first_seen_at,
        max(last_arrival_seq) as last_arrival_seq,
        event_month as link_month
    from events
    where
        exclusion_reason is null
        and anonymous_id is not null
        and identifier_kind <> 'anonymous'
    group by
        identifier_kind, identifier_source, identifier_value, source_system, anonymous_id,
        event_month

),

-- A month of which nothing is left keeps a row of nulls, or its former rows would stay.
final as (

    select
        links.known_kind,
        links.known_source,
        links.known_value,
        links.anonymous_source,
        links.anonymous_value,
        links.first_seen_at,
        coalesce(links.last_arrival_seq, months.last_arrival_seq) as last_arrival_seq,
        months.link_month
    from months
    left join links
        on months.link_month = links.link_month

)

select * from final
