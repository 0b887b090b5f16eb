with

order_states as (

    select * from {{ ref('int_order_states') }}
    where anchor_role = 'as_of' and customer_id is null and email_hash is not null

),

order_people as (

    select * from {{ ref('int_order_people') }}
    where anchor_role = 'as_of'

),

addresses as (

    select
        {{ profile_id('email', ['order_states.email_hash']) }} as own_profile_id,
        order_people.profile_id
    from order_states
    inner join order_people
        on order_states.source_system = order_people.source_system
        and order_states.order_id = order_people.order_id

),

final as (

    select
        own_profile_id,
        min(profile_id) as profile_id
    from addresses
    where own_profile_id <> profile_id
    group by own_profile_id

)

select * from final
