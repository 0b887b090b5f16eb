{%- set kinds = ['survey', 'review', 'nps', 'csat', 'support'] -%}
{%- set unknown_kind = "coalesce(kind, '') not in ('" ~ kinds | join("', '") ~ "')" -%}
{%- set rules =
    text_rules('source_system', 'missing_id')
    + text_rules('feedback_id', 'missing_id')
    + [['kind', 'unknown_kind', unknown_kind]]
    + instant_rules('submitted_at', is_required=true)
    + amount_rules('score', may_be_negative=true)
    + amount_rules('score_max')
    + amount_rules('sentiment', may_be_negative=true)
-%}

with

source as (

    select * from {{ source('raw', 'feedback') }}

),

parsed as (

    select
        {{ clean_text('source_system') }} as source_system,
        {{ clean_text('feedback_id') }} as feedback_id,
        {{ clean_text('customer_id') }} as customer_id,
        {{ clean_text('email_hash') }} as email_hash,
        {{ clean_text('product_id') }} as product_id,
        {{ to_code('kind') }} as kind,
        {{ clean_text('topic') }} as topic,
        {{ to_code('benefit_tag') }} as benefit_tag,
        {{ parsed_amount('score') }},
        {{ parsed_amount('score_max') }},
        {{ parsed_amount('sentiment') }},
        {{ parsed_instant('submitted_at') }},
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
        feedback_id,
        customer_id,
        email_hash,
        product_id,
        {{ sha256_hex(natural_key(['source_system', 'feedback_id'])) }} as key_pseudonym,

        -- codes
        kind,
        topic,
        benefit_tag,

        -- measures
        score,
        score_max,
        sentiment,

        -- times
        submitted_at,

        -- delivery
        arrival_seq,
        file_name,
        row_number,
        {{ reject_columns(rules) }}
    from parsed

)

select * from final
