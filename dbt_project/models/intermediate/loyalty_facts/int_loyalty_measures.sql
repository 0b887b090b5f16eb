with

order_days as (

    select * from {{ ref('int_loyalty_order_days') }}

),

own_intervals as (

    select * from {{ ref('int_own_intervals') }}

),

brand_scores as (

    select * from {{ ref('int_brand_scores') }}

),

content_days as (

    select * from {{ ref('int_profile_content_days') }}

),

advocacy_acts as (

    select * from {{ ref('int_advocacy_acts') }}

),

evaluation_days as (

    select * from {{ ref('int_evaluation_days') }}

),

order_totals as (

    select
        profile_id,
        days_back,
        max(age_days) - min(age_days) as tenure_days,
        count(case when age_days < {{ var('loyalty_window_days') }} then 1 end)
            as order_day_count,
        count(
            distinct case
                when age_months < {{ var('loyalty_window_months') }} then age_months
            end
        ) as active_month_count
    from order_days
    group by profile_id, days_back

),

content_totals as (

    select
        content_days.profile_id,
        evaluation_days.days_back,
        count(distinct content_days.event_date) as content_day_count
    from content_days
    inner join evaluation_days
        on content_days.event_date <= evaluation_days.evaluated_date
        and content_days.event_date
        > {{ add_days('evaluation_days.evaluated_date', -var('loyalty_window_days')) }}
    group by content_days.profile_id, evaluation_days.days_back

),

advocacy_totals as (

    select
        advocacy_acts.profile_id,
        evaluation_days.days_back,
        count(*) as advocacy_act_count
    from advocacy_acts
    inner join evaluation_days
        on advocacy_acts.act_date <= evaluation_days.evaluated_date
        and advocacy_acts.act_date
        > {{ add_days('evaluation_days.evaluated_date', -var('loyalty_window_days')) }}
    group by advocacy_acts.profile_id, evaluation_days.days_back

),

final as (

    select
        profile_id,
        days_back,
        'tenure' as component,
        cast(tenure_days as decimal(18, 6)) as measure_value
    from order_totals

    union all

    select
        profile_id,
        days_back,
        'frequency' as component,
        cast(order_day_count as decimal(18, 6)) as measure_value
    from order_totals

    union all

    select
        profile_id,
        days_back,
        'active_months' as component,
        {{ exact_ratio('active_month_count', var('loyalty_window_months')) }} as measure_value
    from order_totals

    union all

    -- 1 if all intervals are alike; drawn towards 0 by so many intervals of which nothing is known.
    select
        profile_id,
        days_back,
        'regularity' as component,
        {{ exact_ratio(
            'greatest(interval_count * median_interval_days - deviation_days, 0)',
            '(interval_count + ' ~ var('interval_prior_count') ~ ') * median_interval_days'
        ) }} as measure_value
    from own_intervals

    union all

    select
        profile_id,
        days_back,
        'brand_interaction' as component,
        cast(brand_score as decimal(18, 6)) as measure_value
    from brand_scores

    union all

    select
        profile_id,
        days_back,
        'content' as component,
        cast(content_day_count as decimal(18, 6)) as measure_value
    from content_totals

    union all

    select
        profile_id,
        days_back,
        'advocacy' as component,
        cast(advocacy_act_count as decimal(18, 6)) as measure_value
    from advocacy_totals

)

select * from final
