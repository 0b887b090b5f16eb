with

model_runs as (

    select * from {{ ref('stg_clv_model_runs') }}

),

final as (

    select
        model_name,
        purpose,
        {{ as_of_date() }} as as_of_date,
        is_champion,
        run_status,
        reason,
        fit_date,
        customer_count,
        tuple_count,
        round(log_likelihood, 6) as log_likelihood,
        is_converged,
        data_first_date,
        data_last_date
    from model_runs

)

select * from final
