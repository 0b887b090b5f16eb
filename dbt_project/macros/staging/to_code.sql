{#- A code word, as the contract writes it: lower case, without blanks at the ends. -#}
{% macro to_code(column) -%}
    lower({{ clean_text(column) }})
{%- endmacro %}
