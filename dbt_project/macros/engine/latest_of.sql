{#- The value of the row with the largest day, null if that row has none. An aggregate. -#}
{% macro latest_of(value, day) -%}
    {{ return(adapter.dispatch('latest_of')(value, day)) }}
{%- endmacro %}

{% macro duckdb__latest_of(value, day) -%}
    arg_max_null({{ value }}, {{ day }})
{%- endmacro %}

{% macro spark__latest_of(value, day) -%}
    max_by({{ value }}, {{ day }})
{%- endmacro %}

{% macro snowflake__latest_of(value, day) -%}
    max_by({{ value }}, {{ day }})
{%- endmacro %}

{#- Its max_by is an any_value, which passes over nulls. -#}
{% macro bigquery__latest_of(value, day) -%}
    array_agg({{ value }} order by {{ day }} desc limit 1)[safe_offset(0)]
{%- endmacro %}
