with

anchors as (

    select * from {{ ref('int_anchors') }}

),

-- Who bought nothing in the window says nothing about where its fifths lie.
measures as (

    select * from {{ ref('int_rfm_measures') }}
    where is_in_window

),

cutoffs as (

    select * from {{ ref('rfm_cutoffs') }}

),

populations as (

    select
        anchors.anchor_role,
        anchors.anchor_date,
        count(measures.profile_id) as customer_count,
        row_number() over (
            order by
                case
                    when
                        anchors.anchor_role = 'cut_points'
                        and count(measures.profile_id) >= {{ var('rfm_min_customers') }}
                        then 0
                    when anchors.anchor_role = 'as_of' then 1
                    else 2
                end
        ) as preference
    from anchors
    left join measures
        on anchors.anchor_role = measures.anchor_role
        and measures.measure = 'recency'
    group by anchors.anchor_role, anchors.anchor_date

),

cumulated as (

    select
        measures.measure,
        measures.measure_value,
        sum(count(*)) over (
            partition by measures.measure order by measures.measure_value
        ) as customers_up_to_value,
        min(measures.measure_value) over (partition by measures.measure)
        = max(measures.measure_value) over (partition by measures.measure) as is_alike
    from measures
    inner join populations
        on measures.anchor_role = populations.anchor_role
        and populations.preference = 1
    group by measures.measure, measures.measure_value

),

-- The discrete percentile, counted: the smallest value that the share of all customers reaches.
-- percentile_disc takes no share from a table, and a share of 0 leaves the lowest band open.
final as (

    select
        cutoffs.measure,
        cutoffs.score,
        cutoffs.method,
        cutoffs.lower_bound as cutoff,
        case
            when cutoffs.method = 'absolute' then cutoffs.lower_bound
            when cutoffs.lower_bound > 0 then min(cumulated.measure_value)
        end as cut_point,
        cutoffs.method = 'quantile'
        and coalesce({{ dbt.bool_or('cumulated.is_alike') }}, false) as is_alike,
        populations.customer_count,
        case
            when populations.anchor_role = 'as_of' then 'as_of_date' else 'quarter_start'
        end as cut_points_as_of,
        populations.anchor_date as cut_points_date
    from cutoffs
    inner join populations
        on populations.preference = 1
    left join cumulated
        on cutoffs.measure = cumulated.measure
        and cumulated.customers_up_to_value >= cutoffs.lower_bound * populations.customer_count
    group by
        cutoffs.measure,
        cutoffs.score,
        cutoffs.method,
        cutoffs.lower_bound,
        populations.anchor_role,
        populations.anchor_date,
        populations.customer_count

)

select * from final
