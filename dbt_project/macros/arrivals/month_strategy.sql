{#- How an engine writes whole months over: what the model emits takes the place of its months. -#}
{% macro month_strategy() -%}
    {{ return(adapter.dispatch('month_strategy')()) }}
{%- endmacro %}

{% macro duckdb__month_strategy() -%}
    {{ return('delete+insert') }}
{%- endmacro %}
