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

seen_identifiers as (

    select * from {{ ref('int_seen_identifiers') }}
    where first_seen_date <= {{ as_of_date() }}

),

customer_profiles as (

    select * from {{ ref('int_customer_profiles') }}
    where anchor_role = 'as_of'

),

identifier_profiles as (

    select * from {{ ref('int_identifier_profiles') }}
    where anchor_role = 'as_of' and profile_id is not null

),

leading_customers as (

    select
        profile_id,
        source_system,
        customer_id
    from customer_profiles
    where is_leading

),

sightings as (

    select
        customer_profiles.profile_id,
        'customer' as profile_kind,
        customer_states.created_at
    from customer_states
    inner join customer_profiles
        on customer_states.source_system = customer_profiles.source_system
        and customer_states.customer_id = customer_profiles.customer_id

    union all

    select
        profile_id,
        profile_kind,
        cast(null as timestamp) as created_at
    from order_people

    union all

    select
        unlinked_profile_id as profile_id,
        'customer' as profile_kind,
        cast(null as timestamp) as created_at
    from unlinked_refunds

    union all

    select
        identifier_profiles.profile_id,
        identifier_profiles.profile_kind,
        cast(null as timestamp) as created_at
    from seen_identifiers
    inner join identifier_profiles
        on seen_identifiers.identifier_kind = identifier_profiles.identifier_kind
        and seen_identifiers.identifier_source = identifier_profiles.identifier_source
        and seen_identifiers.identifier_value = identifier_profiles.identifier_value

),

profiles as (

    select
        profile_id,
        min(profile_kind) as profile_kind,
        min(created_at) as created_at
    from sightings
    group by profile_id

),

final as (

    select
        profiles.profile_id,
        {{ as_of_date() }} as as_of_date,
        profiles.profile_kind,
        leading_customers.source_system,
        leading_customers.customer_id,
        profiles.created_at
    from profiles
    left join leading_customers
        on profiles.profile_id = leading_customers.profile_id

)

select * from final
