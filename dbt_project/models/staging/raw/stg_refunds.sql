{%- set has_neither =
    clean_text('order_id') ~ ' is null and ' ~ clean_text('customer_id') ~ ' is null'
-%}
{%- set rules =
    text_rules('source_system', 'missing_id')
    + text_rules('refund_id', 'missing_id')
    + [['order_id', 'missing_reference', has_neither]]
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

renamed as (

    select
        -- ids
        {{ clean_text('source_system') }} as source_system,
        {{ clean_text('refund_id') }} as refund_id,
        {{ clean_text('refund_line_id') }} as refund_line_id,
        {{ clean_text('order_id') }} as order_id,
        {{ clean_text('order_item_id') }} as order_item_id,
        {{ clean_text('customer_id') }} as customer_id,
        {{ sha256_hex(natural_key(
            [
                clean_text('source_system'),
                clean_text('refund_id'),
                clean_text('refund_line_id'),
            ]
        )) }} as key_pseudonym,

        -- codes
        upper({{ clean_text('currency') }}) as currency,

        -- amounts
        {{ to_amount('amount') }} as refund_amount,
        {{ to_amount('tax_amount') }} as tax_amount,
        {{ to_amount('shipping_amount') }} as shipping_amount,

        -- times
        {{ to_instant('refunded_at') }} as refunded_at,

        -- delivery
        arrival_seq,
        file_name,
        row_number,
        {{ reject_columns(rules) }}
    from source

)

select * from renamed
