{%- set rate_type = 'decimal(19, 10)' -%}
{%- set rules =
    instant_rules('rate_date', is_required=true)
    + currency_rules('from_currency', is_required=true)
    + currency_rules('to_currency', is_required=true)
    + [['rate', 'invalid_rate', 'coalesce(' ~ to_amount('rate', rate_type) ~ ', 0) <= 0']]
-%}

with

source as (

    select * from {{ source('raw', 'fx_rates') }}

),

renamed as (

    select
        -- ids
        {{ clean_text('source_system') }} as source_system,
        upper({{ clean_text('from_currency') }}) as from_currency,
        upper({{ clean_text('to_currency') }}) as to_currency,
        {{ sha256_hex(natural_key([
            clean_text('rate_date'), clean_text('from_currency'), clean_text('to_currency')
        ])) }} as key_pseudonym,

        -- measures
        {{ to_amount('rate', rate_type) }} as rate,

        -- times
        cast({{ to_instant('rate_date') }} as date) as rate_date,

        -- delivery
        arrival_seq,
        file_name,
        row_number,
        {{ reject_columns(rules) }}
    from source

)

select * from renamed
