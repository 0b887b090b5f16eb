with

profiles as (

    select * from {{ ref('int_profiles') }}

),

measures as (

    select * from {{ ref('int_usage_measures') }}
    where anchor_role = 'as_of'

),

cut_points as (

    select * from {{ ref('int_usage_cut_points') }}

),

basis as (

    select * from {{ ref('int_usage_basis') }}

),

-- The best band whose cut point is reached.
bands as (

    select
        measures.profile_id,
        cut_points.band_code,
        row_number() over (
            partition by measures.profile_id order by cut_points.band_rank
        ) as band_choice
    from measures
    inner join cut_points
        on measures.usage_value >= cut_points.cut_point
    where cut_points.profile_count >= {{ var('usage_min_profiles') }}

),

cut_days as (

    select
        cut_points_as_of,
        cut_points_date
    from cut_points
    where band_rank = 1

),

final as (

    select
        profiles.profile_id,
        case
            when basis.usage_basis is null then 'insufficient_data'
            when measures.profile_id is null then 'none'
            else coalesce(bands.band_code, 'insufficient_data')
        end as usage_segment,
        basis.usage_basis,
        case
            when basis.usage_basis is not null
                then cast(coalesce(measures.usage_value, 0) as decimal(18, 4))
        end as usage_value,
        cut_days.cut_points_as_of,
        cut_days.cut_points_date
    from profiles
    cross join basis
    cross join cut_days
    left join measures
        on profiles.profile_id = measures.profile_id
    left join bands
        on profiles.profile_id = bands.profile_id
        and bands.band_choice = 1

)

select * from final
