{#-
    The UTC instant at which a day begins in the shop's zone: 00:00, or the first instant after it
    where 00:00 is skipped, or the earlier 00:00 where clocks go back over midnight.
-#}
{% macro local_midnight(day) -%}
    {{ return(adapter.dispatch('local_midnight')(day)) }}
{%- endmacro %}

{#- Of two midnights DuckDB gives the later one: an hour before it is of the same day already. -#}
{% macro duckdb__local_midnight(day) -%}
    {%- set midnight -%}
        timezone('UTC', timezone('{{ var("business_timezone") }}', cast({{ day }} as timestamp)))
    {%- endset -%}
    {%- set hour_before = dbt.dateadd('hour', -1, midnight) -%}
    case
        when {{ local_date(hour_before) }} = {{ day }} then {{ hour_before }}
        else {{ midnight }}
    end
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
