{#- A page's path without query string and fragment, which may hold anything about a person. -#}
{% macro without_query(column) -%}
    {%- set path = dbt.split_part(dbt.split_part(column, "'?'", 1), "'#'", 1) -%}
    {{ clean_text(path) }}
{%- endmacro %}
