{#- A view: events are read once each, by their arrival sequence, and never all again. -#}
{{ config(materialized='view') }}
{%- set not_a_count = 'result_count_text is not null and result_count is null' -%}
{%- set not_a_number = 'not ' ~ matches_pattern('engaged_seconds_text', number_pattern()) -%}
{%- set rules =
    text_rules('source_system', 'missing_id')
    + text_rules('event_name', 'missing_event_name')
    + identifier_rules(['customer_id', 'email_hash', 'anonymous_id'])
    + event_instant_rules()
    + flag_rules('is_bot')
    + [
        ['result_count', 'invalid_amount', not_a_count],
        ['engaged_seconds', 'invalid_amount', not_a_number],
        ['engaged_seconds', 'negative_amount', 'engaged_seconds < 0'],
        ['engaged_seconds', 'amount_too_large', 'engaged_seconds > 86400'],
    ]
-%}

with

source as (

    select * from {{ source('raw', 'events') }}

),

parsed as (

    select
        {{ clean_text('source_system') }} as source_system,
        {{ clean_text('event_id') }} as event_id,
        {{ clean_text('customer_id') }} as customer_id,
        {{ clean_text('email_hash') }} as email_hash,
        {{ clean_text('anonymous_id') }} as anonymous_id,
        {{ clean_text('session_id') }} as session_id,
        {{ clean_text('product_id') }} as product_id,
        {{ clean_text('content_id') }} as content_id,
        {{ clean_text('campaign_id') }} as campaign_id,
        {{ to_code('event_name') }} as event_name,
        {{ clean_text('category') }} as category,
        {{ clean_text('content_topic') }} as content_topic,
        {{ to_code('content_format') }} as content_format,
        {{ without_query('page_path') }} as page_path,
        {{ to_code('channel') }} as channel,
        {{ to_code('source') }} as source,
        {{ to_code('medium') }} as medium,
        {{ to_code('device_type') }} as device_type,
        {{ to_code('user_agent') }} as user_agent,
        upper({{ clean_text('country_code') }}) as country_code,
        {{ parsed_flag('is_bot') }},
        {{ clean_text('result_count') }} as result_count_text,
        {{ to_whole_number('result_count') }} as result_count,
        {{ clean_text('engaged_seconds') }} as engaged_seconds_text,
        {{ to_amount('engaged_seconds', 'decimal(18, 3)') }} as engaged_seconds,
        {{ parsed_instant('occurred_at') }},
        {{ parsed_instant('received_at') }},
        {{ to_instant('loaded_at') }} as loaded_at,
        arrival_seq,
        file_name,
        row_number
    from source

),

final as (

    select
        -- ids
        source_system,
        event_id,
        customer_id,
        email_hash,
        anonymous_id,
        session_id,
        product_id,
        content_id,
        campaign_id,
        {{ sha256_hex(natural_key([
            'source_system', 'event_id', 'customer_id', 'email_hash', 'anonymous_id',
            'occurred_at_text', 'event_name', 'page_path', 'product_id',
        ])) }} as key_pseudonym,

        -- what and where
        event_name,
        category,
        content_topic,
        content_format,
        page_path,
        channel,
        source,
        medium,
        device_type,
        user_agent,
        country_code,

        -- flags
        is_bot,

        -- measures
        result_count,
        engaged_seconds,

        -- times
        occurred_at,
        received_at,

        -- delivery
        arrival_seq,
        file_name,
        row_number,
        {{ reject_columns(rules) }}
    from parsed

)

select * from final
