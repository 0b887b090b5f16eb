with

order_days as (

    select * from {{ ref('int_order_days') }}

),

evaluation_days as (

    select * from {{ ref('int_evaluation_days') }}

),

final as (

    select
        order_days.profile_id,
        evaluation_days.days_back,
        evaluation_days.evaluated_date,
        order_days.ordered_date,
        {{ dbt.datediff('order_days.ordered_date', 'evaluation_days.evaluated_date', 'day') }}
            as age_days,
        {{ dbt.datediff('order_days.ordered_date', 'evaluation_days.evaluated_date', 'month') }}
            as age_months,
        {{ dbt.datediff(
            'lag(order_days.ordered_date) over ('
            ~ 'partition by order_days.profile_id, evaluation_days.days_back '
            ~ 'order by order_days.ordered_date)',
            'order_days.ordered_date',
            'day'
        ) }} as interval_days
    from order_days
    inner join evaluation_days
        on order_days.ordered_date <= evaluation_days.evaluated_date

)

select * from final
