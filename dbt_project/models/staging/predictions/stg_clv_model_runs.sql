with

source as (

    select * from {{ source('predictions', 'clv_model_runs') }}

),

renamed as (

    select
        -- ids
        model_name,
        purpose,

        -- outcome
        is_champion,
        is_converged,
        status as run_status,
        reason,

        -- measures
        customer_count,
        tuple_count,
        log_likelihood,

        -- times
        fit_date,
        data_first_date,
        data_last_date
    from source

)

select * from renamed
