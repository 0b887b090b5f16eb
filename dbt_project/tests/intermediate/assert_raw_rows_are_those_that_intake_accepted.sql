-- Returns an input whose raw table does not hold the rows that intake recorded.
select
    input_name,
    raw_row_count,
    accepted_by_intake_row_count
from {{ ref('int_input_row_counts') }}
where raw_row_count <> accepted_by_intake_row_count
