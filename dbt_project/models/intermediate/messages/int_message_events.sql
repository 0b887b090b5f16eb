{{ config(
    materialized='incremental',
    unique_key='event_month',
    incremental_strategy=month_strategy(),
    partition_by=month_partition('event_month'),
) }}
{#- What a delivered row says of its event; the key is in front. Copies may differ in the rest. -#}
{%- set event_columns = [
    'source_system', 'message_id', 'event_name', 'occurred_at', 'identifier_kind',
    'identifier_source', 'identifier_value', 'event_date', 'channel', 'campaign_id', 'variant_id',
    'topic', 'benefit_tag', 'is_machine_open',
] -%}

with

messages as (

    select * from {{ ref('stg_messages') }}
    {{ since_last_arrival() }}

),

{% if is_incremental() -%}
known as (

    select * from {{ this }}

),

{% endif -%}
dated as (

    select
        messages.*,
        {{ identifier_columns() }},
        {{ local_date('occurred_at') }} as event_date
    from messages
    where reject_reason is null

),

arrived as (

    select
        source_system,
        message_id,
        event_name,
        occurred_at,
        identifier_kind,
        identifier_source,
        identifier_value,
        event_date,
        channel,
        campaign_id,
        variant_id,
        topic,
        benefit_tag,
        coalesce(is_machine_open, false) as is_machine_open,
        1 as copy_count,
        arrival_seq as last_arrival_seq,
        {{ first_of_month('event_date') }} as event_month
    from dated

),

{% if is_incremental() -%}
changed_months as (

    select event_month
    from arrived
    group by event_month

),

{% endif -%}
versions as (

    select * from arrived
    {%- if is_incremental() %}

    union all

    select
        {{ event_columns | join(',\n        ') }},
        copy_count,
        last_arrival_seq,
        event_month
    from known
    where event_month in (select event_month from changed_months)
    {%- endif %}

),

hashed as (

    select
        versions.*,
        {{ content_hash(event_columns) }} as content_hash
    from versions

),

-- All copies are of one instant; which of them stands must not depend on the order of arrival.
ranked as (

    select
        hashed.*,
        row_number() over (
            partition by source_system, message_id, event_name, occurred_at
            order by content_hash
        ) as content_rank,
        sum(copy_count) over (
            partition by source_system, message_id, event_name, occurred_at
        ) as event_copy_count,
        max(last_arrival_seq) over (
            partition by source_system, message_id, event_name, occurred_at
        ) as event_last_arrival_seq
    from hashed

),

final as (

    select
        source_system,
        message_id,
        identifier_kind,
        identifier_source,
        identifier_value,
        occurred_at,
        event_date,
        event_name,
        channel,
        campaign_id,
        variant_id,
        topic,
        benefit_tag,
        is_machine_open,
        cast(event_copy_count as bigint) as copy_count,
        cast(event_last_arrival_seq as bigint) as last_arrival_seq,
        event_month
    from ranked
    where content_rank = 1

)

select * from final
