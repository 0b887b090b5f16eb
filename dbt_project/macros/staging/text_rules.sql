{#- Reasons to reject a row for a text that must be there. -#}
{% macro text_rules(column, reason) -%}
    {{ return([[column, reason, column ~ ' is null']]) }}
{%- endmacro %}
