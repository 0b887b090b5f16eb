with

rejected_rows as (

    select * from {{ ref('int_rejected_rows') }}

),

final as (

    select
        input_name,
        {{ as_of_date() }} as as_of_date,
        arrival_seq,
        file_name,
        row_number,
        key_pseudonym,
        reject_column as column_name,
        reject_reason as reason_code,
        rejected_by
    from rejected_rows

)

select * from final
