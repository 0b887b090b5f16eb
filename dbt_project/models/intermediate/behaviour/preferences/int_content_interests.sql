with

content_days as (

    select * from {{ ref('int_profile_content_days') }}
    where
        event_date > {{ add_days(as_of_date(), -var('engagement_window_days')) }}

),

signals as (

    select
        profile_id,
        'topic' as content_kind,
        content_topic as content_value,
        signal_count
    from content_days
    where content_topic <> ''

    union all

    select
        profile_id,
        'format' as content_kind,
        content_format as content_value,
        signal_count
    from content_days
    where content_format <> ''

),

own_signals as (

    select
        profile_id,
        content_kind,
        content_value,
        cast(sum(signal_count) as bigint) as signal_count
    from signals
    group by profile_id, content_kind, content_value

),

totals as (

    select
        own_signals.*,
        cast(sum(signal_count) over (partition by profile_id, content_kind) as bigint)
            as own_total,
        cast(sum(signal_count) over (partition by content_kind, content_value) as bigint)
            as value_total,
        cast(sum(signal_count) over (partition by content_kind) as bigint) as kind_total
    from own_signals

),

-- The own share, drawn towards everybody's by so many signals like everybody's, over everybody's.
lifts as (

    select
        totals.*,
        {{ exact_ratio('signal_count', 'own_total') }} as own_share,
        {{ exact_ratio('value_total', 'kind_total') }} as population_share,
        {{ exact_ratio(
            '(cast(signal_count as decimal(29, 0)) * kind_total + '
            ~ var('content_prior_signals') ~ ' * value_total)',
            '(cast(own_total as decimal(29, 0)) + '
            ~ var('content_prior_signals') ~ ') * value_total'
        ) }} as lift
    from totals

),

final as (

    select
        profile_id,
        content_kind,
        content_value,
        signal_count,
        own_share,
        population_share,
        lift,
        signal_count >= {{ var('content_min_signals') }}
        and lift >= {{ var('content_min_lift') }} as is_interest,
        row_number() over (
            partition by profile_id, content_kind
            order by lift desc, signal_count desc, content_value
        ) as lift_rank
    from lifts

)

select * from final
