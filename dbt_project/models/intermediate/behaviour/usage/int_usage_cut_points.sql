with

anchors as (

    select * from {{ ref('int_anchors') }}

),

measures as (

    select * from {{ ref('int_usage_measures') }}

),

bands as (

    select
        band_code,
        lower_bound,
        lead(lower_bound) over (order by lower_bound) as upper_bound,
        row_number() over (order by lower_bound) as band_rank
    from {{ ref('usage_bands') }}

),

populations as (

    select
        anchors.anchor_role,
        anchors.anchor_date,
        count(measures.profile_id) as profile_count,
        coalesce(min(measures.usage_value) = max(measures.usage_value), false) as is_alike,
        row_number() over (
            order by
                case
                    when
                        anchors.anchor_role = 'cut_points'
                        and count(measures.profile_id) >= {{ var('usage_min_profiles') }}
                        then 0
                    when anchors.anchor_role = 'as_of' then 1
                    else 2
                end
        ) as preference
    from anchors
    left join measures
        on anchors.anchor_role = measures.anchor_role
    group by anchors.anchor_role, anchors.anchor_date

),

-- How many are more active: equal value, equal band.
ranked as (

    select
        measures.usage_value,
        rank() over (order by measures.usage_value desc) - 1 as higher_count
    from measures
    inner join populations
        on measures.anchor_role = populations.anchor_role
        and populations.preference = 1

),

-- The least value of a band: of those with it, few enough are more active. The last band takes
-- the rest. Where all are alike there is nothing to cut, and the middle takes every value.
final as (

    select
        bands.band_code,
        bands.band_rank,
        case
            when populations.is_alike then case when bands.band_code = 'medium' then 0 end
            when bands.upper_bound is null then 0
            else min(ranked.usage_value)
        end as cut_point,
        populations.profile_count,
        populations.is_alike,
        case
            when populations.anchor_role = 'as_of' then 'as_of_date' else 'quarter_start'
        end as cut_points_as_of,
        populations.anchor_date as cut_points_date
    from bands
    inner join populations
        on populations.preference = 1
    left join ranked
        on ranked.higher_count < bands.upper_bound * populations.profile_count
    group by
        bands.band_code,
        bands.band_rank,
        bands.upper_bound,
        populations.anchor_role,
        populations.anchor_date,
        populations.profile_count,
        populations.is_alike

)

select * from final
