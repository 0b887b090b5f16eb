with

order_states as (

    select * from {{ ref('int_order_states') }}

),

order_people as (

    select * from {{ ref('int_order_people') }}

),

refunds as (

    select * from {{ ref('int_refunds_as_of') }}
    where is_linked and reject_reason is null

),

order_statuses as (

    select * from {{ ref('order_statuses') }}

),

order_refunds as (

    select
        anchor_role,
        source_system,
        order_id,
        -- One rounding an order, so that part refunds of all its goods add up to its goods.
        sum(case when is_order_currency then refunded_goods_amount else 0 end)
            as amount_in_order_currency,
        sum(
            case
                when is_order_currency then 0
                else {{ in_shop_currency('refunded_goods_amount', 'fx_rate') }}
            end
        ) as amount_in_shop_currency
    from refunds
    group by anchor_role, source_system, order_id

),

amounts as (

    select
        order_states.*,
        order_people.profile_id,
        order_people.exclusion_reason,
        order_statuses.order_outcome as status_outcome,
        {{ in_shop_currency('order_states.goods_amount', 'order_states.fx_rate') }}
            as shop_goods_amount,
        {{ in_shop_currency(
            'coalesce(order_refunds.amount_in_order_currency, 0)', 'order_states.fx_rate'
        ) }} + coalesce(order_refunds.amount_in_shop_currency, 0) as refunded_amount
    from order_states
    left join order_people
        on order_states.anchor_role = order_people.anchor_role
        and order_states.source_system = order_people.source_system
        and order_states.order_id = order_people.order_id
    left join order_refunds
        on order_states.anchor_role = order_refunds.anchor_role
        and order_states.source_system = order_refunds.source_system
        and order_states.order_id = order_refunds.order_id
    left join order_statuses
        on order_states.status_in_force = order_statuses.status

),

outcomes as (

    select
        amounts.*,
        case
            when exclusion_reason is not null then 'excluded'
            when status_outcome <> 'valid' then status_outcome
            when shop_goods_amount > 0 and refunded_amount >= shop_goods_amount then 'returned'
            when shop_goods_amount = 0 and not {{ var('count_zero_value_orders') }}
                then 'zero_value'
            else 'valid'
        end as order_outcome
    from amounts

),

final as (

    select
        anchor_role,
        anchor_date,
        source_system,
        order_id,
        profile_id,
        ordered_at,
        ordered_date,
        {{ local_date('last_changed_at') }} as last_changed_date,
        {{ dbt.datediff('ordered_date', 'anchor_date', 'day') }} as days_before_anchor,
        status_in_force,
        channel,
        is_renewal,
        order_outcome,
        exclusion_reason,
        shop_goods_amount as goods_amount,
        cast(refunded_amount as decimal(18, 4)) as refunded_amount,
        refunded_amount > shop_goods_amount as is_over_refunded,
        line_count > 0 and abs(lines_minus_total_amount) > 0.01 as has_total_mismatch,
        cast(
            case
                when order_outcome = 'valid'
                    then {{ net_revenue('shop_goods_amount', 'refunded_amount') }}
                else 0
            end
            as decimal(18, 4)
        ) as net_revenue
    from outcomes

)

select * from final
