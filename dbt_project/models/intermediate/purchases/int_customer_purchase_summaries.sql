with

profiles as (

    select * from {{ ref('int_profiles') }}

),

orders as (

    select * from {{ ref('int_orders_as_of') }}
    where anchor_role = 'as_of'

),

order_days as (

    select * from {{ ref('int_order_days') }}

),

unlinked_refunds as (

    select * from {{ ref('int_refunds_as_of') }}
    where
        anchor_role = 'as_of'
        and unlinked_profile_id is not null
        and reject_reason is null

),

order_totals as (

    select
        profile_id,
        count(case when order_outcome = 'valid' and not is_renewal then 1 end) as order_count,
        count(case when order_outcome = 'valid' and is_renewal then 1 end) as renewal_count,
        count(case when order_outcome = 'zero_value' then 1 end) as zero_value_order_count,
        count(case when order_outcome = 'returned' then 1 end) as returned_order_count,
        count(case when order_outcome = 'cancelled' then 1 end) as cancelled_order_count,
        count(case when order_outcome = 'pending' then 1 end) as pending_order_count,
        count(case when order_outcome = 'excluded' then 1 end) as excluded_order_count,
        sum(net_revenue) as net_revenue
    from orders
    group by profile_id

),

refund_totals as (

    select
        unlinked_profile_id as profile_id,
        count(*) as refund_count,
        sum(shop_goods_amount) as refunded_amount
    from unlinked_refunds
    group by unlinked_profile_id

),

day_totals as (

    select
        order_days.profile_id,
        count(*) as order_day_count,
        min(order_days.ordered_date) as first_order_date,
        max(order_days.ordered_date) as last_order_date,
        sum(order_days.net_revenue) as order_net_revenue
    from order_days
    group by order_days.profile_id

),

final as (

    select
        profiles.profile_id,
        profiles.as_of_date,

        -- order days: what the CLV models count
        coalesce(day_totals.order_day_count, 0) as order_day_count,
        day_totals.first_order_date,
        day_totals.last_order_date,
        day_totals.order_day_count - 1 as repeat_count,
        {{ dbt.datediff('day_totals.first_order_date', 'day_totals.last_order_date', 'day') }}
            as first_to_last_days,
        {{ dbt.datediff('day_totals.first_order_date', 'profiles.as_of_date', 'day') }}
            as age_days,
        {{ mean_amount('day_totals.order_net_revenue', 'day_totals.order_day_count') }}
            as mean_order_value,
        {{ mean_amount(
            '(day_totals.order_net_revenue - first_days.net_revenue)',
            '(day_totals.order_day_count - 1)'
        ) }} as mean_repeat_order_value,

        -- orders by what became of them
        coalesce(order_totals.order_count, 0) as order_count,
        coalesce(order_totals.renewal_count, 0) as renewal_count,
        coalesce(order_totals.zero_value_order_count, 0) as zero_value_order_count,
        coalesce(order_totals.returned_order_count, 0) as returned_order_count,
        coalesce(order_totals.cancelled_order_count, 0) as cancelled_order_count,
        coalesce(order_totals.pending_order_count, 0) as pending_order_count,
        coalesce(order_totals.excluded_order_count, 0) as excluded_order_count,
        coalesce(refund_totals.refund_count, 0) as unlinked_refund_count,

        -- money
        cast(coalesce(refund_totals.refunded_amount, 0) as decimal(18, 4))
            as unlinked_refund_amount,
        cast(
            coalesce(order_totals.net_revenue, 0) - coalesce(refund_totals.refunded_amount, 0)
            as decimal(18, 4)
        ) as net_revenue
    from profiles
    left join order_totals
        on profiles.profile_id = order_totals.profile_id
    left join refund_totals
        on profiles.profile_id = refund_totals.profile_id
    left join day_totals
        on profiles.profile_id = day_totals.profile_id
    left join order_days as first_days
        on day_totals.profile_id = first_days.profile_id
        and day_totals.first_order_date = first_days.ordered_date

)

select * from final
