{{ config(meta={'dagster': {'ref': {'name': 'segment_change_log'}}}) }}

-- Returns segments whose people are not those who came less those who went.
with

changes as (

    select * from {{ ref('segment_change_log') }}
    where profile_id is not null and changed_on <= {{ as_of_date() }}

),

memberships as (

    select
        memberships.segment_type,
        memberships.segment_code
    from {{ ref('segment_memberships') }} as memberships
    inner join {{ ref('segment_types') }} as segment_types
        on memberships.segment_type = segment_types.segment_type
    where segment_types.is_exclusive

),

counted as (

    select
        segment_type,
        to_segment as segment_code,
        count(*) as people
    from changes
    where to_segment is not null
    group by segment_type, to_segment

    union all

    select
        segment_type,
        from_segment as segment_code,
        -count(*) as people
    from changes
    where from_segment is not null
    group by segment_type, from_segment

    union all

    select
        segment_type,
        segment_code,
        -count(*) as people
    from memberships
    group by segment_type, segment_code

)

select
    segment_type,
    segment_code,
    sum(people) as people_too_many
from counted
group by segment_type, segment_code
having sum(people) <> 0
