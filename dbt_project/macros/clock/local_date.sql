{#- The calendar day in the shop's zone on which a UTC instant falls. -#}
{% macro local_date(instant) -%}
    {{ return(adapter.dispatch('local_date')(instant)) }}
{%- endmacro %}

{% macro duckdb__local_date(instant) -%}
    cast(
        timezone('{{ var("business_timezone") }}', timezone('UTC', {{ instant }})) as date
    )
{%- endmacro %}
