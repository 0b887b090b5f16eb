with

order_days as (

    select * from {{ ref('int_loyalty_order_days') }}

),

own_intervals as (

    select * from {{ ref('int_own_intervals') }}

),

-- Each repeat buyer counts once, however many intervals there are.
ranked as (

    select
        days_back,
        median_interval_days,
        row_number() over (
            partition by days_back order by median_interval_days, profile_id
        ) as buyer_rank,
        count(*) over (partition by days_back) as buyer_count
    from own_intervals

),

shop_medians as (

    select
        days_back,
        median_interval_days
    from ranked
    where buyer_rank * 2 in (buyer_count, buyer_count + 1)

),

buyers as (

    select
        profile_id,
        days_back,
        min(age_days) as days_since_last_order
    from order_days
    group by profile_id, days_back

),

-- The own median, drawn towards the shop's by so many intervals like the shop's.
final as (

    select
        buyers.profile_id,
        buyers.days_back,
        buyers.days_since_last_order,
        coalesce(own_intervals.interval_count, 0) as interval_count,
        own_intervals.median_interval_days,
        shop_medians.median_interval_days as shop_interval_days,
        {{ exact_ratio(
            '(coalesce(own_intervals.interval_count * own_intervals.median_interval_days, 0) + '
            ~ var('interval_prior_count') ~ ' * shop_medians.median_interval_days)',
            '(coalesce(own_intervals.interval_count, 0) + ' ~ var('interval_prior_count') ~ ')',
            2
        ) }} as expected_interval_days
    from buyers
    left join own_intervals
        on buyers.profile_id = own_intervals.profile_id
        and buyers.days_back = own_intervals.days_back
    left join shop_medians
        on buyers.days_back = shop_medians.days_back

)

select * from final
