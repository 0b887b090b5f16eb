with

model_parameters as (

    select * from {{ ref('stg_clv_model_parameters') }}

),

final as (

    select
        model_name,
        purpose,
        parameter_name,
        {{ as_of_date() }} as as_of_date,
        round(parameter_value, 9) as parameter_value,
        round(standard_error, 9) as standard_error
    from model_parameters

)

select * from final
