{%- set components = [
    'tenure', 'frequency', 'regularity', 'active_months', 'brand_interaction', 'content',
    'advocacy',
] -%}
with

measures as (

    select * from {{ ref('int_loyalty_measures') }}

),

cutoffs as (

    select
        component,
        points,
        lower_bound,
        lead(lower_bound) over (partition by component order by lower_bound) as upper_bound
    from {{ ref('loyalty_cutoffs') }}

),

component_points as (

    select
        measures.profile_id,
        measures.days_back,
        measures.component,
        measures.measure_value,
        cutoffs.points
    from measures
    inner join cutoffs
        on measures.component = cutoffs.component
        and measures.measure_value >= cutoffs.lower_bound
        and (cutoffs.upper_bound is null or measures.measure_value < cutoffs.upper_bound)

),

final as (

    select
        profile_id,
        days_back
        {%- for component in components %},
        max(case when component = '{{ component }}' then measure_value end)
            as {{ component }}_measure,
        coalesce(max(case when component = '{{ component }}' then points end), 0)
            as {{ component }}_points
        {%- endfor %}
    from component_points
    group by profile_id, days_back

)

select * from final
