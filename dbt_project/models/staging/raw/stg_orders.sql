{%- set statuses = [
    'pending', 'paid', 'partially_paid', 'partially_refunded', 'refunded', 'voided', 'failed',
    'cancelled',
] -%}
{%- set not_a_status =
    'coalesce(' ~ to_code('status') ~ ", '') not in ('" ~ statuses | join("', '") ~ "')"
-%}
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
    + boolean_rules('taxes_included')
    + boolean_rules('is_test')
    + boolean_rules('is_renewal')
-%}

with

source as (

    select * from {{ source('raw', 'orders') }}

),

renamed as (

    select
        -- ids
        {{ clean_text('source_system') }} as source_system,
        {{ clean_text('order_id') }} as order_id,
        {{ clean_text('customer_id') }} as customer_id,
        {{ clean_text('email_hash') }} as email_hash,
        {{ sha256_hex(natural_key([clean_text('source_system'), clean_text('order_id')])) }}
            as key_pseudonym,

        -- codes
        {{ to_code('status') }} as status,
        {{ to_code('channel') }} as channel,
        upper({{ clean_text('currency') }}) as currency,

        -- flags
        {{ to_boolean('taxes_included') }} as is_tax_included,
        {{ to_boolean('is_test') }} as is_test,
        {{ to_boolean('is_renewal') }} as is_renewal,

        -- amounts
        {{ to_amount('discount_amount') }} as discount_amount,
        {{ to_amount('shipping_amount') }} as shipping_amount,
        {{ to_amount('tax_amount') }} as tax_amount,
        {{ to_amount('total_amount') }} as total_amount,

        -- times
        {{ to_instant('ordered_at') }} as ordered_at,
        {{ to_instant('updated_at') }} as updated_at,
        {{ to_instant('cancelled_at') }} as cancelled_at,

        -- delivery
        arrival_seq,
        file_name,
        row_number,
        {{ reject_columns(rules) }}
    from source

)

select * from renamed
