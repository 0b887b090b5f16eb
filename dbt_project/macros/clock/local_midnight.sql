{#- 00:00 of a day in the shop's zone as a UTC instant; where 00:00 is skipped, the day's start. -#}
{% macro local_midnight(day) -%}
    {{ return(adapter.dispatch('local_midnight')(day)) }}
{%- endmacro %}

{% macro duckdb__local_midnight(day) -%}
    timezone(
        'UTC', timezone('{{ var("business_timezone") }}', cast({{ day }} as timestamp))
    )
{%- endmacro %}
