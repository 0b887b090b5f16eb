with

anchors as (

    select * from {{ ref('int_anchors') }}

),

order_states as (

    select * from {{ ref('int_order_states') }}
    where anonymous_id is not null

),

links as (

    select * from {{ ref('int_identity_link_months') }}
    where known_kind is not null

),

seen_devices as (

    select * from {{ ref('int_seen_identifiers') }}
    where identifier_kind = 'anonymous'

),

known_profiles as (

    select * from {{ ref('int_known_profiles') }}

),

-- With the customer or address it was seen with, if any.
sightings as (

    select
        anchor_role,
        source_system,
        anonymous_id,
        {{ identifier_columns() }}
    from order_states

    union all

    select
        anchors.anchor_role,
        links.anonymous_source as source_system,
        links.anonymous_value as anonymous_id,
        links.known_kind as identifier_kind,
        links.known_source as identifier_source,
        links.known_value as identifier_value
    from links
    inner join anchors
        on links.first_seen_at < anchors.anchor_ends_at

    union all

    select
        anchors.anchor_role,
        seen_devices.identifier_source as source_system,
        seen_devices.identifier_value as anonymous_id,
        cast(null as {{ dbt.type_string() }}) as identifier_kind,
        cast(null as {{ dbt.type_string() }}) as identifier_source,
        cast(null as {{ dbt.type_string() }}) as identifier_value
    from seen_devices
    inner join anchors
        on seen_devices.first_seen_date <= anchors.anchor_date

),

people as (

    select
        sightings.anchor_role,
        sightings.source_system,
        sightings.anonymous_id,
        min(known_profiles.profile_id) as first_profile_id,
        max(known_profiles.profile_id) as last_profile_id,
        min(known_profiles.profile_kind) as seen_profile_kind
    from sightings
    left join known_profiles
        on sightings.anchor_role = known_profiles.anchor_role
        and sightings.identifier_kind = known_profiles.identifier_kind
        and sightings.identifier_source = known_profiles.identifier_source
        and sightings.identifier_value = known_profiles.identifier_value
    group by sightings.anchor_role, sightings.source_system, sightings.anonymous_id

),

owners as (

    select
        anchor_role,
        source_system,
        anonymous_id,
        {{ profile_id('anonymous', ['source_system', 'anonymous_id']) }} as own_profile_id,
        case when first_profile_id = last_profile_id then first_profile_id end as seen_profile_id,
        seen_profile_kind,
        coalesce(first_profile_id <> last_profile_id, false) as is_shared
    from people

),

device_counts as (

    select
        anchor_role,
        seen_profile_id,
        count(*) as device_count
    from owners
    where seen_profile_id is not null
    group by anchor_role, seen_profile_id

),

limited as (

    select
        owners.*,
        coalesce(device_counts.device_count > {{ var('max_devices_per_profile') }}, false)
            as is_over_limit
    from owners
    left join device_counts
        on owners.anchor_role = device_counts.anchor_role
        and owners.seen_profile_id = device_counts.seen_profile_id

),

final as (

    select
        anchor_role,
        source_system,
        anonymous_id,
        own_profile_id,
        seen_profile_id,
        case
            when is_shared then null
            when seen_profile_id is null or is_over_limit then own_profile_id
            else seen_profile_id
        end as profile_id,
        case
            when is_shared then null
            when seen_profile_id is null or is_over_limit then 'anonymous'
            else seen_profile_kind
        end as profile_kind,
        is_shared,
        is_over_limit
    from limited

)

select * from final
