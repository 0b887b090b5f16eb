with

purchase_windows as (

    select * from {{ ref('int_purchase_windows') }}

),

final as (

    select
        anchor_role,
        profile_id,
        is_in_window,
        'recency' as measure,
        cast(recency_days as decimal(18, 4)) as measure_value
    from purchase_windows

    union all

    select
        anchor_role,
        profile_id,
        is_in_window,
        'frequency' as measure,
        cast(order_count as decimal(18, 4)) as measure_value
    from purchase_windows

    union all

    select
        anchor_role,
        profile_id,
        is_in_window,
        'monetary' as measure,
        monetary_total as measure_value
    from purchase_windows

)

select * from final
