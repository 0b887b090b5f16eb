{#- Logged rows of the months that are rewritten, of days whose comparison stays as it was. -#}
{% macro rows_of_other_days() -%}
    select logged.*
    from logged
    inner join rewritten_months
        on logged.change_month = rewritten_months.change_month
    inner join days
        on logged.changed_on = days.as_of_date
    left join comparisons
        on logged.changed_on = comparisons.changed_on
    where comparisons.changed_on is null
{%- endmacro %}
