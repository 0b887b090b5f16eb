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

memberships as {{ read_anew() }} (

    select * from {{ ref('segment_memberships') }}

),

segment_types as (

    select * from {{ ref('segment_types') }}

),

profile_changes as {{ read_anew() }} (

    select * from {{ ref('profile_activity_log') }}
    where profile_id is not null

),

logged as {{ read_anew() }} (

    {{ rows_so_far({
        'profile_id': 'string',
        'segment_type': 'string',
        'from_segment': 'string',
        'to_segment': 'string',
        'changed_on': 'date',
        'previous_observed_on': 'date',
        'cause': 'string',
        'merged_into': 'string',
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

exclusive_segments as {{ read_anew() }} (

    select
        memberships.as_of_date,
        memberships.profile_id,
        memberships.segment_type,
        memberships.segment_code as segment
    from memberships
    inner join segment_types
        on memberships.segment_type = segment_types.segment_type
    where segment_types.is_exclusive

),

earlier as (

    {{ states_on(
        'previous_observed_on',
        keys=['profile_id', 'segment_type'],
        values=['segment'],
        current='exclusive_segments'
    ) }}

),

later as (

    {{ states_on(
        'changed_on',
        keys=['profile_id', 'segment_type'],
        values=['segment'],
        current='exclusive_segments'
    ) }}

),

differences as (

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
    where earlier.segment is distinct from later.segment

),

-- What differs between the two days beside the data.
circumstances as (

    select
        comparisons.changed_on,
        comparisons.previous_observed_on,
        comparisons.change_month,
        days.definition_hash is distinct from previous_days.definition_hash
            as is_other_definition,
        days.cut_points_date is distinct from previous_days.cut_points_date
            as has_other_cut_points
    from comparisons
    inner join days
        on comparisons.changed_on = days.as_of_date
    left join days as previous_days
        on comparisons.previous_observed_on = previous_days.as_of_date

),

link_changes as (

    select * from profile_changes
    where from_merged_into is distinct from to_merged_into

),

link_ends as (

    select changed_on, profile_id
    from link_changes

    union all

    select changed_on, from_merged_into as profile_id
    from link_changes

    union all

    select changed_on, to_merged_into as profile_id
    from link_changes

),

-- Profiles that an identity was joined to or parted from.
relinked as (

    select
        changed_on,
        profile_id
    from link_ends
    group by changed_on, profile_id

),

-- From what is logged of both days alone, so that it doesn't matter when they were observed.
caused as (

    select
        differences.*,
        circumstances.previous_observed_on,
        circumstances.change_month,
        case
            when circumstances.previous_observed_on is null then 'first_observation'
            when circumstances.is_other_definition then 'definition'
            when differences.to_segment is null and profile_changes.to_merged_into is not null
                then 'merge'
            when profile_changes.to_last_activity_date > circumstances.previous_observed_on
                then 'behaviour'
            when relinked.profile_id is not null then 'merge'
            when profile_changes.profile_id is not null then 'late_data'
            when circumstances.has_other_cut_points and segment_types.is_cut_at_quantiles
                then 'cutoff'
            else 'time'
        end as cause,
        case when differences.to_segment is null then profile_changes.to_merged_into end
            as merged_into
    from differences
    inner join circumstances
        on differences.changed_on = circumstances.changed_on
    left join profile_changes
        on differences.changed_on = profile_changes.changed_on
        and differences.profile_id = profile_changes.profile_id
    left join relinked
        on differences.changed_on = relinked.changed_on
        and differences.profile_id = relinked.profile_id
    left join segment_types
        on differences.segment_type = segment_types.segment_type

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
        segment_type,
        from_segment,
        to_segment,
        changed_on,
        previous_observed_on,
        cause,
        merged_into,
        observation_key,
        change_month
    from kept

    union all

    select
        profile_id,
        segment_type,
        from_segment,
        to_segment,
        changed_on,
        previous_observed_on,
        cause,
        merged_into,
        cast(null as string) as observation_key,
        change_month
    from caused

    union all

    select
        cast(null as string) as profile_id,
        cast(null as string) as segment_type,
        cast(null as string) as from_segment,
        cast(null as string) as to_segment,
        changed_on,
        previous_observed_on,
        cast(null as string) as cause,
        cast(null as string) as merged_into,
        observation_key,
        change_month
    from day_rows

)

select * from final
