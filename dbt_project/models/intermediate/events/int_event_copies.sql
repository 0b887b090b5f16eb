{#-
    Only what has arrived since: those that read it keep what they made of earlier rows. Stored,
    since they look at it several times and parsing text costs more than all that follows.
-#}
{{ config(materialized='table') }}

with

events as (

    select * from {{ ref('stg_events') }}
    {{ not_yet_in_all_of(['int_events', 'int_arrival_rejects']) }}

),

event_names as (

    select * from {{ ref('event_names') }}

),

identified as (

    select
        events.*,
        {{ identifier_columns(has_anonymous=true) }},
        cast(occurred_at as string) as told_occurred_at,
        {{ corrected_instant('occurred_at', 'received_at') }} as corrected_occurred_at,
        {{ has_skewed_clock('occurred_at', 'received_at') }} as has_skewed_clock
    from events

),

dated as (

    select
        identified.*,
        {{ local_date('corrected_occurred_at') }} as event_date
    from identified

),

final as (

    select
        dated.source_system,
        coalesce(
            dated.event_id,
            {{ sha256_hex(natural_key([
                'dated.identifier_kind', 'dated.identifier_value', 'dated.told_occurred_at',
                'dated.event_name', 'dated.page_path', 'dated.product_id', 'dated.content_id',
            ])) }}
        ) as event_key,
        dated.identifier_kind,
        dated.identifier_source,
        dated.identifier_value,
        dated.customer_id,
        dated.email_hash,
        dated.anonymous_id,
        dated.session_id,
        dated.corrected_occurred_at as occurred_at,
        dated.event_date,
        dated.event_name,
        event_names.event_name is not null as is_known_event_name,
        dated.product_id,
        dated.category,
        dated.content_id,
        dated.content_topic,
        dated.content_format,
        dated.page_path,
        dated.result_count,
        dated.channel,
        dated.source,
        dated.medium,
        dated.campaign_id,
        dated.device_type,
        dated.country_code,
        dated.engaged_seconds,
        dated.has_skewed_clock,
        dated.user_agent,
        coalesce(dated.is_bot, false) as is_told_bot,
        dated.reject_reason,
        dated.reject_column,
        case when dated.reject_reason is not null then dated.key_pseudonym end as key_pseudonym,
        dated.arrival_seq,
        dated.file_name,
        dated.row_number,
        {{ first_of_month('dated.event_date') }} as event_month
    from dated
    left join event_names
        on dated.event_name = event_names.event_name

)

select * from final
