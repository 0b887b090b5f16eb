with

source as (

    select * from {{ source('predictions', 'clv_model_parameters') }}

),

renamed as (

    select
        -- ids
        model_name,
        purpose,
        parameter as parameter_name,

        -- measures
        value as parameter_value,
        standard_error
    from source

)

select * from renamed
