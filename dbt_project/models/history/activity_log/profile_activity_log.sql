{{ config(
    materialized='incremental',
    full_refresh=false,
    on_schema_change='fail',
    unique_key='change_month',
    incremental_strategy=month_strategy(),
    partition_by=month_partition('change_month'),
) }}

with

days as (

    select * from {{ ref('segment_days') }}

),

profile_activity as {{ read_anew() }} (

    select * from {{ ref('int_profile_activity') }}

),

logged as {{ read_anew() }} (

    {{ rows_so_far({
        'profile_id': 'string',
        'from_last_activity_date': 'date',
        'to_last_activity_date': 'date',
        'from_activity_count': 'bigint',
        'to_activity_count': 'bigint',
        'from_net_revenue': 'decimal(18, 4)',
        'to_net_revenue': 'decimal(18, 4)',
        'from_merged_into': 'string',
        'to_merged_into': 'string',
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
    where profile_id is null and changed_on is not null
    group by changed_on, previous_observed_on, change_month

),

comparisons as (

    {{ days_to_compare() }}

),

earlier as (

    {{ states_on(
        'previous_observed_on',
        keys=['profile_id'],
        values=['last_activity_date', 'activity_count', 'net_revenue', 'merged_into'],
        current='profile_activity'
    ) }}

),

later as (

    {{ states_on(
        'changed_on',
        keys=['profile_id'],
        values=['last_activity_date', 'activity_count', 'net_revenue', 'merged_into'],
        current='profile_activity'
    ) }}

),

differences as (

    select
        coalesce(earlier.changed_on, later.changed_on) as changed_on,
        coalesce(earlier.profile_id, later.profile_id) as profile_id,
        earlier.last_activity_date as from_last_activity_date,
        later.last_activity_date as to_last_activity_date,
        earlier.activity_count as from_activity_count,
        later.activity_count as to_activity_count,
        earlier.net_revenue as from_net_revenue,
        later.net_revenue as to_net_revenue,
        earlier.merged_into as from_merged_into,
        later.merged_into as to_merged_into
    from earlier
    full outer join later
        on earlier.changed_on = later.changed_on
        and earlier.profile_id = later.profile_id
    where
        earlier.last_activity_date is distinct from later.last_activity_date
        or earlier.activity_count is distinct from later.activity_count
        or earlier.net_revenue is distinct from later.net_revenue
        or earlier.merged_into is distinct from later.merged_into

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
        profile_id,
        from_last_activity_date,
        to_last_activity_date,
        from_activity_count,
        to_activity_count,
        from_net_revenue,
        to_net_revenue,
        from_merged_into,
        to_merged_into,
        changed_on,
        previous_observed_on,
        observation_key,
        change_month
    from kept

    union all

    select
        differences.profile_id,
        differences.from_last_activity_date,
        differences.to_last_activity_date,
        differences.from_activity_count,
        differences.to_activity_count,
        differences.from_net_revenue,
        differences.to_net_revenue,
        differences.from_merged_into,
        differences.to_merged_into,
        comparisons.changed_on,
        comparisons.previous_observed_on,
        cast(null as string) as observation_key,
        comparisons.change_month
    from differences
    inner join comparisons
        on differences.changed_on = comparisons.changed_on

    union all

    select
        cast(null as string) as profile_id,
        cast(null as date) as from_last_activity_date,
        cast(null as date) as to_last_activity_date,
        cast(null as bigint) as from_activity_count,
        cast(null as bigint) as to_activity_count,
        cast(null as decimal(18, 4)) as from_net_revenue,
        cast(null as decimal(18, 4)) as to_net_revenue,
        cast(null as string) as from_merged_into,
        cast(null as string) as to_merged_into,
        changed_on,
        previous_observed_on,
        observation_key,
        change_month
    from day_rows

)

select * from final
