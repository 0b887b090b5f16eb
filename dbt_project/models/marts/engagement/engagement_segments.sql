with

profiles as (

    select * from {{ ref('int_profiles') }}

),

behaviour_inputs as (

    select * from {{ ref('int_behaviour_inputs') }}

),

brand_scores as (

    select * from {{ ref('int_brand_scores') }}
    where days_back = 0

),

activity as (

    select * from {{ ref('int_activity_trends') }}

),

usage_segments as (

    select * from {{ ref('int_usage_segments') }}

),

channel_mixes as (

    select * from {{ ref('int_channel_mixes') }}

),

visit_patterns as (

    select * from {{ ref('int_visit_patterns') }}

),

message_totals as (

    select
        profile_id,
        cast(sum(sent_count) as bigint) as message_count,
        cast(sum(reacted_count) as bigint) as message_reaction_count,
        max(case when is_preferred then channel end) as preferred_channel
    from {{ ref('engagement_channels') }}
    group by profile_id

),

top_interests as (

    select
        profile_id,
        max(case when content_kind = 'topic' then content_value end) as top_content_topic,
        max(case when content_kind = 'format' then content_value end) as top_content_format
    from {{ ref('int_content_interests') }}
    where is_interest and lift_rank = 1
    group by profile_id

),

tiers as (

    select
        tier_code,
        lower_bound,
        lead(lower_bound) over (order by lower_bound) as upper_bound
    from {{ ref('engagement_tiers') }}

),

definitions as (

    select * from {{ ref('segment_definitions') }}

),

measured as (

    select
        profiles.profile_id,
        profiles.as_of_date,
        behaviour_inputs.has_events,
        behaviour_inputs.has_messages,
        case
            when behaviour_inputs.has_events
                then cast(coalesce(brand_scores.brand_score, 0) as decimal(18, 4))
        end as brand_score,
        activity.last_active_date,
        case
            when behaviour_inputs.has_events then coalesce(activity.recent_active_day_count, 0)
        end as recent_active_day_count,
        case
            when behaviour_inputs.has_events then coalesce(activity.earlier_active_day_count, 0)
        end as earlier_active_day_count,
        case
            when behaviour_inputs.has_events then coalesce(activity.trend, 'undetermined')
        end as trend,
        case
            when not behaviour_inputs.has_messages then 'insufficient_data'
            else coalesce(channel_names.segment_code, 'undetermined')
        end as preferred_channel,
        case
            when behaviour_inputs.has_messages then coalesce(message_totals.message_count, 0)
        end as message_count,
        case
            when behaviour_inputs.has_messages
                then coalesce(message_totals.message_reaction_count, 0)
        end as message_reaction_count,
        usage_segments.usage_segment,
        usage_segments.usage_basis,
        usage_segments.usage_value,
        usage_segments.cut_points_as_of,
        usage_segments.cut_points_date,
        channel_mixes.channel_mix,
        channel_mixes.online_day_count,
        channel_mixes.store_day_count,
        case when behaviour_inputs.has_events then coalesce(visit_patterns.visit_count, 0) end
            as visit_count,
        visit_patterns.weekend_visit_share,
        visit_patterns.top_daypart,
        visit_patterns.top_weekday,
        case
            when behaviour_inputs.has_events
                then coalesce(visit_patterns.visit_pattern, 'undetermined')
        end as visit_pattern,
        top_interests.top_content_topic,
        top_interests.top_content_format
    from profiles
    cross join behaviour_inputs
    left join brand_scores
        on profiles.profile_id = brand_scores.profile_id
    left join activity
        on profiles.profile_id = activity.profile_id
    left join message_totals
        on profiles.profile_id = message_totals.profile_id
    left join definitions as channel_names
        on channel_names.segment_type = 'preferred_channel'
        and message_totals.preferred_channel = channel_names.segment_code
    left join usage_segments
        on profiles.profile_id = usage_segments.profile_id
    left join channel_mixes
        on profiles.profile_id = channel_mixes.profile_id
    left join visit_patterns
        on profiles.profile_id = visit_patterns.profile_id
    left join top_interests
        on profiles.profile_id = top_interests.profile_id

),

decided as (

    select
        measured.*,
        coalesce(tiers.tier_code, 'insufficient_data') as segment_code,
        {{ dbt.datediff('measured.last_active_date', 'measured.as_of_date', 'day') }}
            as inactive_days
    from measured
    left join tiers
        on measured.brand_score >= tiers.lower_bound
        and (tiers.upper_bound is null or measured.brand_score < tiers.upper_bound)

),

final as (

    select
        decided.profile_id,
        decided.as_of_date,
        decided.segment_code,
        brand_definitions.segment_name,
        brand_definitions.segment_rank,
        decided.brand_score,
        decided.last_active_date,
        decided.recent_active_day_count,
        decided.earlier_active_day_count,
        decided.trend,
        decided.preferred_channel,
        channel_definitions.segment_name as preferred_channel_name,
        decided.message_count,
        decided.message_reaction_count,
        decided.channel_mix,
        mix_definitions.segment_name as channel_mix_name,
        decided.online_day_count,
        decided.store_day_count,
        decided.usage_segment,
        usage_definitions.segment_name as usage_segment_name,
        decided.usage_basis,
        decided.usage_value,
        decided.cut_points_as_of,
        decided.cut_points_date,
        decided.visit_count,
        decided.weekend_visit_share,
        decided.top_daypart,
        decided.top_weekday,
        decided.visit_pattern,
        decided.top_content_topic,
        decided.top_content_format,
        case
            when decided.brand_score is null then 'no events are delivered'
            when decided.segment_code = 'none'
                then 'nothing that counts in {{ var("engagement_window_days") }} days'
            else
                'brand score ' || cast(cast(decided.brand_score as decimal(18, 2)) as string)
                || coalesce(
                    ', last active ' || {{ counted('decided.inactive_days', 'day') }} || ' ago', ''
                )
        end as reason
    from decided
    left join definitions as brand_definitions
        on brand_definitions.segment_type = 'brand_engagement'
        and decided.segment_code = brand_definitions.segment_code
    left join definitions as channel_definitions
        on channel_definitions.segment_type = 'preferred_channel'
        and decided.preferred_channel = channel_definitions.segment_code
    left join definitions as mix_definitions
        on mix_definitions.segment_type = 'channel_mix'
        and decided.channel_mix = mix_definitions.segment_code
    left join definitions as usage_definitions
        on usage_definitions.segment_type = 'usage'
        and decided.usage_segment = usage_definitions.segment_code

)

select * from final
