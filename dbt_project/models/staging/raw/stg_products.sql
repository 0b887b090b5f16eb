{%- set rules =
    text_rules('source_system', 'missing_id')
    + text_rules('product_id', 'missing_id')
    + text_rules('title', 'missing_title')
    + amount_rules('price')
-%}

with

source as (

    select * from {{ source('raw', 'products') }}

),

renamed as (

    select
        -- ids
        {{ clean_text('source_system') }} as source_system,
        {{ clean_text('product_id') }} as product_id,
        {{ sha256_hex(natural_key([clean_text('source_system'), clean_text('product_id')])) }}
            as key_pseudonym,

        -- descriptions
        {{ clean_text('title') }} as product_title,
        {{ clean_text('category') }} as category,
        {{ clean_text('subcategory') }} as subcategory,
        {{ clean_text('brand') }} as brand,

        -- amounts
        {{ to_amount('price') }} as price,

        -- delivery
        arrival_seq,
        file_name,
        row_number,
        {{ reject_columns(rules) }}
    from source

)

select * from renamed
