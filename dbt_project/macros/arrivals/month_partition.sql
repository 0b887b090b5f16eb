{#- The partition of an arrival table, where the engine has partitions; DuckDB has none. -#}
{% macro month_partition(month_column) -%}
    {{ return(adapter.dispatch('month_partition')(month_column)) }}
{%- endmacro %}

{% macro duckdb__month_partition(month_column) -%}
    {{ return(none) }}
{%- endmacro %}

{% macro spark__month_partition(month_column) -%}
    {{ return(month_column) }}
{%- endmacro %}

{% macro snowflake__month_partition(month_column) -%}
    {{ return(none) }}
{%- endmacro %}

{% macro bigquery__month_partition(month_column) -%}
    {{ return({'field': month_column, 'data_type': 'date'}) }}
{%- endmacro %}
