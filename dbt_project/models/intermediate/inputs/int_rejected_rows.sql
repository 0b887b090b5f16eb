{%- set staged_inputs = {
    'orders': 'stg_orders',
    'order_items': 'stg_order_items',
    'refunds': 'stg_refunds',
    'customers': 'stg_customers',
    'products': 'stg_products',
    'fx_rates': 'stg_fx_rates',
    'feedback': 'stg_feedback',
} -%}
with

{% for input_name, model_name in staged_inputs.items() -%}
{{ input_name }} as (

    select * from {{ ref(model_name) }}
    where reject_reason is not null

),

{% endfor -%}
arrival_rejects as (

    select * from {{ ref('int_arrival_rejects') }}
    where reject_reason is not null

),

order_versions as (

    select * from {{ ref('int_order_version_amounts') }}
    where reject_reason is not null

),

refund_states as (

    select * from {{ ref('int_refunds_as_of') }}
    where anchor_role = 'as_of' and reject_reason is not null

),

intake_rejects as (

    select * from {{ ref('stg_intake_rejects') }}

),

final as (

    {% for input_name in staged_inputs -%}
    select
        '{{ input_name }}' as input_name,
        'staging' as rejected_by,
        arrival_seq,
        file_name,
        row_number,
        key_pseudonym,
        reject_column,
        reject_reason
    from {{ input_name }}

    union all

    {% endfor -%}
    select
        input_name,
        'staging' as rejected_by,
        arrival_seq,
        file_name,
        row_number,
        key_pseudonym,
        reject_column,
        reject_reason
    from arrival_rejects

    union all

    select
        'orders' as input_name,
        'conversion' as rejected_by,
        arrival_seq,
        file_name,
        row_number,
        key_pseudonym,
        'currency' as reject_column,
        reject_reason
    from order_versions

    union all

    select
        'refunds' as input_name,
        'conversion' as rejected_by,
        arrival_seq,
        file_name,
        row_number,
        key_pseudonym,
        'currency' as reject_column,
        reject_reason
    from refund_states

    union all

    select
        input_name,
        'intake' as rejected_by,
        arrival_seq,
        file_name,
        row_number,
        key_pseudonym,
        reject_column,
        reject_reason
    from intake_rejects

)

select * from final
