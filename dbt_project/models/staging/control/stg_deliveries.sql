with

source as (

    select * from {{ source('control', 'deliveries') }}

),

renamed as (

    select
        -- ids
        arrival_seq,
        file_name,
        input_name,
        status as delivery_status,

        -- measures
        coalesce(row_count, 0) as row_count,
        coalesce(accepted_row_count, 0) as accepted_row_count,
        coalesce(duplicate_row_count, 0) as duplicate_row_count,
        coalesce(rejected_row_count, 0) as rejected_row_count,
        coalesce(erased_row_count, 0) as erased_row_count
    from source

)

select * from renamed
