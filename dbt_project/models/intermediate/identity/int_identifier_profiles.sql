with

known_profiles as (

    select * from {{ ref('int_known_profiles') }}

),

device_profiles as (

    select * from {{ ref('int_device_profiles') }}

),

final as (

    select
        anchor_role,
        identifier_kind,
        identifier_source,
        identifier_value,
        own_profile_id,
        profile_id,
        profile_kind,
        is_shared
    from known_profiles

    union all

    select
        anchor_role,
        'anonymous' as identifier_kind,
        source_system as identifier_source,
        anonymous_id as identifier_value,
        own_profile_id,
        profile_id,
        profile_kind,
        is_shared
    from device_profiles

)

select * from final
