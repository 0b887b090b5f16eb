{#-
    Stands between `as` and the brackets of a CTE that holds a large table and is used more than
    once: it is read each time, by what is needed. DuckDB would first write all of it to memory.
-#}
{% macro read_anew() -%}
    {{ return(adapter.dispatch('read_anew')()) }}
{%- endmacro %}

{% macro default__read_anew() -%}
    {{ return('') }}
{%- endmacro %}

{% macro duckdb__read_anew() -%}
    {{ return('not materialized') }}
{%- endmacro %}
