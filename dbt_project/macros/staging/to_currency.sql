{#- A currency code, as the contract writes it: upper case, without blanks at the ends. -#}
{% macro to_currency(column) -%}
    upper({{ clean_text(column) }})
{%- endmacro %}
