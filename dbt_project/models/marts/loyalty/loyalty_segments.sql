with

scores as (

    select * from {{ ref('int_loyalty_scores') }}

),

programme_members as (

    select * from {{ ref('int_programme_members') }}

),

quadrants as (

    select * from {{ ref('loyalty_quadrants') }}

),

definitions as (

    select * from {{ ref('segment_definitions') }}
    where segment_type = 'loyalty'

),

tiers as (

    select
        tier_code,
        lower_bound,
        row_number() over (order by lower_bound) as tier_level
    from {{ ref('loyalty_tiers') }}

),

programme as (

    select count(*) > 0 as has_members
    from programme_members

),

current_scores as (

    select * from scores
    where days_back = 0

),

-- The best tier of the day and the days of grace before it; of equal ones the newest.
best_days as (

    select
        profile_id,
        days_back,
        evaluated_date,
        raw_tier_level,
        row_number() over (
            partition by profile_id order by raw_tier_level desc, days_back
        ) as day_rank
    from scores
    where raw_tier_level is not null

),

quadrant_fits as (

    select
        current_scores.profile_id,
        quadrants.quadrant_code,
        row_number() over (
            partition by current_scores.profile_id order by quadrants.priority
        ) as fit_rank
    from current_scores
    inner join quadrants
        on current_scores.repeat_buying_share >= quadrants.repeat_buying_from
        and current_scores.attitude_share >= quadrants.attitude_from

),

decided as (

    select
        current_scores.*,
        coalesce(tiers.tier_code, 'prospect') as segment_code,
        raw_tiers.tier_code as raw_tier,
        next_tiers.tier_code as next_tier,
        best_days.evaluated_date as tier_as_of_date,
        best_days.days_back as tier_days_back,
        coalesce(best_days.days_back > 0, false) as is_in_grace,
        cast(
            case
                when next_tiers.lower_bound <= current_scores.loyalty_score then 0
                else next_tiers.lower_bound - current_scores.loyalty_score
            end as decimal(18, 2)
        ) as points_to_next_tier,
        case
            when current_scores.attitude_share is null then 'insufficient_data'
            else quadrant_fits.quadrant_code
        end as loyalty_quadrant
    from current_scores
    left join best_days
        on current_scores.profile_id = best_days.profile_id
        and best_days.day_rank = 1
    left join tiers
        on best_days.raw_tier_level = tiers.tier_level
    left join tiers as raw_tiers
        on current_scores.raw_tier_level = raw_tiers.tier_level
    left join tiers as next_tiers
        on best_days.raw_tier_level + 1 = next_tiers.tier_level
    left join quadrant_fits
        on current_scores.profile_id = quadrant_fits.profile_id
        and quadrant_fits.fit_rank = 1

),

final as (

    select
        decided.profile_id,
        decided.evaluated_date as as_of_date,
        decided.segment_code,
        definitions.segment_name,
        definitions.segment_rank,
        decided.loyalty_score,
        decided.raw_tier,
        decided.tier_as_of_date,
        decided.is_in_grace,

        -- the score's components
        decided.tenure_points,
        decided.frequency_points,
        decided.regularity_points,
        decided.active_months_points,
        decided.purchase_history_points,
        decided.brand_interaction_points,
        decided.content_points,
        decided.advocacy_points,
        decided.available_points,

        -- what they are made from
        decided.tenure_days,
        decided.order_day_count,
        decided.regularity,
        decided.active_month_share,
        decided.content_day_count,
        decided.advocacy_act_count,
        decided.days_since_last_order,
        decided.expected_interval_days,
        decided.is_lapsing,

        -- what follows
        decided.next_tier,
        decided.points_to_next_tier,
        coalesce(
            decided.points_to_next_tier <= {{ var('potential_loyalist_points') }}
            and decided.days_since_last_order <= decided.expected_interval_days,
            false
        ) as is_potential_loyalist,
        decided.repeat_buying_share,
        decided.attitude_share,
        decided.loyalty_quadrant,

        -- the shop's own programme
        case when programme.has_members then programme_members.profile_id is not null end
            as is_programme_member,
        programme_members.joined_date as programme_joined_date,
        programme_members.loyalty_tier as programme_tier,
        case
            when not decided.is_buyer then 'no order that counts yet'
            when decided.is_in_grace
                then
                    cast(decided.loyalty_score as string) || ' points today; the tier is that of '
                    || {{ counted('decided.tier_days_back', 'day') }} || ' ago'
            when decided.is_lapsing
                then
                    cast(decided.loyalty_score as string) || ' points, last order '
                    || {{ counted('decided.days_since_last_order', 'day') }} || ' ago where '
                    || cast(decided.expected_interval_days as string) || ' are usual'
            else
                cast(decided.loyalty_score as string) || ' points of 100'
        end as reason
    from decided
    cross join programme
    left join definitions
        on decided.segment_code = definitions.segment_code
    left join programme_members
        on decided.profile_id = programme_members.profile_id

)

select * from final
