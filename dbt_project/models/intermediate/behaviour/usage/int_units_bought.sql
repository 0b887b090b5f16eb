with

orders as (

    select * from {{ ref('int_orders_as_of') }}
    where
        order_outcome = 'valid'
        and not is_renewal
        and days_before_anchor < {{ var('usage_units_window_days') }}

),

order_lines as (

    select * from {{ ref('int_order_lines') }}
    where not is_gift_card and quantity > 0

),

final as (

    select
        orders.anchor_role,
        orders.profile_id,
        cast(sum(order_lines.quantity) as decimal(18, 4)) as unit_count
    from orders
    inner join order_lines
        on orders.source_system = order_lines.source_system
        and orders.order_id = order_lines.order_id
    group by orders.anchor_role, orders.profile_id

)

select * from final
