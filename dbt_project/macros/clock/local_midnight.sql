{#-
    The UTC instant at which a day begins in the shop's zone: 00:00, or the first instant after it
    where 00:00 is skipped, or the earlier 00:00 where clocks go back over midnight.
-#}
{% macro local_midnight(day) -%}
    {{ return(adapter.dispatch('local_midnight')(day)) }}
{%- endmacro %}

{#- Of two midnights DuckDB gives the later one: the day began up to three hours before it. -#}
{% macro duckdb__local_midnight(day) -%}
    {%- set midnight -%}
        timezone('UTC', timezone('{{ var("business_timezone") }}', cast({{ day }} as timestamp)))
    {%- endset -%}
    case
        {%- for hours in [3, 2, 1] %}
        {%- set earlier = 'cast(' ~ dbt.dateadd('hour', -hours, midnight) ~ ' as timestamp)' %}
        when {{ local_date(earlier) }} >= {{ day }} then {{ earlier }}
        {%- endfor %}
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
