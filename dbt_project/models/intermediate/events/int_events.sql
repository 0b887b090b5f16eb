{{ config(
    materialized='incremental',
    unique_key='event_month',
    incremental_strategy=month_strategy(),
    partition_by=month_partition('event_month'),
) }}
{#- What a delivered row says of its event. All copies of an event may differ in any of it. -#}
{%- set content_columns = [
    'identifier_kind', 'identifier_source', 'identifier_value', 'customer_id', 'email_hash',
    'anonymous_id', 'session_id', 'occurred_at', 'event_date', 'event_name',
    'is_known_event_name', 'product_id', 'category', 'content_id', 'content_topic',
    'content_format', 'page_path', 'result_count', 'channel', 'source', 'medium', 'campaign_id',
    'device_type', 'country_code', 'engaged_seconds', 'has_skewed_clock',
] -%}
{%- set event_columns = ['source_system', 'event_key'] + content_columns -%}
{#- Few events come more than once, and comparing copies costs: only theirs are compared. -#}

with

delivered as {{ read_anew() }} (

    select * from {{ ref('int_event_copies') }}
    {{ since_last_arrival() }}

),

copies as {{ read_anew() }} (

    select * from delivered
    where reject_reason is null

),

bot_user_agents as (

    select * from {{ ref('bot_user_agents') }}

),

{% if is_incremental() -%}
known_events as {{ read_anew() }} (

    select * from {{ this }}

),

{% endif -%}
user_agents as (

    -- One row per agent: far fewer than events, so patterns are tried on few.
    select distinct user_agent
    from copies
    where user_agent is not null

),

bot_agents as (

    select user_agents.user_agent
    from user_agents
    inner join bot_user_agents
        on {{ dbt.position('bot_user_agents.pattern', 'user_agents.user_agent') }} > 0
    group by user_agents.user_agent

),

arrived as {{ read_anew() }} (

    select
        {%- for column in event_columns %}
        copies.{{ column }},
        {%- endfor %}
        copies.is_told_bot or bot_agents.user_agent is not null as is_bot,
        1 as copy_count,
        copies.arrival_seq as last_arrival_seq,
        copies.event_month
    from copies
    left join bot_agents
        on copies.user_agent = bot_agents.user_agent

),

arrived_keys as (

    select
        source_system,
        event_key,
        count(*) as copy_count
    from copies
    group by source_system, event_key
    {%- if not is_incremental() %}
    having count(*) > 1
    {%- endif %}

),

{% if is_incremental() -%}
known_keys as (

    select
        known_events.source_system,
        known_events.event_key,
        known_events.event_month
    from known_events
    inner join arrived_keys
        on known_events.source_system = arrived_keys.source_system
        and known_events.event_key = arrived_keys.event_key

),

-- Where something arrived, and where an event is known that has arrived again.
reached_months as (

    select event_month from copies

    union all

    select event_month from known_keys

),

changed_months as (

    select event_month
    from reached_months
    group by event_month

),

{% endif -%}
repeated_copies as (

    select
        source_system,
        event_key
    from arrived_keys
    where copy_count > 1
    {%- if is_incremental() %}

    union all

    select
        source_system,
        event_key
    from known_keys
    {%- endif %}

),

repeated_keys as (

    select
        source_system,
        event_key
    from repeated_copies
    group by source_system, event_key

),

{% if is_incremental() -%}
-- Once superseded, always: an earlier copy never goes away.
known as {{ read_anew() }} (

    select
        {%- for column in event_columns %}
        known_events.{{ column }},
        {%- endfor %}
        coalesce(known_events.exclusion_reason = 'bot', false) as is_bot,
        coalesce(known_events.exclusion_reason = 'superseded', false) as is_superseded,
        known_events.copy_count,
        known_events.last_arrival_seq,
        known_events.event_month,
        repeated_keys.event_key is not null as is_repeated
    from known_events
    inner join changed_months
        on known_events.event_month = changed_months.event_month
    left join repeated_keys
        on known_events.source_system = repeated_keys.source_system
        and known_events.event_key = repeated_keys.event_key

),

{% endif -%}
flagged as {{ read_anew() }} (

    select
        arrived.*,
        repeated_keys.event_key is not null as is_repeated
    from arrived
    left join repeated_keys
        on arrived.source_system = repeated_keys.source_system
        and arrived.event_key = repeated_keys.event_key

),

versions as (

    select
        {{ event_columns | join(',\n        ') }},
        is_bot,
        copy_count,
        last_arrival_seq,
        event_month
    from flagged
    where is_repeated
    {%- if is_incremental() %}

    union all

    select
        {{ event_columns | join(',\n        ') }},
        is_bot,
        copy_count,
        last_arrival_seq,
        event_month
    from known
    where is_repeated
    {%- endif %}

),

hashed as (

    select
        versions.*,
        {{ content_hash(content_columns) }} as content_hash
    from versions

),

ranked as (

    select
        hashed.*,
        row_number() over (
            partition by source_system, event_key, event_date
            order by occurred_at, content_hash, is_bot desc
        ) as day_rank,
        sum(copy_count) over (partition by source_system, event_key, event_date)
            as day_copy_count,
        min(event_date) over (partition by source_system, event_key) as first_date,
        max(last_arrival_seq) over (partition by source_system, event_key)
            as event_last_arrival_seq
    from hashed

),

-- The earliest copy is the event. One on another day leaves its row there, marked, so that a month
-- that lost an event is seen to have changed, and is never empty.
folded as (

    select
        {{ event_columns | join(',\n        ') }},
        is_bot,
        event_date > first_date as is_superseded,
        day_copy_count as copy_count,
        event_last_arrival_seq as last_arrival_seq,
        event_month
    from ranked
    where day_rank = 1

),

events as {{ read_anew() }} (

    select * from folded

    union all

    select
        {{ event_columns | join(',\n        ') }},
        is_bot,
        false as is_superseded,
        copy_count,
        last_arrival_seq,
        event_month
    from flagged
    where not is_repeated
    {%- if is_incremental() %}

    union all

    select
        {{ event_columns | join(',\n        ') }},
        is_bot,
        is_superseded,
        copy_count,
        last_arrival_seq,
        event_month
    from known
    where not is_repeated
    {%- endif %}

),

crowded_days as (

    select
        identifier_kind,
        identifier_source,
        identifier_value,
        event_date
    from events
    where not is_superseded
    group by identifier_kind, identifier_source, identifier_value, event_date
    having count(*) > {{ var('max_events_per_identifier_day') }}

),

final as (

    select
        {%- for column in event_columns %}
        events.{{ column }},
        {%- endfor %}
        case
            when events.is_superseded then 'superseded'
            when events.is_bot then 'bot'
            when crowded_days.event_date is not null then 'rate_cap'
        end as exclusion_reason,
        cast(events.copy_count as bigint) as copy_count,
        cast(events.last_arrival_seq as bigint) as last_arrival_seq,
        events.event_month
    from events
    left join crowded_days
        on events.identifier_kind = crowded_days.identifier_kind
        and events.identifier_source = crowded_days.identifier_source
        and events.identifier_value = crowded_days.identifier_value
        and events.event_date = crowded_days.event_date

)

select * from final
