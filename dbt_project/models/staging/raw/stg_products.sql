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

parsed as (

    select
        {{ clean_text('source_system') }} as source_system,
        {{ clean_text('product_id') }} as product_id,
        {{ clean_text('title') }} as title,
        {{ clean_text('category') }} as category,
        {{ clean_text('subcategory') }} as subcategory,
        {{ clean_text('brand') }} as brand,
        {{ parsed_amount('price') }},
        arrival_seq,
        file_name,
        row_number
    from source

),

final as (

    select
        -- ids
        source_system,
        product_id,
        {{ sha256_hex(natural_key(['source_system', 'product_id'])) }} as key_pseudonym,

        -- descriptions
        title as product_title,
        category,
        subcategory,
        brand,

        -- amounts
        price,

        -- delivery
        arrival_seq,
        file_name,
        row_number,
        {{ reject_columns(rules) }}
    from parsed

)

select * from final
