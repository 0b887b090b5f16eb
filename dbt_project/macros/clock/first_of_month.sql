{#- The first day of the month that a day, or a day some months away from it, lies in. -#}
{% macro first_of_month(day, months_later=0) -%}
    {%- set month = dbt.date_trunc('month', day) -%}
    {%- if months_later == 0 -%}
    cast({{ month }} as date)
    {%- else -%}
    cast({{ dbt.dateadd('month', months_later, month) }} as date)
    {%- endif -%}
{%- endmacro %}
