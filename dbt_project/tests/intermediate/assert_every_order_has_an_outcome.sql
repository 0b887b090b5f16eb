{{ config(meta={'dagster': {'ref': {'name': 'int_orders_as_of'}}}) }}

-- Returns an order that was placed by the as-of day and got lost on the way to the facts, or is
-- there without having been delivered.
with

placed as (

    select key_pseudonym
    from {{ ref('int_order_version_amounts') }}
    where reject_reason is null
    group by key_pseudonym
    having
        -- With versions of both kinds, which day the order was placed depends on the one in force.
        max(ordered_at) < (
            select anchor_ends_at from {{ ref('int_anchors') }} where anchor_role = 'as_of'
        )

),

found as (

    select {{ sha256_hex(natural_key(['source_system', 'order_id'])) }} as key_pseudonym
    from {{ ref('int_orders_as_of') }}
    where anchor_role = 'as_of'

)

select placed.key_pseudonym
from placed
left join found
    on placed.key_pseudonym = found.key_pseudonym
where found.key_pseudonym is null
