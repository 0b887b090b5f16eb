-- Returns an input of which a row was lost, or counted twice.
select
    input_name,
    delivered_row_count,
    accepted_row_count,
    duplicate_row_count,
    rejected_row_count,
    erased_row_count
from {{ ref('int_input_row_counts') }}
where
    delivered_row_count
    <> accepted_row_count + duplicate_row_count + rejected_row_count + erased_row_count
