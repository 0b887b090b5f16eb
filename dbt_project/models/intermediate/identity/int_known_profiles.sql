with

customer_profiles as (

    select * from {{ ref('int_customer_profiles') }}

),

email_profiles as (

    select * from {{ ref('int_email_profiles') }}

),

final as (

    select
        anchor_role,
        'customer' as identifier_kind,
        source_system as identifier_source,
        customer_id as identifier_value,
        own_profile_id,
        profile_id,
        'customer' as profile_kind,
        false as is_shared
    from customer_profiles

    union all

    select
        anchor_role,
        'email' as identifier_kind,
        '' as identifier_source,
        email_hash as identifier_value,
        own_profile_id,
        profile_id,
        profile_kind,
        is_shared
    from email_profiles

)

select * from final
