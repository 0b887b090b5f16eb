with

order_days as (

    select * from {{ ref('int_order_days') }}
    where ordered_date <= {{ clv_fit_date() }}

),

day_totals as (

    select
        profile_id,
        count(*) as order_day_count,
        min(ordered_date) as first_order_date,
        max(ordered_date) as last_order_date,
        sum(net_revenue) as net_revenue
    from order_days
    group by profile_id

),

final as (

    select
        profile_id,
        order_day_count,
        order_day_count - 1 as repeat_count,
        {{ dbt.datediff('first_order_date', 'last_order_date', 'day') }} as first_to_last_days,
        {{ dbt.datediff('first_order_date', clv_fit_date(), 'day') }} as age_days,
        {{ mean_amount('net_revenue', 'order_day_count') }} as mean_order_value
    from day_totals

)

select * from final
