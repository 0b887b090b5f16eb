{%- set rules =
    text_rules('source_system', 'missing_id')
    + text_rules('refund_id', 'missing_id')
    + [['order_id', 'missing_reference', 'order_id is null and customer_id is null']]
    + instant_rules('refunded_at', is_required=true)
    + currency_rules('currency')
    + amount_rules('amount', is_required=true)
    + amount_rules('tax_amount')
    + amount_rules('shipping_amount')
-%}

with

source as (

    select * from {{ source('raw', 'refunds') }}

),

parsed as (

    select
        {{ clean_text('source_system') }} as source_system,
        {{ clean_text('refund_id') }} as refund_id,
        {{ clean_text('refund_line_id') }} as refund_line_id,
        {{ clean_text('order_id') }} as order_id,
        {{ clean_text('order_item_id') }} as order_item_id,
        {{ clean_text('customer_id') }} as customer_id,
        {{ to_currency('currency') }} as currency,
        {{ parsed_amount('amount') }},
        {{ parsed_amount('tax_amount') }},
        {{ parsed_amount('shipping_amount') }},
        {{ parsed_instant('refunded_at') }},
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
        refund_id,
        refund_line_id,
        order_id,
        order_item_id,
        customer_id,
        {{ sha256_hex(natural_key(['source_system', 'refund_id', 'refund_line_id'])) }}
            as key_pseudonym,

        -- codes
        currency,

        -- amounts
        amount as refund_amount,
        tax_amount,
        shipping_amount,

        -- times
        refunded_at,

        -- delivery
        arrival_seq,
        file_name,
        row_number,
        {{ reject_columns(rules) }}
    from parsed

)

select * from final
