-- Returns a map, or a table that no model reads yet, of which a larger share was rejected at intake
-- than `max_reject_share` allows.
select
    input_name,
    rejected_row_count,
    delivered_row_count
from {{ ref('int_input_row_counts') }}
where
    raw_row_count is null
    and rejected_row_count > {{ var('max_reject_share') }} * delivered_row_count
