{%- set line_too_large = 'abs(' ~ times_price('quantity', 'unit_price') ~ ') >= 1000000000000' -%}
{%- set rules =
    text_rules('source_system', 'missing_id')
    + text_rules('order_item_id', 'missing_id')
    + text_rules('order_id', 'missing_reference')
    + text_rules('product_id', 'missing_reference')
    + amount_rules('quantity', is_required=true, may_be_negative=true)
    + amount_rules('unit_price', is_required=true, may_be_negative=true)
    + [['quantity', 'amount_too_large', line_too_large]]
    + amount_rules('discount_amount')
    + amount_rules('tax_amount')
    + flag_rules('is_gift_card')
-%}

with

source as (

    select * from {{ source('raw', 'order_items') }}

),

parsed as (

    select
        {{ clean_text('source_system') }} as source_system,
        {{ clean_text('order_item_id') }} as order_item_id,
        {{ clean_text('order_id') }} as order_id,
        {{ clean_text('product_id') }} as product_id,
        {{ parsed_flag('is_gift_card') }},
        {{ parsed_amount('quantity') }},
        {{ parsed_amount('unit_price') }},
        {{ parsed_amount('discount_amount') }},
        {{ parsed_amount('tax_amount') }},
        arrival_seq,
        file_name,
        row_number
    from source

),

final as (

    select
        -- ids
        source_system,
        order_item_id,
        order_id,
        product_id,
        {{ sha256_hex(natural_key(['source_system', 'order_item_id'])) }} as key_pseudonym,

        -- flags
        is_gift_card,

        -- amounts
        quantity,
        unit_price,
        discount_amount,
        tax_amount,

        -- delivery
        arrival_seq,
        file_name,
        row_number,
        {{ reject_columns(rules) }}
    from parsed

)

select * from final
