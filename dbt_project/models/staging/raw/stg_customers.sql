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

renamed as (

    select
        -- ids
        {{ clean_text('source_system') }} as source_system,
        {{ clean_text('customer_id') }} as customer_id,
        {{ clean_text('email_hash') }} as email_hash,
        {{ sha256_hex(natural_key([clean_text('source_system'), clean_text('customer_id')])) }}
            as key_pseudonym,

        -- codes
        {{ to_code('account_type') }} as account_type,

        -- times
        {{ to_instant('created_at') }} as created_at,
        {{ to_instant('updated_at') }} as updated_at,

        -- delivery
        arrival_seq,
        file_name,
        row_number,
        {{ reject_columns(rules) }}
    from source

)

select * from renamed
