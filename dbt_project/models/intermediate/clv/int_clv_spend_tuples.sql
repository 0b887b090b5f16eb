with

fit_statistics as (

    select * from {{ ref('int_clv_fit_statistics') }}
    where mean_order_value > 0

),

final as (

    select
        order_day_count as order_count,
        mean_order_value,
        count(*) as customer_count
    from fit_statistics
    group by order_day_count, mean_order_value

)

select * from final
