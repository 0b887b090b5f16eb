{#- The cut-point day is left out where cut points are taken from the as-of day itself. -#}
with

as_of as (

    select * from {{ ref('as_of') }}

),

anchor_days as (

    select
        'as_of' as anchor_role,
        as_of_date as anchor_date
    from as_of
    {%- if var('rfm_cut_points') == 'quarter_start' %}

    union all

    select
        'cut_points' as anchor_role,
        cast({{ dbt.date_trunc('quarter', 'as_of_date') }} as date) as anchor_date
    from as_of
    {%- endif %}

),

final as (

    select
        anchor_role,
        anchor_date,
        {{ end_of_local_day('anchor_date') }} as anchor_ends_at
    from anchor_days

)

select * from final
