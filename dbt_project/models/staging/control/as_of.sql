with

source as (

    select * from {{ source('control', 'as_of') }}

),

renamed as (

    select
        cast(as_of_date as date) as as_of_date,
        cast(clv_fit_date as date) as clv_fit_date,
        cast(intake_seq as bigint) as intake_seq,
        cast(definition_hash as string) as definition_hash
    from source

)

select * from renamed
