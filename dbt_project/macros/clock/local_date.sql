{#- The calendar day in the shop's zone on which a UTC instant falls. -#}
{% macro local_date(instant) -%}
    {{ return(adapter.dispatch('local_date')(instant)) }}
{%- endmacro %}

{% macro duckdb__local_date(instant) -%}
    cast(
        timezone('{{ var("business_timezone") }}', timezone('UTC', {{ instant }})) as date
    )
{%- endmacro %}

{% macro spark__local_date(instant) -%}
    cast(from_utc_timestamp({{ instant }}, '{{ var("business_timezone") }}') as date)
{%- endmacro %}

{% macro snowflake__local_date(instant) -%}
    cast(convert_timezone('UTC', '{{ var("business_timezone") }}', {{ instant }}) as date)
{%- endmacro %}

{% macro bigquery__local_date(instant) -%}
    date({{ instant }}, '{{ var("business_timezone") }}')
{%- endmacro %}
