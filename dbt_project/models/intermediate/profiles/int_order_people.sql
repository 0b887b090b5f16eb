with

order_states as (

    select * from {{ ref('int_order_states') }}

),

email_owners as (

    select * from {{ ref('int_email_owners') }}

),

customer_states as (

    select * from {{ ref('int_customer_states') }}

),

excluded_orders as (

    select * from {{ ref('excluded_orders') }}

),

-- A guest is the one customer who has the guest's e-mail; of two owners neither is told apart.
resolved as (

    select
        order_states.anchor_role,
        order_states.source_system,
        order_states.order_id,
        order_states.email_hash,
        order_states.channel,
        order_states.is_test,
        case
            when order_states.customer_id is not null then order_states.source_system
            else email_owners.source_system
        end as customer_source_system,
        coalesce(order_states.customer_id, email_owners.customer_id) as customer_id
    from order_states
    left join email_owners
        on order_states.anchor_role = email_owners.anchor_role
        and order_states.email_hash = email_owners.email_hash

),

people as (

    select
        resolved.*,
        case
            when customer_id is not null then 'customer'
            when email_hash is not null then 'email'
            else 'anonymous'
        end as profile_kind,
        case
            when customer_id is not null
                then {{ profile_id('customer', ['customer_source_system', 'customer_id']) }}
            when email_hash is not null then {{ profile_id('email', ['email_hash']) }}
            else {{ profile_id('anonymous', ['source_system', 'order_id']) }}
        end as profile_id
    from resolved

),

final as (

    select
        people.anchor_role,
        people.source_system,
        people.order_id,
        people.profile_id,
        people.profile_kind,
        people.customer_source_system,
        people.customer_id,
        coalesce(test_rules.reason, channel_rules.reason, account_rules.reason)
            as exclusion_reason
    from people
    left join customer_states
        on people.anchor_role = customer_states.anchor_role
        and people.customer_source_system = customer_states.source_system
        and people.customer_id = customer_states.customer_id
    left join excluded_orders as test_rules
        on test_rules.field = 'is_test'
        and test_rules.value = case when people.is_test then 'true' else 'false' end
    left join excluded_orders as channel_rules
        on channel_rules.field = 'channel'
        and channel_rules.value = people.channel
    left join excluded_orders as account_rules
        on account_rules.field = 'account_type'
        and account_rules.value = customer_states.account_type

)

select * from final
