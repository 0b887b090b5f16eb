with

profiles as (

    select * from {{ ref('int_profiles') }}

),

purchase_summaries as (

    select * from {{ ref('int_customer_purchase_summaries') }}

),

purchase_windows as (

    select * from {{ ref('int_purchase_windows') }}
    where anchor_role = 'as_of'

),

scores as (

    select * from {{ ref('int_rfm_scores') }}

),

grid as (

    select * from {{ ref('rfm_grid') }}
    where grid = '{{ var("rfm_grid") }}'

),

definitions as (

    select * from {{ ref('rfm_segment_definitions') }}

),

cut_points as (

    select
        cut_points_as_of,
        cut_points_date
    from {{ ref('int_rfm_bands') }}
    where measure = 'recency' and score = 1

),

measured as (

    select
        profiles.profile_id,
        profiles.as_of_date,
        purchase_windows.profile_id is not null as is_buyer,
        purchase_summaries.returned_order_count
        + purchase_summaries.cancelled_order_count
        + purchase_summaries.unlinked_refund_count as undone_count,
        scores.recency_score,
        scores.frequency_score,
        scores.monetary_score,
        scores.customer_count,
        scores.insufficient_reason,
        purchase_windows.recency_days,
        coalesce(purchase_windows.order_count, 0) as order_count,
        coalesce(purchase_windows.renewal_count, 0) as renewal_count,
        cast(coalesce(purchase_windows.monetary_total, 0) as decimal(18, 4)) as monetary_total,
        purchase_windows.average_order_value,
        purchase_windows.tenure_days
    from profiles
    left join purchase_summaries
        on profiles.profile_id = purchase_summaries.profile_id
    left join purchase_windows
        on profiles.profile_id = purchase_windows.profile_id
    left join scores
        on profiles.profile_id = scores.profile_id

),

decided as (

    select
        measured.*,
        case
            when measured.is_buyer then coalesce(grid.segment_code, 'insufficient_data')
            when measured.undone_count > 0 then 'returned_only'
            else 'prospect'
        end as segment_code
    from measured
    left join grid
        on measured.recency_score = grid.recency_score
        and measured.frequency_score = grid.frequency_score
        and measured.monetary_score = grid.monetary_score

),

final as (

    select
        decided.profile_id,
        decided.as_of_date,
        decided.segment_code,
        definitions.segment_name,
        definitions.segment_rank,
        decided.recency_score,
        decided.frequency_score,
        decided.monetary_score,
        decided.recency_days,
        decided.order_count,
        decided.renewal_count,
        decided.monetary_total,
        decided.average_order_value,
        decided.tenure_days,
        cut_points.cut_points_as_of,
        cut_points.cut_points_date,
        definitions.recommended_action,
        case
            when decided.segment_code = 'prospect' then 'no order that counts yet'
            when decided.segment_code = 'returned_only' then 'every order returned or cancelled'
            when decided.insufficient_reason = 'too_few_customers'
                then
                    {{ counted('decided.customer_count', 'buyer') }}
                    || ' in {{ var("rfm_window_days") }} days,'
                    || ' {{ var("rfm_min_customers") }} are needed'
            when decided.insufficient_reason = 'all_alike'
                then 'all buyers are alike in recency, frequency and money'
            else
                'last order ' || {{ counted('decided.recency_days', 'day') }} || ' ago (R'
                || cast(decided.recency_score as string) || '), '
                || {{ counted('decided.order_count', 'order') }} || ' (F'
                || cast(decided.frequency_score as string) || '), '
                || cast(cast(decided.monetary_total as decimal(18, 2)) as string) || ' net (M'
                || cast(decided.monetary_score as string) || ')'
        end as reason
    from decided
    cross join cut_points
    left join definitions
        on decided.segment_code = definitions.segment_code

)

select * from final
