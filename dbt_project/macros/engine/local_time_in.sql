{#- A UTC instant as the wall clock of a known time zone shows it. -#}
{% macro local_time_in(instant, time_zone) -%}
    {{ return(adapter.dispatch('local_time_in')(instant, time_zone)) }}
{%- endmacro %}

{% macro duckdb__local_time_in(instant, time_zone) -%}
    timezone({{ time_zone }}, timezone('UTC', {{ instant }}))
{%- endmacro %}
