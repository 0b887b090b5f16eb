{{ config(meta={'dagster': {'ref': {'name': 'customer_360'}}}) }}

-- Returns a row if the customers' net revenue is not, to the cent, that of all valid orders less
-- refunds without an order. Refunds are looked up order by order, so no join can multiply them.
with

valid_orders as (

    select
        states.goods_amount,
        states.fx_rate,
        states.source_system,
        states.order_id
    from {{ ref('int_order_states') }} as states
    inner join {{ ref('int_orders_as_of') }} as orders
        on states.source_system = orders.source_system
        and states.order_id = orders.order_id
    where
        states.anchor_role = 'as_of'
        and orders.anchor_role = 'as_of'
        and orders.order_outcome = 'valid'

),

order_revenue as (

    select
        greatest(
            round(goods_amount * fx_rate, 4)
            - coalesce(
                (
                    select
                        round(
                            sum(
                                case
                                    when refunds.is_order_currency
                                        then refunds.refunded_goods_amount * refunds.fx_rate
                                    else refunds.shop_goods_amount
                                end
                            ),
                            4
                        )
                    from {{ ref('int_refunds_as_of') }} as refunds
                    where
                        refunds.anchor_role = 'as_of'
                        and refunds.reject_reason is null
                        and refunds.source_system = valid_orders.source_system
                        and refunds.order_id = valid_orders.order_id
                ),
                0
            ),
            0
        ) as net_revenue
    from valid_orders

),

totals as (

    select
        (select coalesce(sum(net_revenue), 0) from order_revenue)
        - (
            select coalesce(sum(shop_goods_amount), 0)
            from {{ ref('int_refunds_as_of') }}
            where
                anchor_role = 'as_of'
                and reject_reason is null
                and unlinked_profile_id is not null
        ) as expected_total,
        (select coalesce(sum(net_revenue), 0) from {{ ref('customer_360') }}) as found_total

)

select
    expected_total,
    found_total
from totals
where abs(expected_total - found_total) >= 0.005
