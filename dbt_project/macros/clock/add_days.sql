{#- A day some days later. Engines give a timestamp for date + interval: this stays a date. -#}
{% macro add_days(day, number_of_days) -%}
    cast({{ dbt.dateadd('day', number_of_days, day) }} as date)
{%- endmacro %}
