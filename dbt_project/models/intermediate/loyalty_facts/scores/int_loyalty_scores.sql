{%- set groups = ['purchase_history', 'brand_interaction', 'content', 'advocacy'] -%}
with

profiles as (

    select * from {{ ref('int_profiles') }}

),

evaluation_days as (

    select * from {{ ref('int_evaluation_days') }}

),

points as (

    select * from {{ ref('int_loyalty_points') }}

),

expected_intervals as (

    select * from {{ ref('int_expected_intervals') }}

),

behaviour_inputs as (

    select * from {{ ref('int_behaviour_inputs') }}

),

components as (

    select * from {{ ref('loyalty_components') }}

),

tiers as (

    select
        tier_code,
        lower_bound,
        lead(lower_bound) over (order by lower_bound) as upper_bound,
        row_number() over (order by lower_bound) as tier_level
    from {{ ref('loyalty_tiers') }}

),

group_totals as (

    select
        {%- for group in groups %}
        sum(case when component_group = '{{ group }}' then maximum_points else 0 end)
            as {{ group }}_maximum
        {{- ',' if not loop.last }}
        {%- endfor %}
    from components

),

-- What an input that is not there could have brought is taken out of the maximum.
maxima as (

    select
        group_totals.purchase_history_maximum,
        case when behaviour_inputs.has_events then group_totals.brand_interaction_maximum end
            as brand_interaction_maximum,
        case when behaviour_inputs.has_content then group_totals.content_maximum end
            as content_maximum,
        case
            when behaviour_inputs.has_events or behaviour_inputs.has_feedback
                then group_totals.advocacy_maximum
        end as advocacy_maximum
    from group_totals
    cross join behaviour_inputs

),

component_points as (

    select
        profiles.profile_id,
        evaluation_days.days_back,
        evaluation_days.evaluated_date,
        expected_intervals.profile_id is not null as is_buyer,
        expected_intervals.days_since_last_order,
        expected_intervals.expected_interval_days,
        cast(points.tenure_measure as bigint) as tenure_days,
        cast(points.frequency_measure as bigint) as order_day_count,
        points.regularity_measure as regularity,
        points.active_months_measure as active_month_share,
        cast(points.content_measure as bigint) as content_day_count,
        cast(points.advocacy_measure as bigint) as advocacy_act_count,
        coalesce(points.tenure_points, 0) as tenure_points,
        coalesce(points.frequency_points, 0) as frequency_points,
        coalesce(points.regularity_points, 0) as regularity_points,
        coalesce(points.active_months_points, 0) as active_months_points,
        case when maxima.brand_interaction_maximum is not null
            then coalesce(points.brand_interaction_points, 0)
        end as brand_interaction_points,
        case when maxima.content_maximum is not null then coalesce(points.content_points, 0) end
            as content_points,
        case when maxima.advocacy_maximum is not null then coalesce(points.advocacy_points, 0) end
            as advocacy_points,
        maxima.purchase_history_maximum,
        coalesce(maxima.brand_interaction_maximum, 0)
        + coalesce(maxima.content_maximum, 0)
        + coalesce(maxima.advocacy_maximum, 0) as attitude_maximum
    from profiles
    cross join evaluation_days
    cross join maxima
    left join points
        on profiles.profile_id = points.profile_id
        and evaluation_days.days_back = points.days_back
    left join expected_intervals
        on profiles.profile_id = expected_intervals.profile_id
        and evaluation_days.days_back = expected_intervals.days_back
    -- Whoever has not bought by then has no tier; today's row is there for everybody.
    where evaluation_days.days_back = 0 or expected_intervals.profile_id is not null

),

sums as (

    select
        component_points.*,
        tenure_points + frequency_points + regularity_points + active_months_points
            as purchase_history_points,
        coalesce(brand_interaction_points, 0)
        + coalesce(content_points, 0)
        + coalesce(advocacy_points, 0) as attitude_points
    from component_points

),

scored as (

    select
        sums.*,
        case
            when is_buyer
                then
                    {{ exact_ratio(
                        '100 * (purchase_history_points + attitude_points)',
                        '(purchase_history_maximum + attitude_maximum)',
                        2
                    ) }}
        end as loyalty_score,
        {{ exact_ratio('purchase_history_points', 'purchase_history_maximum') }}
            as repeat_buying_share,
        {{ exact_ratio('attitude_points', 'attitude_maximum') }} as attitude_share,
        coalesce(
            days_since_last_order > {{ var('loyalty_lapse_factor') }} * expected_interval_days,
            false
        ) as is_lapsing
    from sums

),

-- Whoever has stayed away too long is in the second-best tier at most.
final as (

    select
        scored.profile_id,
        scored.days_back,
        scored.evaluated_date,
        scored.is_buyer,
        scored.days_since_last_order,
        scored.expected_interval_days,
        scored.is_lapsing,
        scored.tenure_days,
        scored.order_day_count,
        scored.regularity,
        scored.active_month_share,
        scored.content_day_count,
        scored.advocacy_act_count,
        cast(scored.tenure_points as decimal(18, 2)) as tenure_points,
        cast(scored.frequency_points as decimal(18, 2)) as frequency_points,
        cast(scored.regularity_points as decimal(18, 2)) as regularity_points,
        cast(scored.active_months_points as decimal(18, 2)) as active_months_points,
        cast(scored.purchase_history_points as decimal(18, 2)) as purchase_history_points,
        cast(scored.brand_interaction_points as decimal(18, 2)) as brand_interaction_points,
        cast(scored.content_points as decimal(18, 2)) as content_points,
        cast(scored.advocacy_points as decimal(18, 2)) as advocacy_points,
        cast(scored.purchase_history_maximum + scored.attitude_maximum as decimal(18, 2))
            as available_points,
        scored.loyalty_score,
        scored.repeat_buying_share,
        scored.attitude_share,
        case
            when scored.is_lapsing
                then least(tiers.tier_level, (select max(tier_level) - 1 from tiers))
            else tiers.tier_level
        end as raw_tier_level
    from scored
    left join tiers
        on scored.loyalty_score >= tiers.lower_bound
        and (tiers.upper_bound is null or scored.loyalty_score < tiers.upper_bound)

)

select * from final
