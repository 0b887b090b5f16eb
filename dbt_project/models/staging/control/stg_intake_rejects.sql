with

source as (

    select * from {{ source('control', 'intake_rejects') }}

),

renamed as (

    select
        -- ids
        table_name as input_name,
        arrival_seq,
        file_name,
        row_number,
        key_pseudonym,

        -- reasons
        column_name as reject_column,
        reason_code as reject_reason
    from source

)

select * from renamed
