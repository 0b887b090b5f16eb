with

fit_statistics as (

    select * from {{ ref('int_clv_fit_statistics') }}

),

final as (

    select
        repeat_count,
        first_to_last_days,
        age_days,
        count(*) as customer_count
    from fit_statistics
    group by repeat_count, first_to_last_days, age_days

)

select * from final
