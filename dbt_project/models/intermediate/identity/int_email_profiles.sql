with

anchors as (

    select * from {{ ref('int_anchors') }}

),

customer_emails as (

    select * from {{ ref('int_customer_emails') }}

),

order_states as (

    select * from {{ ref('int_order_states') }}
    where email_hash is not null

),

seen_emails as (

    select * from {{ ref('int_seen_identifiers') }}
    where identifier_kind = 'email'

),

customer_profiles as (

    select * from {{ ref('int_customer_profiles') }}

),

-- With the customer it was seen with, if any.
sightings as (

    select
        anchor_role,
        email_hash,
        source_system,
        customer_id
    from customer_emails

    union all

    select
        anchor_role,
        email_hash,
        source_system,
        customer_id
    from order_states

    union all

    select
        anchors.anchor_role,
        seen_emails.identifier_value as email_hash,
        cast(null as {{ dbt.type_string() }}) as source_system,
        cast(null as {{ dbt.type_string() }}) as customer_id
    from seen_emails
    inner join anchors
        on seen_emails.first_seen_date <= anchors.anchor_date

),

owners as (

    select
        sightings.anchor_role,
        sightings.email_hash,
        min(customer_profiles.profile_id) as first_profile_id,
        max(customer_profiles.profile_id) as last_profile_id
    from sightings
    left join customer_profiles
        on sightings.anchor_role = customer_profiles.anchor_role
        and sightings.source_system = customer_profiles.source_system
        and sightings.customer_id = customer_profiles.customer_id
    group by sightings.anchor_role, sightings.email_hash

),

keyed as (

    select
        owners.*,
        {{ profile_id('email', ['email_hash']) }} as own_profile_id
    from owners

),

final as (

    select
        anchor_role,
        email_hash,
        own_profile_id,
        case
            when first_profile_id = last_profile_id then first_profile_id
            else own_profile_id
        end as profile_id,
        case when first_profile_id = last_profile_id then 'customer' else 'email' end
            as profile_kind,
        coalesce(first_profile_id <> last_profile_id, false) as is_shared
    from keyed

)

select * from final
