{%- set statuses = [
    'pending', 'paid', 'partially_paid', 'partially_refunded', 'refunded', 'voided', 'failed',
    'cancelled',
] -%}
{%- set not_a_status = "coalesce(status, '') not in ('" ~ statuses | join("', '") ~ "')" -%}
{%- set rules =
    text_rules('source_system', 'missing_id')
    + text_rules('order_id', 'missing_id')
    + instant_rules('ordered_at', is_required=true)
    + instant_rules('updated_at')
    + instant_rules('cancelled_at')
    + [['status', 'unknown_status', not_a_status]]
    + currency_rules('currency', is_required=true)
    + amount_rules('total_amount', is_required=true, negative='negative_total')
    + amount_rules('discount_amount')
    + amount_rules('shipping_amount')
    + amount_rules('tax_amount')
    + flag_rules('taxes_included')
    + flag_rules('is_test')
    + flag_rules('is_renewal')
-%}

with

source as (

    select * from {{ source('raw', 'orders') }}

),

parsed as (

    select
        {{ clean_text('source_system') }} as source_system,
        {{ clean_text('order_id') }} as order_id,
        {{ clean_text('customer_id') }} as customer_id,
        {{ clean_text('email_hash') }} as email_hash,
        {{ clean_text('anonymous_id') }} as anonymous_id,
        {{ to_code('status') }} as status,
        {{ to_code('channel') }} as channel,
        {{ to_currency('currency') }} as currency,
        {{ parsed_flag('taxes_included') }},
        {{ parsed_flag('is_test') }},
        {{ parsed_flag('is_renewal') }},
        {{ parsed_amount('discount_amount') }},
        {{ parsed_amount('shipping_amount') }},
        {{ parsed_amount('tax_amount') }},
        {{ parsed_amount('total_amount') }},
        {{ parsed_instant('ordered_at') }},
        {{ parsed_instant('updated_at') }},
        {{ parsed_instant('cancelled_at') }},
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
        order_id,
        customer_id,
        email_hash,
        anonymous_id,
        {{ sha256_hex(natural_key(['source_system', 'order_id'])) }} as key_pseudonym,

        -- codes
        status,
        channel,
        currency,

        -- flags
        taxes_included as is_tax_included,
        is_test,
        is_renewal,

        -- amounts
        discount_amount,
        shipping_amount,
        tax_amount,
        total_amount,

        -- times
        ordered_at,
        updated_at,
        cancelled_at,

        -- delivery
        arrival_seq,
        file_name,
        row_number,
        {{ reject_columns(rules) }}
    from parsed

)

select * from final
