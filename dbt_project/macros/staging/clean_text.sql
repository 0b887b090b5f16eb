{#- Without blanks at the ends; an empty text is no text. -#}
{% macro clean_text(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}
