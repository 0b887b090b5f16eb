{%- set rules =
    text_rules('source_system', 'missing_id')
    + text_rules('customer_id', 'missing_id')
    + instant_rules('created_at')
    + instant_rules('updated_at')
-%}

with

source as (

    select * from {{ source('raw', 'customers') }}

),

parsed as (

    select
        {{ clean_text('source_system') }} as source_system,
        {{ clean_text('customer_id') }} as customer_id,
        {{ clean_text('email_hash') }} as email_hash,
        {{ clean_text('loyalty_member_id') }} as loyalty_member_id,
        {{ to_code('account_type') }} as account_type,
        {{ to_time_zone('timezone') }} as timezone,
        {{ clean_text('loyalty_tier') }} as loyalty_tier,
        {{ parsed_instant('created_at') }},
        {{ parsed_instant('updated_at') }},
        {{ to_instant('loyalty_joined_at') }} as loyalty_joined_at,
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
        customer_id,
        email_hash,
        loyalty_member_id,
        {{ sha256_hex(natural_key(['source_system', 'customer_id'])) }} as key_pseudonym,

        -- codes
        account_type,
        timezone,
        loyalty_tier,

        -- times
        created_at,
        updated_at,
        loyalty_joined_at,

        -- delivery
        arrival_seq,
        file_name,
        row_number,
        {{ reject_columns(rules) }}
    from parsed

)

select * from final
