with

source as (

    select * from {{ source('predictions', 'clv_order_scores') }}

),

renamed as (

    select
        -- the tuple that is scored
        repeat_count,
        first_to_last_days,
        age_days,

        -- scores
        p_alive,
        p_active_30_days,
        p_active_90_days,
        p_active_365_days,
        expected_orders_30_days,
        expected_orders_90_days,
        expected_orders_365_days,
        discounted_expected_orders_365_days,
        model_name
    from source

)

select * from renamed
