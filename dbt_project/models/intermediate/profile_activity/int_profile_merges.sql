with

identifier_profiles as (

    select * from {{ ref('int_identifier_profiles') }}
    where anchor_role = 'as_of' and profile_id is not null

),

final as (

    select
        own_profile_id,
        min(profile_id) as profile_id
    from identifier_profiles
    where own_profile_id <> profile_id
    group by own_profile_id

)

select * from final
