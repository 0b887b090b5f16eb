with

as_of as (

    select * from {{ ref('as_of') }}

),

changes as {{ read_anew() }} (

    select * from {{ ref('segment_change_log') }}
    where
        profile_id is not null
        and cause <> 'first_observation'
        and changed_on <= {{ as_of_date() }}

),

stays as (

    select
        changes.*,
        lead(changed_on) over (partition by profile_id, segment_type order by changed_on)
            as left_on
    from changes

),

-- Only who moved on soon can have come back soon: few rows, where all would be a sort of the log.
short_stays as (

    select * from stays
    where left_on < {{ add_days('changed_on', var('min_dwell_days')) }}

),

returns as (

    select
        short_stays.profile_id,
        short_stays.segment_type,
        short_stays.changed_on,
        min(changes.changed_on) as returned_on
    from short_stays
    inner join changes
        on short_stays.profile_id = changes.profile_id
        and short_stays.segment_type = changes.segment_type
        and short_stays.from_segment = changes.to_segment
        and short_stays.changed_on < changes.changed_on
    group by short_stays.profile_id, short_stays.segment_type, short_stays.changed_on

),

dwells as (

    select
        stays.*,
        {{ add_days('stays.changed_on', var('min_dwell_days')) }} as dwelt_on,
        returns.returned_on
    from stays
    left join returns
        on stays.profile_id = returns.profile_id
        and stays.segment_type = returns.segment_type
        and stays.changed_on = returns.changed_on

),

due_days as (

    select
        dwells.*,
        case
            when to_segment is not null and (left_on is null or left_on >= dwelt_on)
                then dwelt_on
        end as entry_due_on,
        case
            when from_segment is not null and (returned_on is null or returned_on >= dwelt_on)
                then dwelt_on
        end as exit_due_on
    from dwells

),

final as (

    select
        due_days.profile_id,
        as_of.as_of_date,
        due_days.segment_type,
        due_days.from_segment,
        due_days.to_segment,
        due_days.changed_on,
        due_days.previous_observed_on,
        due_days.cause,
        due_days.merged_into,
        due_days.left_on,
        due_days.entry_due_on,
        coalesce(due_days.entry_due_on <= as_of.as_of_date, false) as is_entry_due,
        due_days.exit_due_on,
        coalesce(due_days.exit_due_on <= as_of.as_of_date, false) as is_exit_due
    from due_days
    cross join as_of

)

select * from final
