with

active_days as (

    select count(*) as row_count
    from {{ ref('int_active_days') }}
    where anchor_role = 'as_of'

),

units_bought as (

    select count(*) as row_count
    from {{ ref('int_units_bought') }}
    where anchor_role = 'as_of'

),

-- Events tell how much something is used; units only stand in where no event does.
final as (

    select
        case
            when active_days.row_count > 0 then 'events'
            when units_bought.row_count > 0 then 'units'
        end as usage_basis
    from active_days
    cross join units_bought

)

select * from final
