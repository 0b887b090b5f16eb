{{ config(
    materialized='incremental',
    unique_key='session_month',
    incremental_strategy=month_strategy(),
    partition_by=month_partition('session_month'),
) }}
{#-
    Sessions of a month need two days around it: one may begin before it and end after it, and what
    it is cut at depends on at most a day and a gap before the month.
-#}
{%- set margin_days = 2 -%}
{%- set session_seconds = var('session_max_hours') * 3600 -%}
{%- set counts = {
    'page_view': 'is_page_view',
    'product_view': 'is_product_view',
    'search': 'is_search',
    'cart_add': 'is_cart_add',
    'cart_remove': 'is_cart_remove',
    'checkout': 'is_checkout',
    'purchase': 'is_purchase',
} -%}
{%- set first_event_columns = ['channel', 'source', 'medium', 'campaign_id', 'device_type'] -%}
{%- set session_columns = [
    'device_kind', 'device_source', 'device_value', 'anchor_at', 'chunk_number',
] -%}
{#- Written out each time: not every engine has named windows. -#}
{%- set up_to_the_day =
    'partition by ' ~ session_columns | join(', ')
    ~ ' order by session_date rows between unbounded preceding and current row'
-%}

with

events as {{ read_anew() }} (

    select * from {{ ref('int_events') }}

),

event_names as (

    select * from {{ ref('event_names') }}

),

{% if is_incremental() -%}
changed_days as (

    select event_date
    from events
    where last_arrival_seq > {{ arrival_watermark() }}
    group by event_date

),

reached_months as (

    {% for days in [-margin_days, 0, margin_days] -%}
    select {{ first_of_month(add_days('event_date', days)) }} as session_month
    from changed_days
    {%- if not loop.last %}

    union all

    {% endif -%}
    {%- endfor %}

),

changed_months as (

    select session_month
    from reached_months
    group by session_month

),

{% endif -%}
months as (

    select
        events.event_month as session_month,
        max(events.last_arrival_seq) as last_arrival_seq
    from events
    {%- if is_incremental() %}
    inner join changed_months
        on events.event_month = changed_months.session_month
    {%- endif %}
    group by events.event_month

),

{% if is_incremental() -%}
needed_days as (

    select
        session_month as event_month,
        session_month as from_date,
        {{ first_of_month('session_month', 1) }} as to_date
    from changed_months

    union all

    select
        {{ first_of_month('session_month', -1) }} as event_month,
        {{ add_days('session_month', -margin_days) }} as from_date,
        session_month as to_date
    from changed_months

    union all

    select
        {{ first_of_month('session_month', 1) }} as event_month,
        {{ first_of_month('session_month', 1) }} as from_date,
        {{ add_days(first_of_month('session_month', 1), margin_days) }} as to_date
    from changed_months

),

-- One range a month, so that no event is read twice; between two ranges it may read too much.
read_days as (

    select
        event_month,
        min(from_date) as from_date,
        max(to_date) as to_date
    from needed_days
    group by event_month

),

{% endif -%}
-- Once a month: a day's first instant costs more to find than the rest of an event.
month_starts as (

    select
        event_month,
        {{ local_midnight('event_month') }} as month_starts_at
    from events
    group by event_month

),

device_events as (

    select
        case
            when events.anonymous_id is not null then 'anonymous'
            else events.identifier_kind
        end as device_kind,
        case
            when events.anonymous_id is not null then events.source_system
            else events.identifier_source
        end as device_source,
        coalesce(events.anonymous_id, events.identifier_value) as device_value,
        case when events.identifier_kind <> 'anonymous' then events.identifier_kind end
            as known_kind,
        case when events.identifier_kind <> 'anonymous' then events.identifier_source end
            as known_source,
        case when events.identifier_kind <> 'anonymous' then events.identifier_value end
            as known_value,
        events.source_system,
        events.event_key,
        events.event_name,
        events.occurred_at,
        events.event_date,
        events.event_month,
        month_starts.month_starts_at,
        {%- for column in first_event_columns %}
        events.{{ column }},
        {%- endfor %}
        events.engaged_seconds,
        events.last_arrival_seq
    from events
    inner join month_starts
        on events.event_month = month_starts.event_month
    {%- if is_incremental() %}
    inner join read_days
        on events.event_month = read_days.event_month
        and events.event_date >= read_days.from_date
        and events.event_date < read_days.to_date
    {%- endif %}
    where events.exclusion_reason is null

),

gaps as (

    select
        device_events.*,
        lag(occurred_at) over (
            partition by device_kind, device_source, device_value
            order by occurred_at, source_system, event_key
        ) as previous_at
    from device_events

),

runs as (

    select
        gaps.*,
        max(
            case
                when
                    previous_at is null
                    or occurred_at
                    >= {{ dbt.dateadd('minute', var('session_timeout_minutes'), 'previous_at') }}
                    then occurred_at
            end
        ) over (
            partition by device_kind, device_source, device_value
            order by occurred_at, source_system, event_key
            rows between unbounded preceding and current row
        ) as run_begins_at
    from gaps

),

-- A run that is old when a month begins is counted from there, so each month can be made alone.
anchored as (

    select
        runs.*,
        case
            when
                run_begins_at
                >= {{ dbt.dateadd('hour', -1 * var('session_max_hours'), 'month_starts_at') }}
                then run_begins_at
            else month_starts_at
        end as anchor_at
    from runs

),

chunks as (

    select
        anchored.*,
        cast(
            floor(
                cast(
                    {{ epoch_microseconds('occurred_at') }} - {{ epoch_microseconds('anchor_at') }}
                    as {{ engine_type('double') }}
                ) / {{ session_seconds * 1000000 }}
            ) as integer
        ) as chunk_number
    from anchored

),

numbered as (

    select
        chunks.*,
        row_number() over (
            partition by {{ session_columns | join(', ') }}
            order by occurred_at, source_system, event_key
        ) as event_number
    from chunks

),

sessions as (

    select
        {{ session_columns | join(',\n        ') }},
        occurred_at as session_started_at,
        event_date as first_date,
        event_month as session_month,
        {{ first_event_columns | join(',\n        ') }}
    from numbered
    where event_number = 1

),

pieces as (

    select
        {%- for column in session_columns %}
        numbered.{{ column }},
        {%- endfor %}
        numbered.event_date as session_date,
        min(numbered.known_kind) as least_known_kind,
        max(numbered.known_kind) as greatest_known_kind,
        min(numbered.known_source) as least_known_source,
        max(numbered.known_source) as greatest_known_source,
        min(numbered.known_value) as least_known_value,
        max(numbered.known_value) as greatest_known_value,
        min(numbered.occurred_at) as first_event_at,
        max(numbered.occurred_at) as last_event_at,
        count(*) as event_count,
        {%- for name, flag in counts.items() %}
        count(case when event_names.{{ flag }} then 1 end) as {{ name }}_count,
        {%- endfor %}
        sum(coalesce(numbered.engaged_seconds, 0)) as engaged_seconds,
        max(numbered.last_arrival_seq) as last_arrival_seq
    from numbered
    left join event_names
        on numbered.event_name = event_names.event_name
    group by
        {%- for column in session_columns %}
        numbered.{{ column }},
        {%- endfor %}
        numbered.event_date

),

-- Who was seen up to the end of each day: what comes later must not change an earlier day.
seen as (

    select
        pieces.*,
        {%- for part in ['kind', 'source', 'value'] %}
        min(least_known_{{ part }}) over ({{ up_to_the_day }}) as first_known_{{ part }},
        max(greatest_known_{{ part }}) over ({{ up_to_the_day }}) as last_known_{{ part }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from pieces

),

session_days as (

    select
        seen.*,
        seen.first_known_kind = seen.last_known_kind
        and seen.first_known_source = seen.last_known_source
        and seen.first_known_value = seen.last_known_value as has_one_known,
        sessions.session_started_at,
        sessions.first_date,
        sessions.session_month,
        {%- for column in first_event_columns %}
        sessions.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from seen
    inner join sessions
        on
        {%- for column in session_columns %}
        {{ 'and ' if not loop.first }}seen.{{ column }} = sessions.{{ column }}
        {%- endfor %}

),

-- A month of which nothing is left keeps a row of nulls, or its former rows would stay.
final as (

    select
        session_days.device_kind,
        session_days.device_source,
        session_days.device_value,
        session_days.session_started_at,
        session_days.session_date,
        {%- for part in ['kind', 'source', 'value'] %}
        case
            when session_days.has_one_known then session_days.first_known_{{ part }}
            else session_days.device_{{ part }}
        end as identifier_{{ part }},
        {%- endfor %}
        session_days.session_date = session_days.first_date as is_first_day,
        session_days.first_event_at,
        session_days.last_event_at,
        session_days.event_count,
        {%- for name in counts %}
        session_days.{{ name }}_count,
        {%- endfor %}
        cast(session_days.engaged_seconds as decimal(18, 3)) as engaged_seconds,
        {%- for column in first_event_columns %}
        session_days.{{ column }},
        {%- endfor %}
        coalesce(session_days.last_arrival_seq, months.last_arrival_seq) as last_arrival_seq,
        months.session_month
    from months
    left join session_days
        on months.session_month = session_days.session_month

)

select * from final
