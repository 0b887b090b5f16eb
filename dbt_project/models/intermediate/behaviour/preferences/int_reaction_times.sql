with

messages as (

    select * from {{ ref('int_profile_messages') }}
    where first_reacted_at is not null

),

time_zones as (

    select * from {{ ref('int_profile_time_zones') }}

),

local_reactions as (

    select
        messages.profile_id,
        {{ local_time_in('messages.first_reacted_at', 'time_zones.time_zone') }}
            as local_reacted_at
    from messages
    inner join time_zones
        on messages.profile_id = time_zones.profile_id

),

reactions as (

    select
        profile_id,
        'hour' as time_kind,
        cast(extract(hour from local_reacted_at) as integer) as time_value
    from local_reactions

    union all

    select
        profile_id,
        'weekday' as time_kind,
        cast({{ iso_weekday('local_reacted_at') }} as integer) as time_value
    from local_reactions

),

own_counts as (

    select
        profile_id,
        time_kind,
        time_value,
        count(*) as reaction_count
    from reactions
    group by profile_id, time_kind, time_value

),

population_counts as (

    select
        time_kind,
        time_value,
        cast(sum(reaction_count) as bigint) as reaction_count
    from own_counts
    group by time_kind, time_value

),

population as (

    select
        population_counts.*,
        cast(sum(reaction_count) over (partition by time_kind) as bigint) as total_count,
        row_number() over (
            partition by time_kind order by reaction_count desc, time_value
        ) as population_rank
    from population_counts

),

own_totals as (

    select
        profile_id,
        time_kind,
        cast(sum(reaction_count) as bigint) as total_count
    from own_counts
    group by profile_id, time_kind

),

-- A time that is not one's own can only win if it is everybody's best.
candidates as (

    select
        profile_id,
        time_kind,
        time_value,
        reaction_count
    from own_counts

    union all

    select
        own_totals.profile_id,
        population.time_kind,
        population.time_value,
        0 as reaction_count
    from own_totals
    inner join population
        on own_totals.time_kind = population.time_kind
        and population.population_rank = 1

),

candidate_totals as (

    select
        profile_id,
        time_kind,
        time_value,
        cast(sum(reaction_count) as bigint) as reaction_count
    from candidates
    group by profile_id, time_kind, time_value

),

final as (

    select
        candidate_totals.profile_id,
        candidate_totals.time_kind,
        candidate_totals.time_value,
        own_totals.total_count as reaction_count,
        {{ exact_ratio(
            '(cast(candidate_totals.reaction_count as decimal(29, 0)) * population.total_count + '
            ~ var('send_time_prior_reactions') ~ ' * population.reaction_count)',
            '(cast(own_totals.total_count as decimal(29, 0)) + '
            ~ var('send_time_prior_reactions') ~ ') * population.total_count'
        ) }} as expected_share,
        population.reaction_count as population_count,
        population.total_count as population_total
    from candidate_totals
    inner join own_totals
        on candidate_totals.profile_id = own_totals.profile_id
        and candidate_totals.time_kind = own_totals.time_kind
    inner join population
        on candidate_totals.time_kind = population.time_kind
        and candidate_totals.time_value = population.time_value

)

select * from final
