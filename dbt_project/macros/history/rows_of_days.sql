{#-
    A day's own row for each day that is compared. A month of which nothing is left gets a row of
    nulls, or its former rows would stay.
-#}
{% macro rows_of_days() -%}
    select
        changed_on,
        previous_observed_on,
        observation_key,
        change_month
    from comparisons

    union all

    select
        cast(null as date) as changed_on,
        cast(null as date) as previous_observed_on,
        cast(null as string) as observation_key,
        change_month
    from rewritten_months
    where is_emptied
{%- endmacro %}
