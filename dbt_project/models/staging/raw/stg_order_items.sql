{%- set line_amount = to_amount('quantity') ~ ' * ' ~ to_amount('unit_price') -%}
{%- set rules =
    text_rules('source_system', 'missing_id')
    + text_rules('order_item_id', 'missing_id')
    + text_rules('order_id', 'missing_reference')
    + text_rules('product_id', 'missing_reference')
    + amount_rules('quantity', is_required=true, may_be_negative=true)
    + amount_rules('unit_price', is_required=true, may_be_negative=true)
    + [['quantity', 'amount_too_large', 'abs(' ~ line_amount ~ ') >= 1000000000000']]
    + amount_rules('discount_amount')
    + amount_rules('tax_amount')
    + boolean_rules('is_gift_card')
-%}

with

source as (

    select * from {{ source('raw', 'order_items') }}

),

renamed as (

    select
        -- ids
        {{ clean_text('source_system') }} as source_system,
        {{ clean_text('order_item_id') }} as order_item_id,
        {{ clean_text('order_id') }} as order_id,
        {{ clean_text('product_id') }} as product_id,
        {{ sha256_hex(natural_key([clean_text('source_system'), clean_text('order_item_id')])) }}
            as key_pseudonym,

        -- flags
        {{ to_boolean('is_gift_card') }} as is_gift_card,

        -- amounts
        {{ to_amount('quantity') }} as quantity,
        {{ to_amount('unit_price') }} as unit_price,
        {{ to_amount('discount_amount') }} as discount_amount,
        {{ to_amount('tax_amount') }} as tax_amount,

        -- delivery
        arrival_seq,
        file_name,
        row_number,
        {{ reject_columns(rules) }}
    from source

)

select * from renamed
