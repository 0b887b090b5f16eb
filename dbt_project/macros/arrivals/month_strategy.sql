{#- How an engine writes whole months over: what the model emits takes the place of its months. -#}
{% macro month_strategy() -%}
    {{ return(adapter.dispatch('month_strategy')()) }}
{%- endmacro %}

{% macro duckdb__month_strategy() -%}
    {{ return('delete+insert') }}
{%- endmacro %}

{#- Spark can't delete rows of a Parquet table, but write whole partitions over. -#}
{% macro spark__month_strategy() -%}
    {{ return('insert_overwrite') }}
{%- endmacro %}

{% macro snowflake__month_strategy() -%}
    {{ return('delete+insert') }}
{%- endmacro %}

{% macro bigquery__month_strategy() -%}
    {{ return('insert_overwrite') }}
{%- endmacro %}
