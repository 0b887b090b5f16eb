with

customer_states as (

    select * from {{ ref('int_customer_states') }}
    where email_hash is not null

),

order_states as (

    select * from {{ ref('int_order_states') }}
    where email_hash is not null and customer_id is not null

),

links as (

    select
        anchor_role,
        email_hash,
        source_system,
        customer_id
    from customer_states

    union all

    select
        anchor_role,
        email_hash,
        source_system,
        customer_id
    from order_states

),

keyed_links as (

    select
        links.*,
        {{ natural_key(['source_system', 'customer_id']) }} as customer_key
    from links

),

final as (

    select
        anchor_role,
        email_hash,
        min(source_system) as source_system,
        min(customer_id) as customer_id
    from keyed_links
    group by anchor_role, email_hash
    having min(customer_key) = max(customer_key)

)

select * from final
