with

bands as (

    select * from {{ ref('int_rfm_bands') }}

),

worded as (

    select
        bands.*,
        case
            when measure = 'monetary' then cast(cast(lower_bound as decimal(18, 2)) as string)
            else cast(cast(lower_bound as bigint) as string)
        end as lower_text,
        case
            when measure = 'monetary' then cast(cast(upper_bound as decimal(18, 2)) as string)
            else cast(cast(upper_bound as bigint) as string)
        end as upper_text,
        case when includes_lower_bound then '≥ ' else '> ' end as lower_sign,
        case when includes_lower_bound then '< ' else '≤ ' end as upper_sign,
        case
            when measure = 'recency' then ' days'
            when measure = 'frequency' then ' orders'
            else ' {{ var("shop_currency") }}'
        end as unit
    from bands

),

final as (

    select
        measure,
        score,
        {{ as_of_date() }} as as_of_date,
        method,
        lower_bound,
        upper_bound,
        includes_lower_bound,
        is_reachable,
        case
            when not is_reachable then 'no value'
            when lower_bound is null and upper_bound is null then 'any value'
            when lower_bound is null then upper_sign || upper_text || unit
            when upper_bound is null then lower_sign || lower_text || unit
            else lower_sign || lower_text || ' and ' || upper_sign || upper_text || unit
        end as threshold,
        customer_count,
        cut_points_as_of,
        cut_points_date
    from worded

)

select * from final
