with

orders as (

    select * from {{ ref('int_orders_as_of') }}
    where
        anchor_role = 'as_of'
        and order_outcome = 'valid'
        and not is_renewal

),

final as (

    select
        profile_id,
        ordered_date,
        count(*) as order_count,
        cast(sum(net_revenue) as decimal(18, 4)) as net_revenue
    from orders
    group by profile_id, ordered_date

)

select * from final
