{#- Microseconds from 1970 to a UTC timestamp: the difference of two is exact on every engine. -#}
{% macro epoch_microseconds(instant) -%}
    {{ return(adapter.dispatch('epoch_microseconds')(instant)) }}
{%- endmacro %}

{% macro duckdb__epoch_microseconds(instant) -%}
    epoch_us({{ instant }})
{%- endmacro %}
