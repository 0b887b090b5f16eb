-- Returns a measure that is not cut by one method into five scores, best score at the best end, or
-- whose quantiles do not begin at 0.
with

cutoffs as (

    select * from {{ ref('rfm_cutoffs') }}

),

ordered as (

    select
        measure,
        method,
        lower_bound,
        case
            when measure = 'recency' then 6 - score
            else score
        end as expected_position,
        row_number() over (partition by measure order by lower_bound) as found_position
    from cutoffs

)

select measure
from ordered
group by measure
having
    count(*) <> 5
    or min(method) <> max(method)
    or (min(method) = 'quantile' and min(lower_bound) <> 0)
    or max(case when expected_position <> found_position then 1 else 0 end) = 1
