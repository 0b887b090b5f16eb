with

profiles as (

    select * from {{ ref('int_profiles') }}

),

time_zones as (

    select * from {{ ref('int_profile_time_zones') }}

),

reaction_times as (

    select * from {{ ref('int_reaction_times') }}

),

-- Equal chances: the time at which more people react, then the earlier one.
own_times as (

    select
        reaction_times.*,
        row_number() over (
            partition by profile_id, time_kind
            order by expected_share desc, population_count desc, time_value
        ) as time_rank
    from reaction_times

),

population_times as (

    select
        time_kind,
        time_value,
        {{ exact_ratio('population_count', 'population_total') }} as expected_share,
        row_number() over (
            partition by time_kind order by population_count desc, time_value
        ) as time_rank
    from reaction_times
    group by time_kind, time_value, population_count, population_total

),

population_best as (

    select
        max(case when time_kind = 'hour' then time_value end) as best_hour,
        max(case when time_kind = 'hour' then expected_share end) as best_hour_share,
        max(case when time_kind = 'weekday' then time_value end) as best_weekday,
        max(case when time_kind = 'weekday' then expected_share end) as best_weekday_share
    from population_times
    where time_rank = 1

),

own_best as (

    select
        profile_id,
        max(reaction_count) as reaction_count,
        max(case when time_kind = 'hour' then time_value end) as best_hour,
        max(case when time_kind = 'hour' then expected_share end) as best_hour_share,
        max(case when time_kind = 'weekday' then time_value end) as best_weekday,
        max(case when time_kind = 'weekday' then expected_share end) as best_weekday_share
    from own_times
    where time_rank = 1
    group by profile_id

),

final as (

    select
        profiles.profile_id,
        profiles.as_of_date,
        case
            when own_best.profile_id is not null then 'own'
            when population_best.best_hour is not null then 'population'
            else 'insufficient_data'
        end as basis,
        time_zones.time_zone,
        time_zones.is_own_time_zone,
        coalesce(own_best.best_hour, population_best.best_hour) as best_hour,
        coalesce(own_best.best_hour_share, population_best.best_hour_share) as best_hour_share,
        coalesce(own_best.best_weekday, population_best.best_weekday) as best_weekday,
        coalesce(own_best.best_weekday_share, population_best.best_weekday_share)
            as best_weekday_share,
        case
            when population_best.best_hour is not null then coalesce(own_best.reaction_count, 0)
        end as reaction_count,
        case
            when own_best.profile_id is not null
                then
                    {{ counted('own_best.reaction_count', 'reaction') }}
                    || ' of their own, drawn towards those of everybody'
            when population_best.best_hour is not null
                then 'no reaction of their own: when everybody reacts'
            else 'nobody has reacted to a message'
        end as reason
    from profiles
    cross join population_best
    left join time_zones
        on profiles.profile_id = time_zones.profile_id
    left join own_best
        on profiles.profile_id = own_best.profile_id

)

select * from final
