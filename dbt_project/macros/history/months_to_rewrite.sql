{#- Months of the days in `comparisons`, and of logged days that are no longer among `days`. -#}
{% macro months_to_rewrite() -%}
    select
        months.change_month,
        max(days.change_month) is null as is_emptied
    from (
        select change_month from comparisons
        union all
        select change_month from logged_days
        where changed_on not in (select as_of_date from days)
    ) as months
    left join days
        on months.change_month = days.change_month
    group by months.change_month
{%- endmacro %}
