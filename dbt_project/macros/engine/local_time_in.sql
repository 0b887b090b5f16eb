{#- A UTC instant as the wall clock of a known time zone shows it. -#}
{% macro local_time_in(instant, time_zone) -%}
    {{ return(adapter.dispatch('local_time_in')(instant, time_zone)) }}
{%- endmacro %}

{% macro duckdb__local_time_in(instant, time_zone) -%}
    timezone({{ time_zone }}, timezone('UTC', {{ instant }}))
{%- endmacro %}

{% macro spark__local_time_in(instant, time_zone) -%}
    from_utc_timestamp({{ instant }}, {{ time_zone }})
{%- endmacro %}

{% macro snowflake__local_time_in(instant, time_zone) -%}
    convert_timezone('UTC', {{ time_zone }}, {{ instant }})
{%- endmacro %}

{% macro bigquery__local_time_in(instant, time_zone) -%}
    datetime({{ instant }}, {{ time_zone }})
{%- endmacro %}
