with

customer_states as (

    select * from {{ ref('int_customer_states') }}
    where email_hash is not null

),

order_states as (

    select * from {{ ref('int_order_states') }}
    where customer_id is not null and email_hash is not null

),

ranked_orders as (

    select
        anchor_role,
        source_system,
        customer_id,
        email_hash,
        rank() over (
            partition by anchor_role, source_system, customer_id
            order by ordered_at desc
        ) as order_rank
    from order_states

),

-- Of two addresses in orders of one instant neither is the newer one.
newest_order_emails as (

    select
        anchor_role,
        source_system,
        customer_id,
        min(email_hash) as email_hash
    from ranked_orders
    where order_rank = 1
    group by anchor_role, source_system, customer_id
    having min(email_hash) = max(email_hash)

),

final as (

    select
        anchor_role,
        source_system,
        customer_id,
        email_hash
    from customer_states

    union all

    select
        newest_order_emails.anchor_role,
        newest_order_emails.source_system,
        newest_order_emails.customer_id,
        newest_order_emails.email_hash
    from newest_order_emails
    left join customer_states
        on newest_order_emails.anchor_role = customer_states.anchor_role
        and newest_order_emails.source_system = customer_states.source_system
        and newest_order_emails.customer_id = customer_states.customer_id
    where customer_states.customer_id is null

)

select * from final
