{#- The day of the week of a date or timestamp: 1 is Monday, 7 is Sunday. -#}
{% macro iso_weekday(day) -%}
    {{ return(adapter.dispatch('iso_weekday')(day)) }}
{%- endmacro %}

{% macro duckdb__iso_weekday(day) -%}
    isodow({{ day }})
{%- endmacro %}

{#- Spark counts from 0, Monday. -#}
{% macro spark__iso_weekday(day) -%}
    cast(weekday({{ day }}) + 1 as bigint)
{%- endmacro %}

{% macro snowflake__iso_weekday(day) -%}
    dayofweekiso({{ day }})
{%- endmacro %}

{#- BigQuery counts from 1, Sunday. -#}
{% macro bigquery__iso_weekday(day) -%}
    mod(extract(dayofweek from {{ day }}) + 5, 7) + 1
{%- endmacro %}
