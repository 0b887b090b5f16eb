{#- The partition of an arrival table, where the engine has partitions; DuckDB has none. -#}
{% macro month_partition(month_column) -%}
    {{ return(adapter.dispatch('month_partition')(month_column)) }}
{%- endmacro %}

{% macro duckdb__month_partition(month_column) -%}
    {{ return(none) }}
{%- endmacro %}
