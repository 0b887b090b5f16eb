{#- 00:00 of a day in the shop's zone as a UTC instant; where 00:00 is skipped, the day's start. -#}
{% macro local_midnight(day) -%}
    {{ return(adapter.dispatch('local_midnight')(day)) }}
{%- endmacro %}

{% macro duckdb__local_midnight(day) -%}
    timezone(
        'UTC', timezone('{{ var("business_timezone") }}', cast({{ day }} as timestamp))
    )
{%- endmacro %}

{% macro spark__local_midnight(day) -%}
    to_utc_timestamp(cast({{ day }} as timestamp), '{{ var("business_timezone") }}')
{%- endmacro %}

{% macro snowflake__local_midnight(day) -%}
    convert_timezone(
        '{{ var("business_timezone") }}', 'UTC', cast({{ day }} as timestamp_ntz)
    )
{%- endmacro %}

{% macro bigquery__local_midnight(day) -%}
    timestamp({{ day }}, '{{ var("business_timezone") }}')
{%- endmacro %}
