{{ config(severity='warn') }}

-- Returns orders whose lines and header differ by more than a cent. Dirty input, so it only warns;
-- data_quality_report counts them.
select
    source_system,
    order_id
from {{ ref('int_orders_as_of') }}
where anchor_role = 'as_of' and has_total_mismatch
