with

grace_days as (

    select * from {{ ref('loyalty_grace_days') }}

),

days as (

    select 0 as days_back

    union all

    select days_back
    from grace_days

),

final as (

    select
        days_back,
        {{ add_days(as_of_date(), '-days_back') }} as evaluated_date
    from days

)

select * from final
