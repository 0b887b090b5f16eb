{%- set columns_by_model = {
    'stg_orders': [
        'order_id', 'updated_at', 'cancelled_at', 'email_hash', 'anonymous_id', 'channel',
        'is_test', 'is_renewal',
    ],
    'stg_order_items': ['order_item_id', 'is_gift_card'],
    'stg_refunds': ['refund_id'],
    'stg_customers': [
        'customer_id', 'account_type', 'email_hash', 'timezone', 'loyalty_member_id',
    ],
    'stg_products': ['product_id'],
    'stg_fx_rates': ['rate'],
    'stg_feedback': ['feedback_id', 'customer_id', 'email_hash', 'score', 'topic', 'benefit_tag'],
} -%}
{#- Not read again once they were delivered: what their facts hold is counted. -#}
{%- set arrival_columns_by_input = {
    'events': [
        'event_name', 'customer_id', 'email_hash', 'anonymous_id', 'product_id', 'category',
        'content_topic', 'content_format', 'result_count', 'channel', 'source', 'campaign_id',
        'device_type', 'engaged_seconds',
    ],
    'messages': ['message_id', 'variant_id', 'topic', 'benefit_tag'],
} -%}
with

{% for model_name in columns_by_model -%}
{{ model_name | replace('stg_', '') }} as (

    select * from {{ ref(model_name) }}
    where reject_reason is null

),

{% endfor -%}
events as {{ read_anew() }} (

    select * from {{ ref('int_events') }}
    where coalesce(exclusion_reason, '') <> 'superseded'

),

messages as {{ read_anew() }} (

    select * from {{ ref('int_message_events') }}

),


final as (

    {% for model_name, column_names in columns_by_model.items() -%}
    {%- set input_name = model_name | replace('stg_', '') -%}
    {% for column_name in column_names -%}
    select
        '{{ input_name }}' as input_name,
        '{{ column_name }}' as column_name,
        count({{ column_name }}) as filled_row_count
    from {{ input_name }}

    union all

    {% endfor -%}
    {%- endfor -%}
    {% for input_name, column_names in arrival_columns_by_input.items() -%}
    {%- set is_last_input = loop.last -%}
    {% for column_name in column_names -%}
    select
        '{{ input_name }}' as input_name,
        '{{ column_name }}' as column_name,
        count({{ column_name }}) as filled_row_count
    from {{ input_name }}
    {%- if not (loop.last and is_last_input) %}

    union all

    {% endif -%}
    {%- endfor -%}
    {%- endfor %}

)

select * from final
