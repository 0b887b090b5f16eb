{{ config(meta={'dagster': {'ref': {'name': 'segment_memberships'}}}) }}

-- Returns a profile that has no segment of an exclusive type, or more than one.
select
    profiles.profile_id,
    segment_types.segment_type,
    count(memberships.profile_id) as segment_count
from {{ ref('int_profiles') }} as profiles
cross join {{ ref('segment_types') }} as segment_types
left join {{ ref('segment_memberships') }} as memberships
    on profiles.profile_id = memberships.profile_id
    and segment_types.segment_type = memberships.segment_type
where segment_types.is_exclusive
group by profiles.profile_id, segment_types.segment_type
having count(memberships.profile_id) <> 1
