with

customer_states as (

    select * from {{ ref('int_customer_states') }}
    where anchor_role = 'as_of'

),

order_people as (

    select * from {{ ref('int_order_people') }}
    where anchor_role = 'as_of'

),

unlinked_refunds as (

    select * from {{ ref('int_refunds_as_of') }}
    where anchor_role = 'as_of' and unlinked_profile_id is not null

),

sightings as (

    select
        profile_id,
        'customer' as profile_kind,
        source_system,
        customer_id,
        created_at
    from customer_states

    union all

    select
        profile_id,
        profile_kind,
        customer_source_system as source_system,
        customer_id,
        cast(null as timestamp) as created_at
    from order_people

    union all

    select
        unlinked_profile_id as profile_id,
        'customer' as profile_kind,
        source_system,
        customer_id,
        cast(null as timestamp) as created_at
    from unlinked_refunds

),

final as (

    select
        profile_id,
        {{ as_of_date() }} as as_of_date,
        min(profile_kind) as profile_kind,
        min(source_system) as source_system,
        min(customer_id) as customer_id,
        min(created_at) as created_at
    from sightings
    group by profile_id

)

select * from final
