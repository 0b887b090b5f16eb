with

purchase_summaries as (

    select * from {{ ref('int_customer_purchase_summaries') }}
    where order_day_count > 0

),

final as (

    select
        repeat_count,
        first_to_last_days,
        age_days,
        count(*) as customer_count
    from purchase_summaries
    group by repeat_count, first_to_last_days, age_days

)

select * from final
