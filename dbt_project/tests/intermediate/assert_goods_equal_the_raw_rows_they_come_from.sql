{%- set amount = times_price('greatest(quantity, 0)', 'greatest(unit_price, 0)') -%}
{{ config(meta={'dagster': {'ref': {'name': 'int_order_version_amounts'}}}) }}

-- Returns an order whose goods are not what its raw rows add up to. Looked at are the orders that
-- were delivered once, line by line: no version is chosen and no copy folded, so none can go wrong.
with

order_rows as (

    select
        key_pseudonym,
        min(source_system) as source_system,
        min(order_id) as order_id,
        min(total_amount) as total_amount,
        coalesce(min(discount_amount), 0) as discount_amount,
        coalesce(min(tax_amount), 0) as tax_amount,
        coalesce(min(shipping_amount), 0) as shipping_amount,
        coalesce({{ dbt.bool_or('is_tax_included') }}, false) as is_tax_included
    from {{ ref('stg_orders') }}
    where reject_reason is null
    group by key_pseudonym
    having count(*) = 1

),

item_deliveries as (

    select
        items.*,
        count(*) over (partition by source_system, order_item_id) as delivery_count
    from {{ ref('stg_order_items') }} as items
    where reject_reason is null

),

item_rows as (

    select
        source_system,
        order_id,
        max(delivery_count) as delivery_count,
        sum({{ amount }}) as line_amount,
        sum(discount_amount) as discount_amount,
        sum(tax_amount) as tax_amount,
        {{ dbt.bool_or('is_gift_card or coalesce(discount_amount, 0) > ' ~ amount) }}
            as has_special_line
    from item_deliveries
    group by source_system, order_id

),

expected as (

    select
        order_rows.key_pseudonym,
        case
            when item_rows.order_id is null
                then order_rows.total_amount - order_rows.tax_amount
            else
                item_rows.line_amount
                - coalesce(nullif(item_rows.discount_amount, 0), order_rows.discount_amount)
                - case
                    when order_rows.is_tax_included
                        then coalesce(nullif(item_rows.tax_amount, 0), order_rows.tax_amount)
                    else 0
                end
        end
        {%- if var('shipping_in_revenue') %}
        + case when item_rows.order_id is null then 0 else order_rows.shipping_amount end
        {%- else %}
        - case when item_rows.order_id is null then order_rows.shipping_amount else 0 end
        {%- endif %}
            as goods_amount
    from order_rows
    left join item_rows
        on order_rows.source_system = item_rows.source_system
        and order_rows.order_id = item_rows.order_id
    where
        coalesce(item_rows.delivery_count, 1) = 1
        and not coalesce(item_rows.has_special_line, false)

)

select
    expected.key_pseudonym,
    expected.goods_amount as expected_amount,
    found.goods_amount as found_amount
from expected
left join {{ ref('int_order_version_amounts') }} as found
    on expected.key_pseudonym = found.key_pseudonym
where coalesce(abs(greatest(expected.goods_amount, 0) - found.goods_amount) >= 0.005, true)
