with

cut_points as (

    select * from {{ ref('int_rfm_cut_points') }}

),

bands as (

    select
        cut_points.*,
        case
            when row_number() over (partition by measure order by cutoff) > 1 then cut_point
        end as lower_cut,
        lead(cut_point) over (partition by measure order by cutoff) as upper_cut
    from cut_points

),

-- Where all customers are alike there is nothing to cut: the middle score takes every value.
final as (

    select
        measure,
        score,
        method,
        case when not is_alike then lower_cut end as lower_bound,
        case when not is_alike then upper_cut end as upper_bound,
        method = 'absolute' as includes_lower_bound,
        case
            when method = 'absolute' then true
            when is_alike then score = 3
            else customer_count > 0 and coalesce(lower_cut < upper_cut, true)
        end as is_reachable,
        customer_count,
        cut_points_as_of,
        cut_points_date
    from bands

)

select * from final
