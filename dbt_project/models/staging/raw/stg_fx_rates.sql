{%- set rules =
    text_rules('source_system', 'missing_id')
    + instant_rules('rate_date', is_required=true)
    + currency_rules('from_currency', is_required=true)
    + currency_rules('to_currency', is_required=true)
    + [['rate', 'invalid_rate', 'coalesce(rate, 0) <= 0']]
-%}

with

source as (

    select * from {{ source('raw', 'fx_rates') }}

),

parsed as (

    select
        {{ clean_text('source_system') }} as source_system,
        {{ to_currency('from_currency') }} as from_currency,
        {{ to_currency('to_currency') }} as to_currency,
        {{ to_amount('rate', 'decimal(19, 10)') }} as rate,
        {{ parsed_instant('rate_date') }},
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
        from_currency,
        to_currency,
        {{ sha256_hex(natural_key(
            ['source_system', 'rate_date_text', 'from_currency', 'to_currency']
        )) }} as key_pseudonym,

        -- measures
        rate,

        -- times
        cast(rate_date as date) as rate_date,

        -- delivery
        arrival_seq,
        file_name,
        row_number,
        {{ reject_columns(rules) }}
    from parsed

)

select * from final
