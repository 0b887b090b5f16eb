with

source as (

    select * from {{ source('control', 'observed_days') }}

),

renamed as (

    select
        cast(as_of_date as date) as as_of_date,
        cast(intake_seq as bigint) as intake_seq,
        cast(definition_hash as string) as definition_hash,
        cast(cut_points_date as date) as cut_points_date,
        cast(profile_count as bigint) as profile_count
    from source

)

select * from renamed
