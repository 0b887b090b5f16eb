{#- Microseconds from 1970 to a UTC timestamp: the difference of two is exact on every engine. -#}
{% macro epoch_microseconds(instant) -%}
    {{ return(adapter.dispatch('epoch_microseconds')(instant)) }}
{%- endmacro %}

{% macro duckdb__epoch_microseconds(instant) -%}
    epoch_us({{ instant }})
{%- endmacro %}

{% macro spark__epoch_microseconds(instant) -%}
    unix_micros({{ instant }})
{%- endmacro %}

{% macro snowflake__epoch_microseconds(instant) -%}
    date_part(epoch_microsecond, {{ instant }})
{%- endmacro %}

{% macro bigquery__epoch_microseconds(instant) -%}
    unix_micros({{ instant }})
{%- endmacro %}
