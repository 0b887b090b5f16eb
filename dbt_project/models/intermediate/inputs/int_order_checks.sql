{#- [input, what is counted, check, which of them]; every check has its row, if only with a 0. -#}
{%- set checks = [
    ['orders', 'order_versions', 'superseded_versions', 'version_rank > 1'],
    ['orders', 'orders', 'valid_orders', "order_outcome = 'valid'"],
    ['orders', 'orders', 'renewal_orders', "order_outcome = 'valid' and is_renewal"],
    ['orders', 'orders', 'pending_orders', "order_outcome = 'pending'"],
    ['orders', 'orders', 'returned_orders', "order_outcome = 'returned'"],
    ['orders', 'orders', 'cancelled_orders', "order_outcome = 'cancelled'"],
    ['orders', 'orders', 'zero_value_orders', "order_outcome = 'zero_value'"],
    ['orders', 'orders', 'over_refunded_orders', 'is_over_refunded'],
    ['orders', 'orders', 'lines_differ_from_total', 'has_total_mismatch'],
    ['order_items', 'order_lines', 'clipped_lines', 'is_clipped'],
    ['order_items', 'order_lines', 'gift_card_lines', 'is_gift_card'],
    ['order_items', 'order_lines', 'lines_without_order', 'not has_order'],
    ['refunds', 'refunds', 'refunds_without_order', 'not is_linked'],
] -%}
with

orders as {{ read_anew() }} (

    select * from {{ ref('int_orders_as_of') }}
    where anchor_role = 'as_of'

),

version_amounts as (

    select * from {{ ref('int_order_version_amounts') }}
    where reject_reason is null

),

lines as (

    select * from {{ ref('int_order_lines') }}

),

refunds as (

    select * from {{ ref('int_refunds_as_of') }}
    where anchor_role = 'as_of' and reject_reason is null

),

excluded_orders as (

    select * from {{ ref('excluded_orders') }}

),

order_versions as (

    select
        source_system,
        order_id,
        row_number() over (
            partition by source_system, order_id
            order by version_at desc, arrival_seq desc, content_hash desc
        ) as version_rank
    from version_amounts

),

order_lines as (

    select
        lines.is_clipped,
        lines.is_gift_card,
        order_versions.order_id is not null as has_order
    from lines
    left join order_versions
        on lines.source_system = order_versions.source_system
        and lines.order_id = order_versions.order_id
        and order_versions.version_rank = 1

),

exclusion_counts as (

    select
        exclusion_reason,
        count(*) as order_count
    from orders
    group by exclusion_reason

),

final as (

    {% for input_name, relation_name, check_code, condition in checks -%}
    select
        '{{ input_name }}' as input_name,
        '{{ check_code }}' as check_code,
        '' as detail,
        count(case when {{ condition }} then 1 end) as row_count,
        count(*) as of_row_count
    from {{ relation_name }}

    union all

    {% endfor -%}
    select
        'orders' as input_name,
        'excluded_orders' as check_code,
        excluded_orders.reason as detail,
        coalesce(exclusion_counts.order_count, 0) as row_count,
        (select count(*) from orders) as of_row_count
    from excluded_orders
    left join exclusion_counts
        on excluded_orders.reason = exclusion_counts.exclusion_reason

)

select * from final
