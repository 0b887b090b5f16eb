{#- A view: messages are read once each, by their arrival sequence, and never all again. -#}
{{ config(materialized='view') }}
{%- set event_names = [
    'sent', 'delivered', 'open', 'click', 'bounce', 'unsubscribe', 'complaint',
] -%}
{%- set unknown_event_name =
    "coalesce(event_name, '') not in ('" ~ event_names | join("', '") ~ "')"
-%}
{%- set rules =
    text_rules('source_system', 'missing_id')
    + text_rules('message_id', 'missing_id')
    + text_rules('campaign_id', 'missing_reference')
    + text_rules('channel', 'missing_channel')
    + identifier_rules(['customer_id', 'email_hash'])
    + [['event_name', 'unknown_event_name', unknown_event_name]]
    + instant_rules('occurred_at', is_required=true)
    + flag_rules('is_machine_open')
-%}

with

source as (

    select * from {{ source('raw', 'messages') }}

),

parsed as (

    select
        {{ clean_text('source_system') }} as source_system,
        {{ clean_text('message_id') }} as message_id,
        {{ clean_text('customer_id') }} as customer_id,
        {{ clean_text('email_hash') }} as email_hash,
        {{ clean_text('campaign_id') }} as campaign_id,
        {{ clean_text('variant_id') }} as variant_id,
        {{ to_code('event_name') }} as event_name,
        {{ to_code('channel') }} as channel,
        {{ clean_text('topic') }} as topic,
        {{ to_code('benefit_tag') }} as benefit_tag,
        {{ parsed_flag('is_machine_open') }},
        {{ parsed_instant('occurred_at') }},
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
        message_id,
        customer_id,
        email_hash,
        campaign_id,
        variant_id,
        {{ sha256_hex(natural_key(
            ['source_system', 'message_id', 'event_name', 'occurred_at_text']
        )) }} as key_pseudonym,

        -- codes
        event_name,
        channel,
        topic,
        benefit_tag,

        -- flags
        is_machine_open,

        -- times
        occurred_at,

        -- delivery
        arrival_seq,
        file_name,
        row_number,
        {{ reject_columns(rules) }}
    from parsed

)

select * from final
