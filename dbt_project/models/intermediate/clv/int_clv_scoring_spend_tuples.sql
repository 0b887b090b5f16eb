with

purchase_summaries as (

    select * from {{ ref('int_customer_purchase_summaries') }}
    where mean_order_value > 0

),

final as (

    select
        order_day_count as order_count,
        mean_order_value,
        count(*) as customer_count
    from purchase_summaries
    group by order_day_count, mean_order_value

)

select * from final
