with

anchors as (

    select * from {{ ref('int_anchors') }}

),

customer_states as (

    select * from {{ ref('int_customer_states') }}

),

order_states as (

    select * from {{ ref('int_order_states') }}
    where customer_id is not null

),

refunds as (

    select * from {{ ref('int_refunds') }}
    where customer_id is not null

),

seen_customers as (

    select * from {{ ref('int_seen_identifiers') }}
    where identifier_kind = 'customer'

),

customer_emails as (

    select * from {{ ref('int_customer_emails') }}

),

mailbox_owners as (

    select * from {{ ref('int_mailbox_owners') }}

),

sightings as (

    select
        anchor_role,
        source_system,
        customer_id
    from customer_states

    union all

    select
        anchor_role,
        source_system,
        customer_id
    from order_states

    union all

    select
        anchors.anchor_role,
        refunds.source_system,
        refunds.customer_id
    from refunds
    inner join anchors
        on refunds.refunded_at < anchors.anchor_ends_at

    union all

    select
        anchors.anchor_role,
        seen_customers.identifier_source as source_system,
        seen_customers.identifier_value as customer_id
    from seen_customers
    inner join anchors
        on seen_customers.first_seen_date <= anchors.anchor_date

),

customers as (

    select
        anchor_role,
        source_system,
        customer_id
    from sightings
    group by anchor_role, source_system, customer_id

),

led as (

    select
        customers.*,
        coalesce(mailbox_owners.source_system, customers.source_system) as leading_source_system,
        coalesce(mailbox_owners.customer_id, customers.customer_id) as leading_customer_id
    from customers
    left join customer_emails
        on customers.anchor_role = customer_emails.anchor_role
        and customers.source_system = customer_emails.source_system
        and customers.customer_id = customer_emails.customer_id
    left join mailbox_owners
        on customer_emails.anchor_role = mailbox_owners.anchor_role
        and customer_emails.email_hash = mailbox_owners.email_hash

),

final as (

    select
        anchor_role,
        source_system,
        customer_id,
        {{ profile_id('customer', ['source_system', 'customer_id']) }} as own_profile_id,
        {{ profile_id('customer', ['leading_source_system', 'leading_customer_id']) }}
            as profile_id,
        leading_source_system = source_system and leading_customer_id = customer_id as is_leading
    from led

)

select * from final
