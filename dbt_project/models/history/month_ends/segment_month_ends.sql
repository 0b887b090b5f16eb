{{ config(
    materialized='incremental',
    full_refresh=false,
    on_schema_change='fail',
    unique_key='change_month',
    incremental_strategy=month_strategy(),
    partition_by=month_partition('change_month'),
) }}

with

segment_days as (

    select * from {{ ref('segment_days') }}

),

segment_change_log as {{ read_anew() }} (

    select * from {{ ref('segment_change_log') }}

),

profile_activity_log as {{ read_anew() }} (

    select * from {{ ref('profile_activity_log') }}

),

logged as {{ read_anew() }} (

    {{ rows_so_far({
        'segment_type': 'string',
        'from_segment': 'string',
        'to_segment': 'string',
        'people': 'bigint',
        'net_revenue': 'decimal(18, 4)',
        'net_revenue_between': 'decimal(18, 4)',
        'changed_on': 'date',
        'previous_observed_on': 'date',
        'observation_key': 'string',
        'change_month': 'date',
    }) }}

),

logged_days as (

    select
        changed_on,
        previous_observed_on,
        change_month
    from logged
    where segment_type is null and changed_on is not null
    group by changed_on, previous_observed_on, change_month

),

days as (

    select
        as_of_date,
        lag(as_of_date) over (order by as_of_date) as previous_observed_on,
        observation_key,
        change_month
    from segment_days
    where as_of_date = cast({{ dbt.last_day('as_of_date', 'month') }} as date)

),

comparisons as (

    {{ days_to_compare() }}

),

segment_change_log_days as (

    select changed_on
    from segment_change_log
    where profile_id is null and changed_on is not null
    group by changed_on

),

profile_activity_log_days as (

    select changed_on
    from profile_activity_log
    where profile_id is null and changed_on is not null
    group by changed_on

),

earlier as (

    {{ states_on(
        'previous_observed_on',
        keys=['profile_id', 'segment_type'],
        values=['segment'],
        log='segment_change_log'
    ) }}

),

later as (

    {{ states_on(
        'changed_on',
        keys=['profile_id', 'segment_type'],
        values=['segment'],
        log='segment_change_log'
    ) }}

),

earlier_money as (

    {{ states_on(
        'previous_observed_on',
        keys=['profile_id'],
        values=['net_revenue'],
        log='profile_activity_log'
    ) }}

),

later_money as (

    {{ states_on(
        'changed_on',
        keys=['profile_id'],
        values=['net_revenue'],
        log='profile_activity_log'
    ) }}

),

-- Everybody who was there at one of the two month ends, those who stayed where they were too.
moves as (

    select
        coalesce(earlier.changed_on, later.changed_on) as changed_on,
        coalesce(earlier.profile_id, later.profile_id) as profile_id,
        coalesce(earlier.segment_type, later.segment_type) as segment_type,
        earlier.segment as from_segment,
        later.segment as to_segment
    from earlier
    full outer join later
        on earlier.changed_on = later.changed_on
        and earlier.profile_id = later.profile_id
        and earlier.segment_type = later.segment_type
    where coalesce(earlier.segment, later.segment) is not null

),

migrations as (

    select
        moves.changed_on,
        moves.segment_type,
        moves.from_segment,
        moves.to_segment,
        count(*) as people,
        sum(coalesce(later_money.net_revenue, 0)) as net_revenue,
        sum(coalesce(later_money.net_revenue, 0) - coalesce(earlier_money.net_revenue, 0))
            as net_revenue_between
    from moves
    left join later_money
        on moves.changed_on = later_money.changed_on
        and moves.profile_id = later_money.profile_id
    left join earlier_money
        on moves.changed_on = earlier_money.changed_on
        and moves.profile_id = earlier_money.profile_id
    group by moves.changed_on, moves.segment_type, moves.from_segment, moves.to_segment

),

rewritten_months as (

    {{ months_to_rewrite() }}

),

kept as (

    {{ rows_of_other_days() }}

),

day_rows as (

    {{ rows_of_days() }}

),

final as (

    select
        segment_type,
        from_segment,
        to_segment,
        people,
        net_revenue,
        net_revenue_between,
        changed_on,
        previous_observed_on,
        observation_key,
        change_month
    from kept

    union all

    select
        migrations.segment_type,
        migrations.from_segment,
        migrations.to_segment,
        migrations.people,
        cast(migrations.net_revenue as decimal(18, 4)) as net_revenue,
        cast(migrations.net_revenue_between as decimal(18, 4)) as net_revenue_between,
        comparisons.changed_on,
        comparisons.previous_observed_on,
        cast(null as string) as observation_key,
        comparisons.change_month
    from migrations
    inner join comparisons
        on migrations.changed_on = comparisons.changed_on

    union all

    select
        cast(null as string) as segment_type,
        cast(null as string) as from_segment,
        cast(null as string) as to_segment,
        cast(null as bigint) as people,
        cast(null as decimal(18, 4)) as net_revenue,
        cast(null as decimal(18, 4)) as net_revenue_between,
        changed_on,
        previous_observed_on,
        observation_key,
        change_month
    from day_rows

)

select * from final
