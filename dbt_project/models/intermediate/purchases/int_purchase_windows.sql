with

anchors as (

    select * from {{ ref('int_anchors') }}

),

orders as (

    select * from {{ ref('int_orders_as_of') }}
    where order_outcome = 'valid'

),

unlinked_refunds as (

    select * from {{ ref('int_refunds_as_of') }}
    where unlinked_profile_id is not null and reject_reason is null

),

-- A buyer stays one after the window: with no orders in it, not gone from the table.
order_totals as (

    select
        anchor_role,
        profile_id,
        min(days_before_anchor) as recency_days,
        max(days_before_anchor) as tenure_days,
        count(case when days_before_anchor < {{ var('rfm_window_days') }} then 1 end)
            as order_and_renewal_count,
        count(
            case
                when days_before_anchor < {{ var('rfm_window_days') }} and not is_renewal then 1
            end
        ) as order_count,
        sum(
            case when days_before_anchor < {{ var('rfm_window_days') }} then net_revenue else 0 end
        ) as net_revenue,
        sum(
            case
                when days_before_anchor < {{ var('rfm_window_days') }} and not is_renewal
                    then net_revenue
                else 0
            end
        ) as order_net_revenue
    from orders
    group by anchor_role, profile_id

),

refund_totals as (

    select
        anchor_role,
        unlinked_profile_id as profile_id,
        sum(shop_goods_amount) as refunded_amount
    from unlinked_refunds
    where
        {{ dbt.datediff('refunded_date', 'anchor_date', 'day') }} < {{ var('rfm_window_days') }}
    group by anchor_role, unlinked_profile_id

),

final as (

    select
        order_totals.anchor_role,
        anchors.anchor_date,
        order_totals.profile_id,
        order_totals.recency_days,
        order_totals.tenure_days,
        order_totals.order_count,
        order_totals.order_and_renewal_count - order_totals.order_count as renewal_count,
        order_totals.order_and_renewal_count > 0 as is_in_window,
        cast(
            order_totals.net_revenue - coalesce(refund_totals.refunded_amount, 0)
            as decimal(18, 4)
        ) as monetary_total,
        {{ mean_amount('order_totals.order_net_revenue', 'order_totals.order_count') }}
            as average_order_value
    from order_totals
    inner join anchors
        on order_totals.anchor_role = anchors.anchor_role
    left join refund_totals
        on order_totals.anchor_role = refund_totals.anchor_role
        and order_totals.profile_id = refund_totals.profile_id

)

select * from final
