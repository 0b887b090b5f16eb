with

source as (

    select * from {{ source('predictions', 'clv_spend_scores') }}

),

renamed as (

    select
        -- the tuple that is scored
        order_count,
        mean_order_value,

        -- scores
        expected_order_value,
        model_name
    from source

)

select * from renamed
