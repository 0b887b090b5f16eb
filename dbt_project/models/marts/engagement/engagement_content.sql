with

profiles as (

    select * from {{ ref('int_profiles') }}

),

content_interests as (

    select * from {{ ref('int_content_interests') }}

),

final as (

    select
        profiles.profile_id,
        content_interests.content_kind,
        content_interests.content_value,
        profiles.as_of_date,
        content_interests.signal_count,
        content_interests.own_share,
        content_interests.population_share,
        content_interests.lift,
        content_interests.is_interest
    from profiles
    inner join content_interests
        on profiles.profile_id = content_interests.profile_id

)

select * from final
